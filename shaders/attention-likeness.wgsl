// How much layers attend alike (transformer-growth 5.5): Jensen-Shannon divergence in bits and cosine of the same row of two
// layers, and their means over windows and queries. Each two layers are compared once. Every sum runs in a fixed order.
const LANES = 64u;
//!include "lib/reduce.wgsl"
override CAUSAL: u32 = 1u;

struct Sizes {
  layers: u32,
  batch: u32,
  time: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> maps: array<f32>; // [L, N, T, T]
@group(0) @binding(2) var<storage, read_write> rows: array<f32>; // [L * L * N * T, 2]: divergence, cosine; where l < m
@group(0) @binding(3) var<storage, read_write> js: array<f32>; // [L, L]
@group(0) @binding(4) var<storage, read_write> cosine: array<f32>; // [L, L]

// One invocation: one query of one window, in two layers.
@compute @workgroup_size(64)
fn rows_of(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let r = id.y * groups.x * 64u + id.x;
  let of_pair = sizes.batch * sizes.time;
  let pair = r / of_pair;
  let l = pair / sizes.layers;
  let m = pair % sizes.layers;
  if (l >= m || l >= sizes.layers) { return; }
  let q = r % sizes.time;
  let seen = select(sizes.time, q + 1u, CAUSAL == 1u);
  let one = (l * of_pair + r % of_pair) * sizes.time;
  let other = (m * of_pair + r % of_pair) * sizes.time;
  var divergence = 0.0;
  var ab = 0.0;
  var aa = 0.0;
  var bb = 0.0;
  for (var key = 0u; key < seen; key++) {
    let a = maps[one + key];
    let b = maps[other + key];
    let middle = 0.5 * (a + b);
    if (a > 0.0) { divergence += 0.5 * a * log2(a / middle); }
    if (b > 0.0) { divergence += 0.5 * b * log2(b / middle); }
    ab += a * b;
    aa += a * a;
    bb += b * b;
  }
  rows[2u * r] = divergence;
  rows[2u * r + 1u] = ab / sqrt(aa * bb);
}

// One workgroup: two layers. A row of one key is the same in all layers, and left out.
@compute @workgroup_size(LANES)
fn means(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let l = min(group.x, group.y);
  let m = max(group.x, group.y);
  let first = select(0u, 1u, CAUSAL == 1u);
  let of_pair = sizes.batch * sizes.time;
  var divergence = 0.0;
  var likeness = 0.0;
  for (var i = lane; i < of_pair; i += LANES) {
    if (l == m || i % sizes.time < first) { continue; }
    let row = 2u * ((l * sizes.layers + m) * of_pair + i);
    divergence += rows[row];
    likeness += rows[row + 1u];
  }
  let all = sum_lanes(lane, divergence);
  let alike = sum_lanes(lane, likeness);
  if (lane > 0u) { return; }
  let count = f32(max(1u, sizes.batch * (sizes.time - first)));
  let at = group.x * sizes.layers + group.y;
  js[at] = select(all / count, 0.0, l == m);
  cosine[at] = select(alike / count, 1.0, l == m);
}
