enable subgroups;
// matmul-grad.wgsl by quads: see lib/matmul-quad.wgsl. rows, n and k are multiples of 4. Both products are one piece of code:
//   dW = dPre' a  [n, k], over the rows      dA = dPre W  [rows, k], over n
//!include "lib/activations.wgsl"
//!include "lib/matmul-quad.wgsl"

struct Sizes {
  rows: u32,
  n: u32,
  k: u32,
  across: u32, // workgroups along k
  weight_groups: u32, // workgroups of dW; those of dA follow
  biased: u32, // db is asked for
  extra: u32, // dA: 1 has `other` added, 2 is multiplied by activate'(other)
  activation: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> dpre4: array<vec4<f32>>; // [rows, n]
@group(0) @binding(2) var<storage, read> a: array<vec4<f32>>; // [rows, k]
@group(0) @binding(3) var<storage, read> w: array<vec4<f32>>; // [n, k]
@group(0) @binding(4) var<storage, read_write> da: array<vec4<f32>>; // as a
@group(0) @binding(5) var<storage, read_write> dw: array<vec4<f32>>; // as w
@group(0) @binding(6) var<storage, read_write> sums: array<vec4<f32>>; // [n]
@group(0) @binding(7) var<storage, read> other: array<vec4<f32>>; // as a: see sizes.extra

const NOWHERE = 0xffffffffu;

// Index of vec4 number i of the lane's tile; NOWHERE past an edge.
fn place_of(q: Quad, rows: u32, i: u32) -> u32 {
  let row = row_of(q, i >> 4u) + ((i >> 2u) & 3u);
  let col = col_of(q, i & 3u);
  return select(NOWHERE, (row * sizes.k + col) / 4u, row < rows && col < sizes.k);
}

// One workgroup, a quad: 32 x 32 entries.
@compute @workgroup_size(4)
fn backward(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
            @builtin(subgroup_invocation_id) lane: u32) {
  let group = id.y * groups.x + id.x;
  let weight = group < sizes.weight_groups;
  let rows = select(sizes.rows, sizes.n, weight);
  let g = select(group - sizes.weight_groups, group, weight);
  let q = quad_at(g / sizes.across, g % sizes.across, lane);
  let begun = product_tn(q, &dpre4, Operand(0u, sizes.n, sizes.n), &a, Operand(0u, sizes.k, sizes.k),
    select(0u, sizes.rows, weight), Tile());
  let t = product(q, &dpre4, Operand(0u, sizes.n, sizes.rows), &w, Operand(0u, sizes.k, sizes.k),
    select(sizes.n, 0u, weight), begun);
  var m = matrices(t);
  // A loop for each kind of epilogue: see matmul-quad.wgsl.
  let slope = select(0u, sizes.activation, sizes.extra == 2u);
  for (var i = 0u; i < select(0u, 64u, weight); i++) {
    let at = place_of(q, rows, i);
    if (at != NOWHERE) { dw[at] = m[i >> 2u][i & 3u]; }
  }
  for (var i = 0u; i < select(0u, 64u, !weight && slope == 0u); i++) {
    let at = place_of(q, rows, i);
    if (at == NOWHERE) { continue; }
    var v = m[i >> 2u][i & 3u];
    if (sizes.extra == 1u) { v += other[at]; }
    da[at] = v;
  }
  for (var i = 0u; i < select(0u, 64u, !weight && slope == GELU); i++) {
    let at = place_of(q, rows, i);
    if (at != NOWHERE) { da[at] = m[i >> 2u][i & 3u] * gelu_grad4(other[at]); }
  }
  for (var i = 0u; i < select(0u, 64u, !weight && slope > GELU); i++) {
    let at = place_of(q, rows, i);
    if (at == NOWHERE) { continue; }
    var x = other[at];
    for (var j = 0u; j < 4u; j++) { x[j] = activate_grad(slope, x[j]); }
    da[at] = m[i >> 2u][i & 3u] * x;
  }
  // Lanes 0 and 1 (2 and 3) have a half each of the same rows.
  if (!weight || sizes.biased == 0u || g % sizes.across > 0u) { return; }
  let row = row_of(q, 0u);
  if (row < sizes.n) { sums[row / 4u] = t.s0; }
  if (row + 4u < sizes.n) { sums[row / 4u + 1u] = t.s1; }
}
