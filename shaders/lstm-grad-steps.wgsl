// One step back of an LSTM, for layers that are too wide for one workgroup to walk back alone (lstm-grad.wgsl): a dispatch a step.
//   `backward`  dh_t = dh + W' dPre_t+1, and from it dPre_t; what c_t-1 gets waits in dc0 for the next dispatch.
//   `begin`     dh0 = W' dPre_0
// A workgroup: 64 cells of 4 rows. An invocation: one cell of all 4. The order of addition is lstm-grad.wgsl's.
//!include "lib/lstm-grad-steps.wgsl"
//!include "lib/matmul-chain.wgsl"

var<workgroup> told: array<mat4x4<f32>, 16>; // of 16 cells, column q: the gradient of gate q for the 4 rows

fn gates_of(row: u32, t: u32, v: u32, q: u32) -> f32 {
  return dpre[((row * sizes.time + t) * 4u + q) * sizes.hidden + v];
}

// What the gates of step t give to h of cell u one step before.
fn received(r: vec4<u32>, t: u32, u: u32, l: u32) -> vec4<f32> {
  let size = sizes.hidden;
  let gate = size * size;
  var sum = vec4<f32>();
  for (var first = 0u; first < size; first += 16u) {
    let v = min(first + (l & 15u), size - 1u);
    let q = l >> 4u;
    told[l & 15u][q] = vec4<f32>(gates_of(r.x, t, v, q), gates_of(r.y, t, v, q), gates_of(r.z, t, v, q), gates_of(r.w, t, v, q));
    workgroupBarrier();
    let count = min(16u, size - first);
    for (var k = 0u; k < count; k++) {
      let i = (first + k) * size + u;
      sum = chain(sum, told[k], vec4<f32>(w[i], w[gate + i], w[2u * gate + i], w[3u * gate + i]));
    }
    workgroupBarrier();
  }
  return sum;
}

fn rows_from(row: u32) -> vec4<u32> {
  return min(vec4<u32>(row) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(sizes.batch - 1u));
}

@compute @workgroup_size(64)
fn backward(@builtin(local_invocation_index) l: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let size = sizes.hidden;
  let own = group.x * 64u + l;
  let u = min(own, size - 1u);
  let row = group.y * 4u;
  let last = sizes.t + 1u == sizes.time;
  var d = vec4<f32>();
  if (!last) { d = received(rows_from(row), sizes.t + 1u, u, l); }
  for (var i = 0u; i < 4u; i++) {
    if (own >= size || row + i >= sizes.batch) { break; }
    let at = (row + i) * size + u;
    var later = 0.0;
    if (!last) { later = dc0[at]; }
    dc0[at] = retreat(row + i, sizes.t, u, d[i], later).dc;
  }
}

@compute @workgroup_size(64)
fn begin(@builtin(local_invocation_index) l: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let own = group.x * 64u + l;
  let row = group.y * 4u;
  let d = received(rows_from(row), 0u, min(own, sizes.hidden - 1u), l);
  for (var i = 0u; i < 4u; i++) {
    if (own < sizes.hidden && row + i < sizes.batch) { dh0[(row + i) * sizes.hidden + own] = d[i]; }
  }
}
