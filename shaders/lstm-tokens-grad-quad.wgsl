enable subgroups;
// lstm-tokens-grad.wgsl by quads: see lib/matmul-quad.wgsl. H and B T are multiples of 4.
//!include "lib/matmul-quad.wgsl"

struct Sizes {
  m: u32, // 4 H
  n: u32, // H
  k: u32, // B T
  across: u32, // workgroups of dWh along n
  weight_groups: u32,
  vocab: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> a4: array<vec4<f32>>; // dPre [B T, 4 H]
@group(0) @binding(2) var<storage, read> b4: array<vec4<f32>>; // h_before [B T, H]
@group(0) @binding(3) var<storage, read_write> dw: array<vec4<f32>>; // [4 H, H]
@group(0) @binding(4) var<storage, read_write> db: array<vec4<f32>>; // [4 H]
@group(0) @binding(7) var<storage, read_write> dwx: array<f32>; // [4 H, V]
@group(0) @binding(8) var<storage, read> lists: array<u32>; // see lstm-tokens.wgsl

//!include "lib/matmul-quad-weight.wgsl"
//!include "lib/lstm-places.wgsl"

@compute @workgroup_size(4)
fn backward(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
            @builtin(subgroup_invocation_id) lane: u32) {
  let group = id.y * groups.x + id.x;
  if (group >= sizes.weight_groups) {
    // As many items as a workgroup of lstm-tokens-grad.wgsl has.
    for (var i = lane; i < 32u; i += 4u) { sum_places((group - sizes.weight_groups) * 32u + i); }
    return;
  }
  let q = quad_at(group / sizes.across, group % sizes.across, lane);
  let t = weight_gradient(q);
  write_weight(q, t);
  if (group % sizes.across > 0u) { return; }
  let row = row_of(q, 0u);
  if (row < sizes.m) { db[row / 4u] = t.s0; }
  if (row + 4u < sizes.m) { db[row / 4u + 1u] = t.s1; }
}
