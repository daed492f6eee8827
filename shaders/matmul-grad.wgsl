// Both gradients of a dense layer y = a W' + b in one dispatch, since they need dPre alone and not each other:
//   dA = dPre W  [rows, k]      dW = dPre' a  [n, k], and db, the sums of dPre over the rows.
// The first workgroups make dW, in chunks of rows as matmul-grad-weight.wgsl does; the others dA, an 8 x 8 tile an
// invocation. k is a multiple of 4, so that a, W and what is made of them move as vec4s; n need not be (VEC).
// What is done to dA at the end stands in `sizes`: so the gradients of dense layers of every kind are one pipeline.
//!include "lib/matmul-chain.wgsl"

struct Sizes {
  rows: u32,
  n: u32,
  k: u32,
  chunk: u32, // rows of one part, a multiple of 4
  across: u32, // workgroups along k: of dW, of dA
  across_input: u32,
  weight_groups: u32,
  biased: u32, // db is asked for
  extra: u32, // dA: 1 has `other` added, 2 is multiplied by activate'(other)
  activation: u32,
}

//!include "lib/matmul-grad-blocks.wgsl"

override WX = 8u; // tiles of a workgroup of dW along k and n
override WY = 4u;

struct Tile {
  c00: mat4x4<f32>, // column r: 4 outputs of row r
  c01: mat4x4<f32>,
  c10: mat4x4<f32>,
  c11: mat4x4<f32>,
  s0: vec4<f32>,
  s1: vec4<f32>,
}

//!include "lib/matmul-join.wgsl"

fn weight_step(t: Tile, n0: u32, k0: u32, row: u32, count: u32) -> Tile {
  var u0 = upstream(row, n0);
  var u1 = upstream(row, n0 + 4u);
  var b0 = inputs(row, k0);
  var b1 = inputs(row, k0 + 4u);
  if (count < 4u) {
    u0 = inside(u0, count);
    u1 = inside(u1, count);
    b0 = inside(b0, count);
    b1 = inside(b1, count);
  }
  let a0 = transpose(u0);
  let a1 = transpose(u1);
  var s0 = t.s0;
  var s1 = t.s1;
  s0 += column_sums(u0);
  s1 += column_sums(u1);
  return Tile(added(t.c00, b0, a0), added(t.c01, b1, a0), added(t.c10, b0, a1), added(t.c11, b1, a1), s0, s1);
}

fn input_step(t: Tile, m0: u32, k0: u32, col: u32, count: u32) -> Tile {
  var a0 = upstream(m0, col);
  var a1 = upstream(m0 + 4u, col);
  var b0 = weights(col, k0);
  var b1 = weights(col, k0 + 4u);
  if (count < 4u) {
    a0 = transpose(inside(transpose(a0), count));
    a1 = transpose(inside(transpose(a1), count));
    b0 = inside(b0, count);
    b1 = inside(b1, count);
  }
  return Tile(added(t.c00, b0, a0), added(t.c01, b1, a0), added(t.c10, b0, a1), added(t.c11, b1, a1), t.s0, t.s1);
}

// Row r, half h of a tile.
fn quarters(t: Tile) -> array<vec4<f32>, 16> {
  return array<vec4<f32>, 16>(
    t.c00[0], t.c01[0], t.c00[1], t.c01[1], t.c00[2], t.c01[2], t.c00[3], t.c01[3],
    t.c10[0], t.c11[0], t.c10[1], t.c11[1], t.c10[2], t.c11[2], t.c10[3], t.c11[3]);
}

fn make_input(m0: u32, k0: u32) {
  if (m0 >= sizes.rows || k0 >= sizes.k) { return; }
  var t: Tile;
  for (var col = 0u; col < sizes.n; col += 4u) { t = input_step(t, m0, k0, col, sizes.n - col); }
  var q = quarters(t);
  for (var i = 0u; i < 16u; i++) {
    let row = m0 + (i >> 1u);
    let col = k0 + 4u * (i & 1u);
    if (row >= sizes.rows || col >= sizes.k) { continue; }
    let at = (row * sizes.k + col) >> 2u;
    da[at] = finished(q[i], at);
  }
}

// A workgroup of dW: WX x WY tiles, each shared by SPLITS invocations. One of dA: 8 x 4 tiles.
@compute @workgroup_size(32)
fn backward(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
            @builtin(local_invocation_index) lane: u32) {
  let group = id.y * groups.x + id.x;
  if (group >= sizes.weight_groups) {
    let g = group - sizes.weight_groups;
    make_input((g / sizes.across_input * 4u + lane / 8u) * 8u, (g % sizes.across_input * 8u + lane % 8u) * 8u);
    return;
  }
  let tile = lane % (WX * WY);
  let part = lane / (WX * WY);
  let n0 = (group / sizes.across * WY + tile / WX) * 8u;
  let k0 = (group % sizes.across * WX + tile % WX) * 8u;
  let end = min((part + 1u) * sizes.chunk, sizes.rows);
  var t: Tile;
  if (n0 < sizes.n && k0 < sizes.k) {
    for (var row = part * sizes.chunk; row < end; row += 4u) { t = weight_step(t, n0, k0, row, end - row); }
  }
  t = joined(t, tile, WX * WY, part);
  if (n0 >= sizes.n || k0 >= sizes.k || part > 0u) { return; }
  var q = quarters(t);
  for (var i = 0u; i < 16u; i++) {
    let row = n0 + (i >> 1u);
    let col = k0 + 4u * (i & 1u);
    if (row < sizes.n && col < sizes.k) { dw[(row * sizes.k + col) >> 2u] = q[i]; }
  }
  if (sizes.biased == 0u || k0 > 0u) { return; }
  var s = array<vec4<f32>, 2>(t.s0, t.s1);
  for (var i = 0u; i < min(8u, sizes.n - n0); i++) { sums[n0 + i] = s[i >> 2u][i & 3u]; }
}
