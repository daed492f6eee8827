// The way back through a whole LSTM sequence in one dispatch: the gradient of the gates before their nonlinearity, which is
// that of xproj. One workgroup takes 4 rows of the batch and walks from the last step to the first; invocation l owns cells
// l and l + WG of all 4 rows, as in lib/lstm-loop.wgsl. A cell adds over the others in their order, one chain of fma.
// Variables that a loop starts anew are given their zero in words: SwiftShader leaves them as the last turn left them.
//!include "lib/lstm-back.wgsl"
//!include "lib/matmul-chain.wgsl"

@group(0) @binding(4) var<storage, read> w: array<f32>; // [4, H, H]: row u reads column v
@group(0) @binding(9) var<storage, read> h: array<f32>;
@group(0) @binding(10) var<storage, read> h0: array<f32>;
@group(0) @binding(11) var<storage, read_write> before: array<f32>; // [B, T, H]: h of the step before

override WG = 64u; // at least half of the cells

var<workgroup> d_now: array<mat4x4<f32>, WG>; // column q: the gradient of gate q for the 4 rows

// With what cells first .. first + count - 1, whose gradients lie in d_now, give to h of cells a and b one step before.
fn received(given: mat2x4<f32>, first: u32, count: u32, a: u32, b: u32) -> mat2x4<f32> {
  let size = sizes.hidden;
  let gate = size * size;
  var sum_a = given[0];
  var sum_b = given[1];
  for (var k = 0u; k < count; k++) {
    let d = d_now[k];
    let i = (first + k) * size + a;
    let j = (first + k) * size + b;
    sum_a = chain(sum_a, d, vec4<f32>(w[i], w[gate + i], w[2u * gate + i], w[3u * gate + i]));
    sum_b = chain(sum_b, d, vec4<f32>(w[j], w[gate + j], w[2u * gate + j], w[3u * gate + j]));
  }
  return mat2x4<f32>(sum_a, sum_b);
}

fn write_state(row: u32, u: u32, d: vec4<f32>, dc: vec4<f32>) {
  for (var r = 0u; r < 4u; r++) {
    if (row + r >= sizes.batch) { return; }
    dh0[(row + r) * sizes.hidden + u] = d[r];
    dc0[(row + r) * sizes.hidden + u] = dc[r];
  }
}

@compute @workgroup_size(WG)
fn backward(@builtin(local_invocation_index) l: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let size = sizes.hidden;
  let ua = min(l, size - 1u);
  let ub = min(l + WG, size - 1u);
  let row_a = select(NOWHERE, group.x * 4u, l < size);
  let row_b = select(NOWHERE, group.x * 4u, l + WG < size);
  var d = mat2x4<f32>(); // of h, from the step after: cell a, cell b
  var dc = mat2x4<f32>();
  for (var back = 1u; back <= sizes.time; back++) {
    let t = sizes.time - back;
    // A loop, since what is written out eight times is compiled eight times. i < 4: row i of cell a, else of cell b.
    var pre = array<vec4<f32>, 8>();
    for (var i = 0u; i < 8u; i++) {
      let cell = i >> 2u;
      let r = i & 3u;
      let row = select(row_a, row_b, cell == 1u) + r;
      let step = retreat(row, t, select(ua, ub, cell == 1u), d[cell][r], dc[cell][r]);
      pre[i] = step.dpre;
      dc[cell][r] = step.dc;
    }
    // In two halves: workgroup memory does not hold the gates of all cells.
    d_now[l] = transpose(mat4x4<f32>(pre[0], pre[1], pre[2], pre[3]));
    workgroupBarrier();
    d = received(mat2x4<f32>(), 0u, min(WG, size), ua, ub);
    workgroupBarrier();
    if (size > WG) {
      d_now[l] = transpose(mat4x4<f32>(pre[4], pre[5], pre[6], pre[7]));
      workgroupBarrier();
      d = received(d, WG, size - WG, ua, ub);
      workgroupBarrier();
    }
  }
  if (STATE == 1u) {
    write_state(row_a, ua, d[0], dc[0]);
    write_state(row_b, ub, d[1], dc[1]);
  }
}

// One invocation: h one step earlier, for the gradient of W_h.
@compute @workgroup_size(256)
fn shift(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = id.y * groups.x * 256u + id.x;
  let size = sizes.hidden;
  if (at >= sizes.batch * sizes.time * size) { return; }
  let step = at / size;
  var value = 0.0;
  if (step % sizes.time > 0u) { value = h[at - size]; } else if (STATE == 1u) {
    value = h0[step / sizes.time * size + at % size];
  }
  before[at] = value;
}
