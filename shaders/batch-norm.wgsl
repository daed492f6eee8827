// Batch normalisation (Ioffe and Szegedy 2015) of x [N, C, area]: one workgroup a channel, whose 256 lanes each walk over
// every 256th value; a tree joins them. Mean first, then squared deviations from it: f32 loses nothing by cancellation.
//!include "lib/reduce.wgsl"
struct Sizes {
  batch: u32,
  channels: u32,
  area: u32, // values of a channel in one image
  eps: f32,
  momentum: f32, // weight of the newest batch in the running statistics
  unbiased: f32, // n / (n - 1), by which a batch's variance becomes an estimate
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>; // [C]
@group(0) @binding(3) var<storage, read> bias: array<f32>; // [C]
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read_write> stats: array<f32>; // [2, C]: mean, then variance of the batch
@group(0) @binding(6) var<storage, read> known: array<f32>; // [2, C]: the statistics to normalise by
@group(0) @binding(7) var<storage, read> dy: array<f32>;
@group(0) @binding(8) var<storage, read_write> dx: array<f32>;
@group(0) @binding(9) var<storage, read_write> dweight: array<f32>; // [C]
@group(0) @binding(10) var<storage, read_write> dbias: array<f32>; // [C]
@group(0) @binding(11) var<storage, read_write> running: array<f32>; // [2, C]

const LANES = 256u;

// Value i of channel c, 0 <= i < batch * area.
fn place(c: u32, i: u32) -> u32 {
  return ((i / sizes.area) * sizes.channels + c) * sizes.area + i % sizes.area;
}

@compute @workgroup_size(256)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x;
  let count = sizes.batch * sizes.area;
  var sum = 0.0;
  for (var i = lane; i < count; i += LANES) { sum += x[place(c, i)]; }
  let mean = sum_lanes(lane, sum) / f32(count);
  var squares = 0.0;
  for (var i = lane; i < count; i += LANES) {
    let d = x[place(c, i)] - mean;
    squares += d * d;
  }
  let variance = sum_lanes(lane, squares) / f32(count);
  if (lane == 0u) {
    stats[c] = mean;
    stats[sizes.channels + c] = variance;
  }
  let gain = weight[c] / sqrt(variance + sizes.eps);
  for (var i = lane; i < count; i += LANES) {
    let at = place(c, i);
    y[at] = (x[at] - mean) * gain + bias[c];
  }
}

// dx = gain (dy - mean(dy) - x^ mean(dy x^)), x^ = (x - mean) / sqrt(variance + eps).
@compute @workgroup_size(256)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x;
  let count = sizes.batch * sizes.area;
  let mean = known[c];
  let scale = 1.0 / sqrt(known[sizes.channels + c] + sizes.eps);
  var sum = 0.0;
  var along = 0.0;
  for (var i = lane; i < count; i += LANES) {
    let at = place(c, i);
    sum += dy[at];
    along += dy[at] * (x[at] - mean);
  }
  let total = sum_lanes(lane, sum);
  let slope = sum_lanes(lane, along) * scale;
  if (lane == 0u) {
    dbias[c] = total;
    dweight[c] = slope;
  }
  let n = f32(count);
  for (var i = lane; i < count; i += LANES) {
    let at = place(c, i);
    dx[at] = weight[c] * scale * (dy[at] - total / n - (x[at] - mean) * scale * slope / n);
  }
}

// By statistics that are known: an affine map, one invocation a value.
@compute @workgroup_size(256)
fn inference(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
             @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  if (i >= sizes.batch * sizes.channels * sizes.area) { return; }
  let c = (i / sizes.area) % sizes.channels;
  y[i] = (x[i] - known[c]) * weight[c] / sqrt(known[sizes.channels + c] + sizes.eps) + bias[c];
}

// running <- (1 - momentum) running + momentum batch, in place; one invocation a number. What is no finite number is left
// out, as an optimizer leaves out the gradient of such a batch.
@compute @workgroup_size(64)
fn track(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= 2u * sizes.channels) { return; }
  let newest = known[i] * select(1.0, sizes.unbiased, i >= sizes.channels);
  if ((bitcast<u32>(newest) & 0x7f800000u) == 0x7f800000u) { return; }
  running[i] = (1.0 - sizes.momentum) * running[i] + sizes.momentum * newest;
}
