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

fn initial(row: u32, u: u32) -> vec2<f32> {
  if (STATE == 0u) { return vec2<f32>(0.0); }
  return vec2<f32>(h0[row * sizes.hidden + u], c0[row * sizes.hidden + u]);
}

fn given(row: u32, t: u32, u: u32) -> vec4<f32> {
  let at = (row * sizes.time + t) * 4u * sizes.hidden + u;
  return vec4<f32>(
    xproj[at], xproj[at + sizes.hidden], xproj[at + 2u * sizes.hidden], xproj[at + 3u * sizes.hidden]);
}
