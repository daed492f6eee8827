// What one step back of an LSTM binds.
struct Sizes {
  batch: u32,
  time: u32,
  hidden: u32,
  t: u32, // the step
}
//!include "lib/lstm-retreat.wgsl"

@group(0) @binding(4) var<storage, read> w: array<f32>; // [4, H, H]: row u reads column v
