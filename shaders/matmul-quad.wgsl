enable subgroups;
// matmul.wgsl by quads: see lib/matmul-quad.wgsl. n and k are multiples of 4.
//!include "lib/activations.wgsl"
//!include "lib/matmul-quad.wgsl"

struct Sizes {
  m: u32,
  n: u32,
  k: u32,
  stride_a: u32, // elements from one problem's A to the next; 0: all read the same
  stride_b: u32,
  biased: u32,
  residual_added: u32,
  activation: u32,
  kept: u32, // `pre` is asked for
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> a4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> b4: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> bias: array<vec4<f32>>; // [n]
@group(0) @binding(4) var<storage, read> residual: array<vec4<f32>>; // as y
@group(0) @binding(5) var<storage, read_write> y: array<vec4<f32>>; // [z, m, n]
@group(0) @binding(6) var<storage, read_write> pre: array<vec4<f32>>; // y before the activation, for the gradient

override TA = 0u;
override TB = 0u;

fn lead_a() -> u32 { return select(sizes.k, sizes.m, TA == 1u); }
fn lead_b() -> u32 { return select(sizes.n, sizes.k, TB == 1u); }
fn rows_a() -> u32 { return sizes.m; }
fn cols_b() -> u32 { return sizes.n; }
fn trans_a() -> bool { return TA == 1u; }
fn trans_b() -> bool { return TB == 1u; }
fn read_a(i: u32) -> vec4<f32> { return a4[i]; }
fn read_b(i: u32) -> vec4<f32> { return b4[i]; }

fn activated(x: vec4<f32>) -> vec4<f32> {
  let act = sizes.activation;
  if (act == 0u) { return x; }
  var v = x;
  for (var j = 0u; j < 4u; j++) { v[j] = activate(act, v[j]); }
  return v;
}

// One workgroup, a quad: 32 x 32 outputs of problem z.
@compute @workgroup_size(4)
fn forward(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let q = quad_at(id.y, id.x, lane);
  let t = product(q, id.z * sizes.stride_a / 4u, id.z * sizes.stride_b / 4u, sizes.k);
  var m = matrices(t);
  for (var i = 0u; i < 64u; i++) {
    let row = row_of(q, i >> 4u) + (i & 3u);
    let col = col_of(q, (i >> 2u) & 3u);
    if (row >= sizes.m || col >= sizes.n) { continue; }
    let at = ((id.z * sizes.m + row) * sizes.n + col) / 4u;
    var v = m[i >> 2u][i & 3u];
    if (sizes.biased == 1u) { v += bias[col / 4u]; }
    if (sizes.kept == 1u) { pre[at] = v; }
    v = activated(v);
    if (sizes.residual_added == 1u) { v += residual[at]; }
    y[at] = v;
  }
}
