enable subgroups;
// matmul.wgsl by quads: see lib/matmul-quad.wgsl. n and k are multiples of 4.
//!include "lib/activations.wgsl"
//!include "lib/matmul-quad.wgsl"
//!include "lib/matmul-sizes.wgsl"

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> a4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> b4: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> bias: array<vec4<f32>>; // [n]
@group(0) @binding(4) var<storage, read> residual: array<vec4<f32>>; // as y
@group(0) @binding(5) var<storage, read_write> y: array<vec4<f32>>; // [z, m, n]
@group(0) @binding(6) var<storage, read_write> pre: array<vec4<f32>>; // y before the activation, for the gradient

const NOWHERE = 0xffffffffu;

override TA = 0u;
override TB = 0u;

// The sums begin with the bias.
fn biases(q: Quad) -> Tile {
  var b = mat4x4<f32>();
  if (sizes.biased == 1u) {
    let last = sizes.n / 4u - 1u;
    let at = min(vec4<u32>(col_of(q, 0u), col_of(q, 1u), col_of(q, 2u), col_of(q, 3u)) / 4u, vec4<u32>(last));
    b = mat4x4<f32>(bias[at.x], bias[at.y], bias[at.z], bias[at.w]);
  }
  return Tile(b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, vec4<f32>(), vec4<f32>());
}

// Index of y's vec4 number i of the lane's tile; past the end where there is none, and then nothing is read or written there.
fn place_of(q: Quad, z: u32, i: u32) -> u32 {
  let row = row_of(q, i >> 4u) + ((i >> 2u) & 3u);
  let col = col_of(q, i & 3u);
  return select(NOWHERE, ((z * sizes.m + row) * sizes.n + col) / 4u, row < sizes.m && col < sizes.n);
}

fn added_to(at: u32) -> vec4<f32> {
  if (sizes.residual_added == 0u) { return vec4<f32>(); }
  return residual[at];
}

fn multiplied(q: Quad, of_a: Operand, of_b: Operand) -> Tile {
  if (TA == 1u) { return product_tn(q, &a4, of_a, &b4, of_b, sizes.k, biases(q)); }
  if (TB == 1u) { return product_nt(q, &a4, of_a, &b4, of_b, sizes.k, biases(q)); }
  return product(q, &a4, of_a, &b4, of_b, sizes.k, biases(q));
}

// One workgroup, a quad: 32 x 32 outputs of problem z.
@compute @workgroup_size(4)
fn forward(@builtin(workgroup_id) id: vec3<u32>, @builtin(subgroup_invocation_id) lane: u32) {
  let q = quad_at(id.y, id.x, lane);
  let of_a = Operand(id.z * sizes.stride_a / 4u, select(sizes.k, sizes.m, TA == 1u), sizes.m);
  let of_b = Operand(id.z * sizes.stride_b / 4u, select(sizes.n, sizes.k, TB == 1u), sizes.n);
  var m = matrices(multiplied(q, of_a, of_b));
  // SwiftShader walks through both sides of an `if`, whatever the condition, but leaves a loop that has nothing to do: so one
  // loop for each kind of layer, and only the one for rare activations asks which.
  let act = sizes.activation;
  for (var i = 0u; i < select(0u, 64u, act == 0u); i++) {
    let at = place_of(q, id.z, i);
    if (at != NOWHERE) { y[at] = m[i >> 2u][i & 3u] + added_to(at); }
  }
  for (var i = 0u; i < select(0u, 64u, act == GELU); i++) {
    let at = place_of(q, id.z, i);
    if (at == NOWHERE) { continue; }
    let v = m[i >> 2u][i & 3u];
    if (sizes.kept == 1u) { pre[at] = v; }
    y[at] = gelu4(v) + added_to(at);
  }
  for (var i = 0u; i < select(0u, 64u, act > GELU); i++) {
    let at = place_of(q, id.z, i);
    if (at == NOWHERE) { continue; }
    var v = m[i >> 2u][i & 3u];
    if (sizes.kept == 1u) { pre[at] = v; }
    for (var j = 0u; j < 4u; j++) { v[j] = activate(act, v[j]); }
    y[at] = v + added_to(at);
  }
}
