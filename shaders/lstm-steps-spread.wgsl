// lstm-steps.wgsl for devices with many cores. A workgroup: 64 cells of one row; an invocation: one cell. The bits are
// those of lstm-steps.wgsl.
//!include "lib/lstm-steps.wgsl"

var<workgroup> told: array<f32, 64>; // h of 64 cells
//!include "lib/lstm-eight.wgsl"

@compute @workgroup_size(64)
fn forward(@builtin(local_invocation_index) l: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let size = sizes.hidden;
  let own = group.x * 64u + l;
  let u = min(own, size - 1u);
  let row = group.y;
  var sum = vec4<f32>();
  for (var first = 0u; first < size; first += 64u) {
    told[l] = before(row, min(first + l, size - 1u)).x;
    workgroupBarrier();
    let count = min(64u, size - first);
    var k = 0u;
    for (; k + 8u <= count; k += 8u) { sum = eight(sum, k, (first + k) * size + u); }
    for (; k < count; k++) { sum = fma(vec4<f32>(told[k]), wt[(first + k) * size + u], sum); }
    workgroupBarrier();
  }
  _ = advance(select(NOWHERE, row, own < size), sizes.t, u, sum, before(row, u).y);
}
