// What one step of an LSTM binds, and what it begins with.
override STATE = 0u; // h0 and c0 are given

struct Sizes {
  batch: u32,
  time: u32,
  hidden: u32,
  t: u32, // the step
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> xproj: array<f32>; // [B, T, 4, H], x Wx' + b
@group(0) @binding(4) var<storage, read> h0: array<f32>; // [B, H]
@group(0) @binding(5) var<storage, read> c0: array<f32>;
//!include "lib/lstm-given.wgsl"
//!include "lib/lstm-cell.wgsl"

fn before(row: u32, u: u32) -> vec2<f32> {
  if (sizes.t == 0u) { return initial(row, u); }
  let at = (row * sizes.time + sizes.t) * sizes.hidden + u;
  return vec2<f32>(h_before[at], c[at - sizes.hidden]);
}
