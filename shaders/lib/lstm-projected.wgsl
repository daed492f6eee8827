// The inputs of an LSTM that have been projected: what lib/lstm-cell.wgsl asks for. Before that in a shader: naga (29) panics when
// an override is declared after an array as long as another override says, and takes Deno or Firefox's GPU process with it.
override STATE = 0u; // h0 and c0 are given

struct Sizes {
  batch: u32,
  time: u32,
  hidden: u32, // at most 512
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> xproj: array<f32>; // [B, T, 4, H], x Wx' + b
@group(0) @binding(4) var<storage, read> h0: array<f32>; // [B, H]
@group(0) @binding(5) var<storage, read> c0: array<f32>;
//!include "lib/lstm-given.wgsl"
