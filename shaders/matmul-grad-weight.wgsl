// dW = op(A) op(B) over the many rows of a batch, with the bias gradient as a by-product: the sums over those rows.
// The outputs are few and k is long, so the invocations of a workgroup share a tile's k among them.
//!include "lib/matmul-tile.wgsl"
//!include "lib/matmul-join.wgsl"

struct Sizes {
  m: u32,
  n: u32,
  k: u32,
  chunk: u32, // steps of k in one part, a multiple of 4
}

@group(0) @binding(5) var<storage, read_write> dw: array<f32>; // [m, n]
@group(0) @binding(6) var<storage, read_write> sums: array<f32>; // row sums of op(A) [m], or column sums of op(B) [n]

fn sum_count() -> u32 {
  return select(select(sizes.m, sizes.n, SUMS == 2u), 0u, SUMS == 0u);
}

// The first of the (up to 8) sums this tile writes. All tiles of a row (column) have the same: the first one writes them.
// No sums, no first one: then it is sum_count() = 0, and nothing is left to write.
fn first_sum(m0: u32, n0: u32) -> u32 {
  let other = select(n0, m0, SUMS == 2u);
  return select(select(m0, n0, SUMS == 2u), sum_count(), other > 0u || SUMS == 0u);
}

// One workgroup: 8 WY x 8 WX entries, k in SPLITS chunks.
@compute @workgroup_size(WX, WY, SPLITS)
fn backward(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let m0 = id.y * 8u;
  let n0 = id.x * 8u;
  let begin = min(local.z * sizes.chunk, sizes.k);
  var t: Tile;
  if (m0 < sizes.m && n0 < sizes.n) { t = product(m0, n0, 0u, 0u, begin, min(begin + sizes.chunk, sizes.k), t); }
  t = joined(t, local.y * WX + local.x, WX * WY, local.z);
  if (m0 >= sizes.m || n0 >= sizes.n || local.z > 0u) { return; }
  var q = quarters(t);
  for (var i = 0u; i < 64u; i++) {
    let row = m0 + (i >> 3u);
    let col = n0 + (i & 7u);
    if (row < sizes.m && col < sizes.n) { dw[row * sizes.n + col] = q[i >> 2u][i & 3u]; }
  }
  var s = array<vec4<f32>, 2>(t.s0, t.s1);
  let first = first_sum(m0, n0);
  for (var i = 0u; i < min(8u, sum_count() - first); i++) { sums[first + i] = s[i >> 2u][i & 3u]; }
}
