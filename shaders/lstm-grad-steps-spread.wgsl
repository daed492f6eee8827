// lstm-grad-steps.wgsl, `backward`, for devices with many cores. A workgroup: 64 cells of one row; an invocation: one cell. The
// loads of four cells are written down before their sums; the bits are those of lstm-grad-steps.wgsl.
//!include "lib/lstm-grad-steps.wgsl"

var<workgroup> told: array<vec4<f32>, 64>; // of 64 cells: the gradients of the four gates

fn gates_of(row: u32, t: u32, v: u32) -> vec4<f32> {
  let size = sizes.hidden;
  let at = (row * sizes.time + t) * 4u * size + v;
  return vec4<f32>(dpre[at], dpre[at + size], dpre[at + 2u * size], dpre[at + 3u * size]);
}

fn weights(i: u32) -> vec4<f32> {
  let gate = sizes.hidden * sizes.hidden;
  return vec4<f32>(w[i], w[gate + i], w[2u * gate + i], w[3u * gate + i]);
}

fn link(sum: f32, d: vec4<f32>, a: vec4<f32>) -> f32 {
  return fma(a.w, d.w, fma(a.z, d.z, fma(a.y, d.y, fma(a.x, d.x, sum))));
}

// What the gates of step t give to h of cell u one step before.
fn received(row: u32, t: u32, u: u32, l: u32) -> f32 {
  let size = sizes.hidden;
  var sum = 0.0;
  for (var first = 0u; first < size; first += 64u) {
    told[l] = gates_of(row, t, min(first + l, size - 1u));
    workgroupBarrier();
    let count = min(64u, size - first);
    var k = 0u;
    for (; k + 4u <= count; k += 4u) {
      let at = (first + k) * size + u;
      let a0 = weights(at);
      let a1 = weights(at + size);
      let a2 = weights(at + 2u * size);
      let a3 = weights(at + 3u * size);
      sum = link(sum, told[k], a0);
      sum = link(sum, told[k + 1u], a1);
      sum = link(sum, told[k + 2u], a2);
      sum = link(sum, told[k + 3u], a3);
    }
    for (; k < count; k++) { sum = link(sum, told[k], weights((first + k) * size + u)); }
    workgroupBarrier();
  }
  return sum;
}

@compute @workgroup_size(64)
fn backward(@builtin(local_invocation_index) l: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let size = sizes.hidden;
  let own = group.x * 64u + l;
  let u = min(own, size - 1u);
  let row = group.y;
  let last = sizes.t + 1u == sizes.time;
  var d = 0.0;
  if (!last) { d = received(row, sizes.t + 1u, u, l); }
  if (own >= size) { return; }
  let at = row * size + u;
  var later = 0.0;
  if (!last) { later = dc0[at]; }
  dc0[at] = retreat(row, sizes.t, u, d, later).dc;
}
