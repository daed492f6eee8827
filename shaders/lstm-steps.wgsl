// One step of an LSTM whose inputs have been projected, for layers that are too wide for one workgroup to walk through a
// sequence alone (lstm.wgsl): a dispatch a step, and all cells of all rows of it side by side. The recurrence's product and the
// gates are one kernel. A cell adds over the others in their order, as in lib/lstm-loop.wgsl.
// A workgroup: 64 cells of 4 rows. An invocation: one cell of all 4, so that a weight read serves 4 rows.
//!include "lib/lstm-steps.wgsl"

var<workgroup> told: array<vec4<f32>, 64>; // h of 64 cells for the 4 rows

@compute @workgroup_size(64)
fn forward(@builtin(local_invocation_index) l: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let size = sizes.hidden;
  let own = group.x * 64u + l;
  let u = min(own, size - 1u);
  let row = group.y * 4u;
  let r = min(vec4<u32>(row) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(sizes.batch - 1u));
  var sum = mat4x4<f32>(); // column q: gate q for the 4 rows
  for (var first = 0u; first < size; first += 64u) {
    let v = min(first + l, size - 1u);
    told[l] = vec4<f32>(before(r.x, v).x, before(r.y, v).x, before(r.z, v).x, before(r.w, v).x);
    workgroupBarrier();
    let count = min(64u, size - first);
    for (var k = 0u; k < count; k++) { sum = fed(sum, wt[(first + k) * size + u], told[k]); }
    workgroupBarrier();
  }
  let sums = transpose(sum);
  for (var i = 0u; i < 4u; i++) {
    let there = select(NOWHERE, row + i, own < size && row + i < sizes.batch);
    _ = advance(there, sizes.t, u, sums[i], before(r[i], u).y);
  }
}
