// lstm-grad.wgsl for devices with many cores: one row of the batch a workgroup, one cell an invocation (two, with TWO). See
// lib/lstm-loop-spread.wgsl for why; the bits are those of lstm-grad.wgsl.
//!include "lib/lstm-back.wgsl"

@group(0) @binding(4) var<storage, read> w: array<f32>; // [4, H, H]: row u reads column v

override WG = 64u; // at least half of the cells
override TWO = 0u; // there are more cells than invocations

var<workgroup> d_now: array<vec4<f32>, 2u * WG>; // the gradients of a cell's four gates

fn weights(i: u32) -> vec4<f32> {
  let gate = sizes.hidden * sizes.hidden;
  return vec4<f32>(w[i], w[gate + i], w[2u * gate + i], w[3u * gate + i]);
}

fn link(sum: f32, d: vec4<f32>, a: vec4<f32>) -> f32 {
  return fma(a.w, d.w, fma(a.z, d.z, fma(a.y, d.y, fma(a.x, d.x, sum))));
}

// What all cells give to h of cell u one step before.
fn received(u: u32) -> f32 {
  let size = sizes.hidden;
  var sum = 0.0;
  var k = 0u;
  for (; k + 4u <= size; k += 4u) {
    let at = k * size + u;
    let a0 = weights(at);
    let a1 = weights(at + size);
    let a2 = weights(at + 2u * size);
    let a3 = weights(at + 3u * size);
    sum = link(sum, d_now[k], a0);
    sum = link(sum, d_now[k + 1u], a1);
    sum = link(sum, d_now[k + 2u], a2);
    sum = link(sum, d_now[k + 3u], a3);
  }
  for (; k < size; k++) { sum = link(sum, d_now[k], weights(k * size + u)); }
  return sum;
}

fn write_state(row: u32, u: u32, d: f32, dc: f32) {
  if (row >= sizes.batch) { return; }
  dh0[row * sizes.hidden + u] = d;
  dc0[row * sizes.hidden + u] = dc;
}

@compute @workgroup_size(WG)
fn backward(@builtin(local_invocation_index) l: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let size = sizes.hidden;
  let ua = min(l, size - 1u);
  let ub = min(l + WG, size - 1u);
  let row_a = select(NOWHERE, group.x, l < size);
  let row_b = select(NOWHERE, group.x, l + WG < size);
  var d = vec2<f32>(); // of h, from the step after: cell a, cell b
  var dc = vec2<f32>();
  for (var back = 1u; back <= sizes.time; back++) {
    let t = sizes.time - back;
    let a = retreat(row_a, t, ua, d.x, dc.x);
    d_now[l] = a.dpre;
    dc.x = a.dc;
    if (TWO == 1u) {
      let b = retreat(row_b, t, ub, d.y, dc.y);
      d_now[l + WG] = b.dpre;
      dc.y = b.dc;
    }
    workgroupBarrier();
    d.x = received(ua);
    if (TWO == 1u) { d.y = received(ub); }
    workgroupBarrier();
  }
  if (STATE == 1u) {
    write_state(row_a, ua, d.x, dc.x);
    write_state(row_b, ub, d.y, dc.y);
  }
}
