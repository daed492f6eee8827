enable subgroups;
// matmul-grad-weight.wgsl by quads: see lib/matmul-quad.wgsl. dW = A' B over k rows; all sizes are multiples of 4.
//!include "lib/matmul-quad.wgsl"

struct Sizes {
  m: u32,
  n: u32,
  k: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> a4: array<vec4<f32>>; // [k, m]
@group(0) @binding(2) var<storage, read> b4: array<vec4<f32>>; // [k, n]
@group(0) @binding(3) var<storage, read_write> dw: array<vec4<f32>>; // [m, n]
@group(0) @binding(4) var<storage, read_write> sums: array<vec4<f32>>; // row sums of A' [m]

override SUMS = 0u; // they are asked for: 1

//!include "lib/matmul-quad-weight.wgsl"

@compute @workgroup_size(4)
fn backward(@builtin(workgroup_id) id: vec3<u32>, @builtin(subgroup_invocation_id) lane: u32) {
  let q = quad_at(id.y, id.x, lane);
  let t = weight_gradient(q);
  write_weight(q, t);
  if (SUMS == 0u || id.x > 0u) { return; }
  let row = row_of(q, 0u);
  if (row < sizes.m) { sums[row / 4u] = t.s0; }
  if (row + 4u < sizes.m) { sums[row / 4u + 1u] = t.s1; }
}
