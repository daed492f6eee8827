// What the ways to walk back through a sequence in one dispatch share (lstm-grad.wgsl, lstm-grad-quad.wgsl).
struct Sizes {
  batch: u32,
  time: u32,
  hidden: u32, // at most 512
}

//!include "lib/lstm-retreat.wgsl"
