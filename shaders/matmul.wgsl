// y = activate(bias + op(A) op(B)) + residual, for a row of equal problems along z. The product is lib/matmul-tile.wgsl's.
// What is done to it at the end stands in `sizes`, not in constants: so dense layers of every kind are one pipeline.
//!include "lib/activations.wgsl"
//!include "lib/matmul-tile.wgsl"
//!include "lib/matmul-ends.wgsl"

// The sums begin with the bias.
fn biases(n0: u32) -> Tile {
  var v = mat2x4<f32>();
  if (sizes.biased == 1u) {
    for (var j = 0u; j < 8u; j++) { v[j >> 2u][j & 3u] = bias[min(n0 + j, sizes.n - 1u)]; }
  }
  let low = mat4x4<f32>(v[0], v[0], v[0], v[0]);
  let high = mat4x4<f32>(v[1], v[1], v[1], v[1]);
  return Tile(low, high, low, high, vec4<f32>(), vec4<f32>());
}

// One workgroup: 8 WY x 8 WX outputs of problem z.
@compute @workgroup_size(WX, WY)
fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  let m0 = id.y * 8u;
  let n0 = id.x * 8u;
  if (m0 >= sizes.m || n0 >= sizes.n) { return; }
  var q = quarters(product(m0, n0, id.z * sizes.stride_a, id.z * sizes.stride_b, 0u, sizes.k, biases(n0)));
  for (var i = 0u; i < 64u; i++) {
    let row = m0 + (i >> 3u);
    let col = n0 + (i & 7u);
    if (row >= sizes.m || col >= sizes.n) { continue; }
    let at = (id.z * sizes.m + row) * sizes.n + col;
    var v = q[i >> 2u][i & 3u];
    if (sizes.kept == 1u) { pre[at] = v; }
    v = activate(sizes.activation, v);
    if (sizes.residual_added == 1u) { v += residual[at]; }
    y[at] = v;
  }
}
