// The gradient's global norm, its clip factor and the finite check, in two dispatches: each workgroup sums the squares
// of one stretch of the arena, then one workgroup joins the stretches. The order of addition depends on sizes alone.
// Non-finite numbers are told by their exponent bits (WGSL may assume that NaN and infinity never occur).
//!include "lib/control.wgsl"
struct Sizes {
  count: u32,
  stretch: u32, // elements a workgroup
  parts: u32,   // workgroups, at most 256
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> grad: array<f32>;
@group(0) @binding(2) var<storage, read> age: array<u32>;
@group(0) @binding(3) var<storage, read_write> partial: array<f32>; // [parts] sums, then [parts] flags
@group(0) @binding(4) var<storage, read> control: array<u32>;
@group(0) @binding(5) var<storage, read_write> norm: array<f32>;
@group(0) @binding(6) var<storage, read> loss: array<f32>;
@group(0) @binding(7) var<storage, read_write> report: array<f32>; // the loss, then the four numbers of `norm`

override REPORT = 0u;

const LANES = 256u;
var<workgroup> sums: array<f32, LANES>;
var<workgroup> flags: array<u32, LANES>;

fn finite(value: f32) -> bool {
  return (bitcast<u32>(value) & 0x7f800000u) != 0x7f800000u;
}

// Leaves the sum in sums[0], and in flags[0] whether anything was not finite.
fn join(lane: u32, sum: f32, flag: u32) {
  sums[lane] = sum;
  flags[lane] = flag;
  for (var half = LANES / 2u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (lane < half) {
      sums[lane] += sums[lane + half];
      flags[lane] |= flags[lane + half];
    }
  }
}

@compute @workgroup_size(LANES)
fn squares(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let last = min((group.x + 1u) * sizes.stretch, sizes.count);
  var sum = 0.0;
  var flag = 0u;
  for (var i = group.x * sizes.stretch + lane; i < last; i += LANES) {
    let g = grad[i];
    if (finite(g)) { sum += g * g; } else { flag = 1u; }
  }
  join(lane, sum, flag);
  if (lane == 0u) {
    partial[group.x] = sums[0];
    partial[sizes.parts + group.x] = f32(flags[0]);
  }
}

// Only entries that will be updated count: age 1 .. 2^31-1. Age 0 is dormant, bit 31 is frozen.
@compute @workgroup_size(LANES)
fn squares_aged(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let last = min((group.x + 1u) * sizes.stretch, sizes.count);
  var sum = 0.0;
  var flag = 0u;
  for (var i = group.x * sizes.stretch + lane; i < last; i += LANES) {
    if (age[i] - 1u >= 0x7fffffffu) { continue; }
    let g = grad[i];
    if (finite(g)) { sum += g * g; } else { flag = 1u; }
  }
  join(lane, sum, flag);
  if (lane == 0u) {
    partial[group.x] = sums[0];
    partial[sizes.parts + group.x] = f32(flags[0]);
  }
}

// norm = [|g|^2, clip factor, 1 if non-finite else 0, |g|]; [0, 0, 1, 0] when non-finite or when |g|^2 overflows.
@compute @workgroup_size(LANES)
fn finish(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  var flag = 0u;
  if (lane < sizes.parts) {
    sum = partial[lane];
    flag = u32(partial[sizes.parts + lane]);
  }
  join(lane, sum, flag);
  if (lane > 0u) { return; }
  var found = vec4<f32>(0.0, 0.0, 1.0, 0.0);
  if (flags[0] == 0u && finite(sums[0])) {
    let length = sqrt(sums[0]);
    let limit = control_f32(CLIP);
    found = vec4<f32>(sums[0], select(min(1.0, limit / (length + 1e-6)), 1.0, limit == 0.0), 0.0, length);
  }
  for (var i = 0u; i < 4u; i++) { norm[i] = found[i]; }
  if (REPORT == 0u) { return; }
  report[0] = loss[0];
  for (var i = 0u; i < 4u; i++) { report[1u + i] = found[i]; }
}
