// One step back of one cell of an LSTM. A shader that includes this declares Sizes with batch, time and hidden.
//!include "lib/activations.wgsl"

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> dh: array<f32>; // [B, T, H]
@group(0) @binding(2) var<storage, read> gates: array<f32>; // [B, T, 4, H], after their nonlinearity
@group(0) @binding(3) var<storage, read> c: array<f32>; // [B, T, H]
@group(0) @binding(5) var<storage, read> c0: array<f32>; // [B, H]
@group(0) @binding(6) var<storage, read_write> dpre: array<f32>; // [B, T, 4, H]
@group(0) @binding(7) var<storage, read_write> dh0: array<f32>;
@group(0) @binding(8) var<storage, read_write> dc0: array<f32>;

override STATE = 0u; // h0 and c0 are given

const NOWHERE = 0xfffffff0u; // a row that no batch has: nothing is written for it

struct Step {
  dpre: vec4<f32>,
  dc: f32, // of the step before
}

// One cell of one row, one step back. d: the whole gradient of h at this step; dc: that of c from the step after.
fn retreat(row: u32, t: u32, u: u32, d_later: f32, dc_later: f32) -> Step {
  if (row >= sizes.batch) { return Step(); }
  let step = row * sizes.time + t;
  let d = d_later + dh[step * sizes.hidden + u];
  let at = step * 4u * sizes.hidden + u;
  let i = gates[at];
  let f = gates[at + sizes.hidden];
  let g = gates[at + 2u * sizes.hidden];
  let o = gates[at + 3u * sizes.hidden];
  var c_before = 0.0;
  if (t > 0u) { c_before = c[(step - 1u) * sizes.hidden + u]; } else if (STATE == 1u) {
    c_before = c0[row * sizes.hidden + u];
  }
  let tc = safe_tanh(c[step * sizes.hidden + u]);
  let dc = dc_later + d * o * (1.0 - tc * tc);
  let p = vec4<f32>(
    dc * g * i * (1.0 - i), dc * c_before * f * (1.0 - f), dc * i * (1.0 - g * g), d * tc * o * (1.0 - o));
  dpre[at] = p.x;
  dpre[at + sizes.hidden] = p.y;
  dpre[at + 2u * sizes.hidden] = p.z;
  dpre[at + 3u * sizes.hidden] = p.w;
  return Step(p, dc * f);
}
