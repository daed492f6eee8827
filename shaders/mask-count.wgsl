// How many entries of each group are active, droppable, dormant, frozen, not finite, and droppable below a limit; and the
// age of the oldest that is not frozen. One workgroup counts one tile and adds its counts to its group's: sums and maxima of
// integers, the same in any order.
//!include "lib/mask.wgsl"
struct Sizes {
  groups: u32,
  grace: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(4) var<storage, read> limits: array<f32>; // [groups]
@group(0) @binding(5) var<storage, read_write> counts: array<atomic<u32>>; // [groups, KINDS]

const KINDS = 7u;
const OLDEST = 6u;
var<workgroup> found: array<atomic<u32>, KINDS>;

@compute @workgroup_size(LANES)
fn begin(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < sizes.groups * KINDS) { atomicStore(&counts[id.x], 0u); }
}

@compute @workgroup_size(LANES)
fn count(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (lane < KINDS) { atomicStore(&found[lane], 0u); }
  workgroupBarrier();
  let tile = tile_of(group);
  let limit = limits[tile.group];
  var own = array<u32, KINDS>();
  for (var i = tile.first + lane; i < tile.last; i += LANES) {
    let a = age[i];
    let bits = magnitude(i);
    let old = droppable(a, sizes.grace);
    own[0] += select(0u, 1u, alive(a));
    own[1] += select(0u, 1u, old);
    own[2] += select(0u, 1u, a == 0u);
    own[3] += select(0u, 1u, a > FROZEN);
    own[4] += select(0u, 1u, bits >= 0x7f800000u && a != FROZEN);
    own[OLDEST] = max(own[OLDEST], select(0u, a, a < FROZEN));
    own[5] += select(0u, 1u, old && bitcast<f32>(bits) < limit);
  }
  for (var k = 0u; k < OLDEST; k++) { atomicAdd(&found[k], own[k]); }
  atomicMax(&found[OLDEST], own[OLDEST]);
  workgroupBarrier();
  let at = tile.group * KINDS + lane;
  if (lane < OLDEST) { atomicAdd(&counts[at], atomicLoad(&found[lane])); }
  if (lane == OLDEST) { atomicMax(&counts[at], atomicLoad(&found[lane])); }
}
