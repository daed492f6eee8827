// The gradient's squares, summed over stretches of the arena, a workgroup each, and beside them the mean of the step's
// losses. The sums are not joined here: an optimizer's invocations do that themselves (lib/optimizer.wgsl), which is cheaper
// than a dispatch. The order of addition depends on sizes alone.
// Non-finite numbers are told by their exponent bits (WGSL may assume that NaN and infinity never occur).
//!include "lib/reduce.wgsl"
struct Sizes {
  count: u32,   // vec4s of the gradient
  stretch: u32, // of them for a workgroup
  parts: u32,   // workgroups, a multiple of 4
  losses: u32,  // how many
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> grad: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> age: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read_write> norm: array<f32>; // 8 words: the loss, then 0s; then [parts]
@group(0) @binding(4) var<storage, read> losses: array<f32>;
@group(0) @binding(5) var<storage, read> targets: array<u32>;

override REPORT = 0u; // there are losses

const LANES = 64u;
const IGNORED = 0xffffffffu;
const FIRST = 8u;
const EXPONENT = vec4<u32>(0x7f800000u);

// A stretch's sum of squares, or -1 where a gradient is not finite or the sum has left f32.
fn write_part(part: u32, lane: u32, sum: vec4<f32>, bad: vec4<bool>) {
  let flags = sum_lanes(lane, select(0.0, 1.0, any(bad)));
  let total = sum_lanes(lane, (sum.x + sum.y) + (sum.z + sum.w));
  let over = (bitcast<u32>(total) & 0x7f800000u) == 0x7f800000u;
  if (lane == 0u) { norm[FIRST + part] = select(total, -1.0, flags > 0.0 || over); }
}

// The mean over the places that have a target; 0 when none has.
fn write_loss(lane: u32) {
  var sum = 0.0;
  var n = 0.0; // exact up to 2^24
  if (REPORT == 1u) {
    for (var i = lane; i < sizes.losses; i += LANES) {
      let there = targets[i] != IGNORED;
      sum += select(0.0, losses[i], there);
      n += select(0.0, 1.0, there);
    }
  }
  let total = sum_lanes(lane, sum);
  let counted = sum_lanes(lane, n);
  if (lane > 0u) { return; }
  norm[0] = total / max(1.0, counted);
  for (var i = 1u; i < FIRST; i++) { norm[i] = 0.0; }
}

@compute @workgroup_size(LANES)
fn squares(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (group.x == sizes.parts) {
    write_loss(lane);
    return;
  }
  let last = min((group.x + 1u) * sizes.stretch, sizes.count);
  var sum = vec4<f32>(0.0);
  var bad = vec4<bool>(false);
  for (var i = group.x * sizes.stretch + lane; i < last; i += LANES) {
    let g = grad[i];
    bad = bad | ((bitcast<vec4<u32>>(g) & EXPONENT) == EXPONENT);
    sum += g * g;
  }
  write_part(group.x, lane, sum, bad);
}

// Only entries that will be updated count: age 1 .. 2^31-1. Age 0 is dormant, bit 31 is frozen.
@compute @workgroup_size(LANES)
fn squares_aged(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (group.x == sizes.parts) {
    write_loss(lane);
    return;
  }
  let last = min((group.x + 1u) * sizes.stretch, sizes.count);
  var sum = vec4<f32>(0.0);
  var bad = vec4<bool>(false);
  for (var i = group.x * sizes.stretch + lane; i < last; i += LANES) {
    let live = age[i] - vec4<u32>(1u) < vec4<u32>(0x7fffffffu);
    let g = select(vec4<f32>(0.0), grad[i], live);
    bad = bad | ((bitcast<vec4<u32>>(g) & EXPONENT) == EXPONENT);
    sum += g * g;
  }
  write_part(group.x, lane, sum, bad);
}
