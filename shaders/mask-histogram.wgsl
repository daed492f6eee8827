// Histogram of |w| over the active entries of each group, from 0 to the group's largest, BINS bins of one width. One
// workgroup counts one tile in its own memory and adds what it found.
//!include "lib/mask.wgsl"
struct Sizes {
  groups: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(4) var<storage, read> moments: array<f32>; // [groups, 4], the last one is the largest
@group(0) @binding(5) var<storage, read_write> bins: array<atomic<u32>>; // [groups, BINS]

override BINS = 64u; // at most LANES
var<workgroup> found: array<atomic<u32>, LANES>;

@compute @workgroup_size(LANES)
fn begin(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < sizes.groups * BINS) { atomicStore(&bins[id.x], 0u); }
}

@compute @workgroup_size(LANES)
fn count(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  atomicStore(&found[lane], 0u);
  workgroupBarrier();
  let tile = tile_of(group);
  let most = moments[4u * tile.group + 3u];
  let per_unit = select(0.0, f32(BINS) / most, most > 0.0);
  for (var i = tile.first + lane; i < tile.last; i += LANES) {
    if (!alive(age[i])) { continue; }
    atomicAdd(&found[min(u32(abs(score[i]) * per_unit), BINS - 1u)], 1u);
  }
  workgroupBarrier();
  let n = atomicLoad(&found[lane]);
  if (lane < BINS && n > 0u) { atomicAdd(&bins[tile.group * BINS + lane], n); }
}
