// One step of one cell of an LSTM, which the ways to walk through a sequence share (lib/lstm-loop.wgsl, lib/lstm-loop-quad.wgsl). A
// shader that includes one of them has `sizes.batch`, `.time` and `.hidden` (at most 512), and says
//   given(row, t, u)   what a cell's four gates get from the input, bias included,
//   initial(row, u)    (h, c) before the first step.
//!include "lib/activations.wgsl"
//!include "lib/lstm-fed.wgsl"
@group(0) @binding(3) var<storage, read> wt: array<vec4<f32>>; // [v, u]: the four gates' weights
@group(0) @binding(6) var<storage, read_write> h: array<f32>; // [B, T, H]
@group(0) @binding(7) var<storage, read_write> gates: array<f32>; // [B, T, 4, H], after their nonlinearity
@group(0) @binding(8) var<storage, read_write> c: array<f32>; // [B, T, H]
@group(0) @binding(10) var<storage, read_write> h_before: array<f32>; // [B, T, H]: h of the step before

override WG = 64u; // at least half of the cells

const NOWHERE = 0xfffffff0u; // a row that no batch has: nothing is written for it

// One cell of one row, one step on: (h, c) from c and from what the other cells give its gates.
fn advance(row: u32, t: u32, u: u32, sum: vec4<f32>, before: f32) -> vec2<f32> {
  let pre = given(min(row, sizes.batch - 1u), t, u) + sum;
  let g = vec4<f32>(sigmoid(pre.x), sigmoid(pre.y), safe_tanh(pre.z), sigmoid(pre.w));
  let cell = g.y * before + g.x * g.z;
  let out = g.w * safe_tanh(cell);
  if (row < sizes.batch) {
    let step = row * sizes.time + t;
    let at = step * 4u * sizes.hidden + u;
    gates[at] = g.x;
    gates[at + sizes.hidden] = g.y;
    gates[at + 2u * sizes.hidden] = g.z;
    gates[at + 3u * sizes.hidden] = g.w;
    h[step * sizes.hidden + u] = out;
    if (t == 0u) { h_before[step * sizes.hidden + u] = initial(row, u).x; }
    if (t + 1u < sizes.time) { h_before[(step + 1u) * sizes.hidden + u] = out; }
    c[step * sizes.hidden + u] = cell;
  }
  return vec2<f32>(out, cell);
}
