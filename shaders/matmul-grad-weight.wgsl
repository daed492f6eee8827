// dW = op(A) op(B) over the many rows of a batch, with the bias gradient as a by-product: the sums over those rows.
// The outputs are few and k is long, so k is cut into chunks (`split`), whose parts are added in order (`finish`); where
// there are tiles enough, `whole` does it at once.
//!include "lib/matmul-tile.wgsl"

@group(0) @binding(5) var<storage, read_write> dw: array<f32>; // [m, n]
@group(0) @binding(6) var<storage, read_write> sums: array<f32>; // row sums of op(A) [m], or column sums of op(B) [n]
@group(0) @binding(7) var<storage, read_write> partial: array<f32>; // [splits, m n + length of sums]
@group(0) @binding(8) var<storage, read> parts: array<f32>; // `partial`, as `finish` reads it

fn sum_count() -> u32 {
  return select(select(sizes.m, sizes.n, SUMS == 2u), 0u, SUMS == 0u);
}

// The first of the (up to 8) sums this tile writes. All tiles of a row (column) have the same: the first one writes them.
// No sums, no first one: then it is sum_count() = 0, and nothing is left to write.
fn first_sum(m0: u32, n0: u32) -> u32 {
  let other = select(n0, m0, SUMS == 2u);
  return select(select(m0, n0, SUMS == 2u), sum_count(), other > 0u || SUMS == 0u);
}

// One workgroup: 8 WY x 8 WX entries.
@compute @workgroup_size(WX, WY)
fn whole(@builtin(global_invocation_id) id: vec3<u32>) {
  let m0 = id.y * 8u;
  let n0 = id.x * 8u;
  if (m0 >= sizes.m || n0 >= sizes.n) { return; }
  let t = product(m0, n0, 0u, 0u, 0u, sizes.k);
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

// The same for chunk z of k: its entries, then its sums, become row z of `partial`.
@compute @workgroup_size(WX, WY)
fn split(@builtin(global_invocation_id) id: vec3<u32>) {
  let m0 = id.y * 8u;
  let n0 = id.x * 8u;
  if (m0 >= sizes.m || n0 >= sizes.n) { return; }
  let begin = id.z * sizes.chunk;
  let t = product(m0, n0, 0u, 0u, begin, min(begin + sizes.chunk, sizes.k));
  var q = quarters(t);
  let count = sizes.m * sizes.n;
  let base = id.z * (count + sum_count());
  for (var i = 0u; i < 64u; i++) {
    let row = m0 + (i >> 3u);
    let col = n0 + (i & 7u);
    if (row < sizes.m && col < sizes.n) { partial[base + row * sizes.n + col] = q[i >> 2u][i & 3u]; }
  }
  var s = array<vec4<f32>, 2>(t.s0, t.s1);
  let first = first_sum(m0, n0);
  for (var i = 0u; i < min(8u, sum_count() - first); i++) {
    partial[base + count + first + i] = s[i >> 2u][i & 3u];
  }
}

// One invocation: one entry, its parts added in the order of k; the last ones, entries of the sums.
@compute @workgroup_size(256)
fn finish(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.y * groups.x * 256u + id.x;
  let count = sizes.m * sizes.n;
  let stride = count + sum_count();
  if (i >= stride) { return; }
  var v = 0.0;
  for (var s = 0u; s < sizes.splits; s++) { v += parts[s * stride + i]; }
  if (i < count) { dw[i] = v; return; }
  sums[i - count] = v;
}
