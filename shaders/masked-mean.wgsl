// The mean of the losses whose target is not 0xffffffff, and its gradient. One workgroup of 256 lanes does it all: each
// lane adds every 256th value in order, a tree joins the lanes.
//!include "lib/reduce.wgsl"
struct Sizes {
  count: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> losses: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<u32>;
@group(0) @binding(3) var<storage, read_write> mean: array<f32>;
@group(0) @binding(4) var<storage, read> dmean: array<f32>;
@group(0) @binding(5) var<storage, read_write> dlosses: array<f32>;

const LANES = 256u;
const IGNORED = 0xffffffffu;

// How many count; exact in an f32 up to 2^24. At least 1, so that nothing divides by 0.
fn counted(lane: u32) -> f32 {
  var n = 0.0;
  for (var i = lane; i < sizes.count; i += LANES) { n += select(1.0, 0.0, targets[i] == IGNORED); }
  return max(1.0, sum_lanes(lane, n));
}

@compute @workgroup_size(256)
fn forward(@builtin(local_invocation_index) lane: u32) {
  let n = counted(lane);
  var sum = 0.0;
  for (var i = lane; i < sizes.count; i += LANES) { sum += select(losses[i], 0.0, targets[i] == IGNORED); }
  let total = sum_lanes(lane, sum);
  if (lane == 0u) { mean[0] = total / n; }
}

@compute @workgroup_size(256)
fn backward(@builtin(local_invocation_index) lane: u32) {
  let d = dmean[0] / counted(lane);
  for (var i = lane; i < sizes.count; i += LANES) { dlosses[i] = select(d, 0.0, targets[i] == IGNORED); }
}
