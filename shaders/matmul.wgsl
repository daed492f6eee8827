// y = activate(op(A) op(B) + bias) + residual, for a row of equal problems along z. The product is lib/matmul-tile.wgsl's.
//!include "lib/activations.wgsl"
//!include "lib/matmul-tile.wgsl"

struct Sizes {
  m: u32,
  n: u32,
  k: u32,
  stride_a: u32, // elements from one problem's A to the next; 0: all read the same
  stride_b: u32,
  chunk: u32, // steps of k in one part, a multiple of 4
}

@group(0) @binding(5) var<storage, read> bias: array<f32>; // [n]
@group(0) @binding(6) var<storage, read> residual: array<f32>; // as y
@group(0) @binding(7) var<storage, read_write> y: array<f32>; // [z, m, n]
@group(0) @binding(8) var<storage, read_write> pre: array<f32>; // y before the activation

override BIAS = 0u;
override RESIDUAL = 0u;
override ACT = 0u;

fn biased(v: f32, col: u32) -> f32 {
  if (BIAS == 1u) { return v + bias[col]; }
  return v;
}

fn finished(v: f32, at: u32) -> f32 {
  let w = activate(ACT, v);
  if (RESIDUAL == 1u) { return w + residual[at]; }
  return w;
}

// One workgroup: 8 WY x 8 WX outputs of problem z.
@compute @workgroup_size(WX, WY)
fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  let m0 = id.y * 8u;
  let n0 = id.x * 8u;
  if (m0 >= sizes.m || n0 >= sizes.n) { return; }
  var q = quarters(product(m0, n0, id.z * sizes.stride_a, id.z * sizes.stride_b, 0u, sizes.k));
  for (var i = 0u; i < 64u; i++) {
    let row = m0 + (i >> 3u);
    let col = n0 + (i & 7u);
    if (row >= sizes.m || col >= sizes.n) { continue; }
    let at = (id.z * sizes.m + row) * sizes.n + col;
    y[at] = finished(biased(q[i >> 2u][i & 3u], col), at);
  }
}

// The same, keeping the values before the activation for the gradient.
@compute @workgroup_size(WX, WY)
fn forward_pre(@builtin(global_invocation_id) id: vec3<u32>) {
  let m0 = id.y * 8u;
  let n0 = id.x * 8u;
  if (m0 >= sizes.m || n0 >= sizes.n) { return; }
  var q = quarters(product(m0, n0, id.z * sizes.stride_a, id.z * sizes.stride_b, 0u, sizes.k));
  for (var i = 0u; i < 64u; i++) {
    let row = m0 + (i >> 3u);
    let col = n0 + (i & 7u);
    if (row >= sizes.m || col >= sizes.n) { continue; }
    let at = (id.z * sizes.m + row) * sizes.n + col;
    let v = biased(q[i >> 2u][i & 3u], col);
    pre[at] = v;
    y[at] = finished(v, at);
  }
}
