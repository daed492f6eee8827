// The gradient's squares, summed over stretches of the arena, a workgroup each, and beside them the mean of the step's
// losses. The sums are not joined here: an optimizer's invocations do that themselves (lib/optimizer.wgsl), which is cheaper
// than a dispatch. The order of addition depends on sizes alone.
// Non-finite numbers are told by their exponent bits (WGSL may assume that NaN and infinity never occur).
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

var<workgroup> lanes: array<vec2<f32>, LANES>;

// Both sums over the lanes at once, added as a tree: half the barriers, of which a processor's time is made here. Lane 0 gets
// them; every lane must arrive.
fn joined(lane: u32, value: vec2<f32>) -> vec2<f32> {
  lanes[lane] = value;
  for (var half = LANES / 2u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (lane < half) { lanes[lane] += lanes[lane + half]; }
  }
  return lanes[0];
}

// A stretch: its sum of squares, or -1 where a gradient is not finite or the sum has left f32. The workgroup after the last
// one: the mean loss over the places that have a target; 0 when none has.
fn write_down(part: u32, lane: u32, found: vec2<f32>) {
  let all = joined(lane, found);
  if (lane > 0u) { return; }
  if (part < sizes.parts) {
    let over = (bitcast<u32>(all.x) & 0x7f800000u) == 0x7f800000u;
    norm[FIRST + part] = select(all.x, -1.0, all.y > 0.0 || over);
    return;
  }
  norm[0] = all.x / max(1.0, all.y);
  for (var i = 1u; i < FIRST; i++) { norm[i] = 0.0; }
}

// A lane's share of the losses and how many they are (exact up to 2^24); none in a workgroup that has a stretch.
fn losses_of(part: u32, lane: u32) -> vec2<f32> {
  var sum = vec2<f32>();
  if (REPORT == 0u) { return sum; }
  let last = select(0u, sizes.losses, part == sizes.parts);
  for (var i = lane; i < last; i += LANES) {
    let there = targets[i] != IGNORED;
    sum += select(vec2<f32>(), vec2<f32>(losses[i], 1.0), there);
  }
  return sum;
}

// The sum of squares, and more than 0 where one is not finite.
fn squared(sum: vec4<f32>, bad: vec4<bool>) -> vec2<f32> {
  return vec2<f32>((sum.x + sum.y) + (sum.z + sum.w), select(0.0, 1.0, any(bad)));
}

@compute @workgroup_size(LANES)
fn squares(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let last = min((group.x + 1u) * sizes.stretch, sizes.count);
  var sum = vec4<f32>(0.0);
  var bad = vec4<bool>(false);
  for (var i = group.x * sizes.stretch + lane; i < last; i += LANES) {
    let g = grad[i];
    bad = bad | ((bitcast<vec4<u32>>(g) & EXPONENT) == EXPONENT);
    sum += g * g;
  }
  write_down(group.x, lane, squared(sum, bad) + losses_of(group.x, lane));
}

// Only entries that will be updated count: age 1 .. 2^31-1. Age 0 is dormant, bit 31 is frozen.
@compute @workgroup_size(LANES)
fn squares_aged(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let last = min((group.x + 1u) * sizes.stretch, sizes.count);
  var sum = vec4<f32>(0.0);
  var bad = vec4<bool>(false);
  for (var i = group.x * sizes.stretch + lane; i < last; i += LANES) {
    let live = age[i] - vec4<u32>(1u) < vec4<u32>(0x7fffffffu);
    let g = select(vec4<f32>(0.0), grad[i], live);
    bad = bad | ((bitcast<vec4<u32>>(g) & EXPONENT) == EXPONENT);
    sum += g * g;
  }
  write_down(group.x, lane, squared(sum, bad) + losses_of(group.x, lane));
}
