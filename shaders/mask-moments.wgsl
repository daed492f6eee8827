// Number, mean, population standard deviation and largest magnitude of the active entries of each group: the sigma of
// Han et al.'s threshold q sigma (grow-prune 2.1). Two rounds over the entries, since a difference of two large sums loses
// what it is after: means first, then squared distances from them. One workgroup a tile leaves partial sums, one workgroup a
// group joins them; the order of addition depends on the tiles alone.
//!include "lib/mask.wgsl"
//!include "lib/reduce.wgsl"
struct Sizes {
  tiles: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(4) var<storage, read_write> partial: array<f32>; // [tiles, 3]: entries, sum, largest
@group(0) @binding(5) var<storage, read_write> moments: array<f32>; // [groups, 4]: entries, mean, deviation, largest

@compute @workgroup_size(LANES)
fn sums(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tile = tile_of(group);
  var n = 0.0;
  var sum = 0.0;
  var most = 0.0;
  for (var i = tile.first + lane; i < tile.last; i += LANES) {
    if (!alive(age[i])) { continue; }
    n += 1.0;
    sum += score[i];
    most = max(most, abs(score[i]));
  }
  let all_n = sum_lanes(lane, n);
  let all_sum = sum_lanes(lane, sum);
  let all_most = max_lanes(lane, most);
  if (lane == 0u) {
    partial[3u * group.x] = all_n;
    partial[3u * group.x + 1u] = all_sum;
    partial[3u * group.x + 2u] = all_most;
  }
}

@compute @workgroup_size(LANES)
fn squares(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tile = tile_of(group);
  let mean = moments[4u * tile.group + 1u];
  var sum = 0.0;
  for (var i = tile.first + lane; i < tile.last; i += LANES) {
    if (!alive(age[i])) { continue; }
    let d = score[i] - mean;
    sum += d * d;
  }
  let all = sum_lanes(lane, sum);
  if (lane == 0u) { partial[3u * group.x + 1u] = all; }
}

// Sums of the tiles of this group: entries, sum, largest.
fn joined(group: u32, lane: u32) -> vec3f {
  var own = vec3f();
  for (var t = lane; t < sizes.tiles; t += LANES) {
    if (tiles[3u * t + 2u] != group) { continue; }
    own += vec3f(partial[3u * t], partial[3u * t + 1u], 0.0);
    own.z = max(own.z, partial[3u * t + 2u]);
  }
  let n = sum_lanes(lane, own.x);
  let sum = sum_lanes(lane, own.y);
  return vec3f(n, sum, max_lanes(lane, own.z));
}

@compute @workgroup_size(LANES)
fn means(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let all = joined(group.x, lane);
  if (lane > 0u) { return; }
  moments[4u * group.x] = all.x;
  moments[4u * group.x + 1u] = all.y / max(1.0, all.x);
  moments[4u * group.x + 2u] = 0.0;
  moments[4u * group.x + 3u] = all.z;
}

@compute @workgroup_size(LANES)
fn deviations(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let all = joined(group.x, lane);
  if (lane == 0u) { moments[4u * group.x + 2u] = sqrt(all.y / max(1.0, all.x)); }
}
