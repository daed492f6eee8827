// All weight gradients of lstm-tokens in one dispatch, from dPre [B T, 4 H]:
//   dWh = dPre' h_before   as matmul-grad-weight.wgsl does it, by workgroups of WX x WY tiles that share out k, and db,
//   dWx[u, symbol]         the sum of dPre[.., u] over the places where that symbol stands, in their order.
//!include "lib/matmul-tile.wgsl"
//!include "lib/matmul-join.wgsl"

struct Sizes {
  m: u32, // 4 H
  n: u32, // H
  k: u32, // B T
  chunk: u32, // steps of k in one part, a multiple of 4
  across: u32, // workgroups of dWh along n
  weight_groups: u32,
  vocab: u32,
}

@group(0) @binding(5) var<storage, read_write> dw: array<f32>; // [4 H, H]
@group(0) @binding(6) var<storage, read_write> db: array<f32>; // [4 H]
@group(0) @binding(7) var<storage, read_write> dwx: array<f32>; // [4 H, V]
@group(0) @binding(8) var<storage, read> lists: array<u32>; // see lstm-tokens.wgsl

//!include "lib/lstm-places.wgsl"

@compute @workgroup_size(32)
fn backward(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
            @builtin(local_invocation_index) lane: u32) {
  let group = id.y * groups.x + id.x;
  if (group >= sizes.weight_groups) {
    sum_places((group - sizes.weight_groups) * 32u + lane);
    return;
  }
  let tile = lane % (WX * WY);
  let part = lane / (WX * WY);
  let m0 = (group / sizes.across * WY + tile / WX) * 8u;
  let n0 = (group % sizes.across * WX + tile % WX) * 8u;
  let begin = min(part * sizes.chunk, sizes.k);
  var t: Tile;
  if (m0 < sizes.m && n0 < sizes.n) { t = product(m0, n0, 0u, 0u, begin, min(begin + sizes.chunk, sizes.k), t); }
  t = joined(t, tile, WX * WY, part);
  if (m0 >= sizes.m || n0 >= sizes.n || part > 0u) { return; }
  var q = quarters(t);
  for (var i = 0u; i < 64u; i++) {
    let row = m0 + (i >> 3u);
    let col = n0 + (i & 7u);
    if (row < sizes.m && col < sizes.n) { dw[row * sizes.n + col] = q[i >> 2u][i & 3u]; }
  }
  if (n0 > 0u) { return; }
  var s = array<vec4<f32>, 2>(t.s0, t.s1);
  for (var i = 0u; i < min(8u, sizes.m - m0); i++) { db[m0 + i] = s[i >> 2u][i & 3u]; }
}
