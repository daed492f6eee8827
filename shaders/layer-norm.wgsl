// Layer norm over the last axis: y = (x - mean) / sqrt(variance + eps) * gain + bias, and its gradient. An invocation walks
// over a whole row by itself: rows are many and short, and on a software adapter barriers cost more than the sums.

struct Sizes {
  rows: u32,
  width: u32,
  eps: f32,
  stretch: u32, // rows that one part of the gain's gradient adds up
  parts: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [rows, width]
@group(0) @binding(2) var<storage, read> gain: array<f32>; // [width]
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read_write> stats: array<f32>; // [rows, 2]: mean, 1 / sqrt(variance + eps)
@group(0) @binding(6) var<storage, read> stats_in: array<f32>;
@group(0) @binding(7) var<storage, read> dy: array<f32>;
@group(0) @binding(8) var<storage, read_write> dx: array<f32>;
@group(0) @binding(9) var<storage, read_write> partial: array<f32>; // [parts, 2, width]: of dgain, of dbias
@group(0) @binding(10) var<storage, read> parts_in: array<f32>;
@group(0) @binding(11) var<storage, read_write> dgain: array<f32>;
@group(0) @binding(12) var<storage, read_write> dbias: array<f32>;

// One invocation: one row.
@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let row = id.y * groups.x * 64u + id.x;
  if (row >= sizes.rows) { return; }
  let begin = row * sizes.width;
  var sum = 0.0;
  for (var i = 0u; i < sizes.width; i++) { sum += x[begin + i]; }
  let mean = sum / f32(sizes.width);
  var square = 0.0;
  for (var i = 0u; i < sizes.width; i++) {
    let d = x[begin + i] - mean;
    square += d * d;
  }
  let rstd = 1.0 / sqrt(square / f32(sizes.width) + sizes.eps);
  for (var i = 0u; i < sizes.width; i++) { y[begin + i] = (x[begin + i] - mean) * rstd * gain[i] + bias[i]; }
  stats[2u * row] = mean;
  stats[2u * row + 1u] = rstd;
}

// dx of one row, with n = (x - mean) rstd and g = gain dy:  dx = rstd (g - mean(g) - n mean(g n)).
fn backward_row(row: u32) {
  let begin = row * sizes.width;
  let mean = stats_in[2u * row];
  let rstd = stats_in[2u * row + 1u];
  var sum = 0.0;
  var product = 0.0;
  for (var i = 0u; i < sizes.width; i++) {
    let g = gain[i] * dy[begin + i];
    sum += g;
    product += g * (x[begin + i] - mean) * rstd;
  }
  sum /= f32(sizes.width);
  product /= f32(sizes.width);
  for (var i = 0u; i < sizes.width; i++) {
    let n = (x[begin + i] - mean) * rstd;
    dx[begin + i] = rstd * (gain[i] * dy[begin + i] - sum - n * product);
  }
}

// One column of `stretch` rows: dgain = sum of dy n, dbias = sum of dy.
fn backward_column(part: u32, column: u32) {
  var sum_gain = 0.0;
  var sum_bias = 0.0;
  let end = min((part + 1u) * sizes.stretch, sizes.rows);
  for (var row = part * sizes.stretch; row < end; row++) {
    let at = row * sizes.width + column;
    sum_gain += dy[at] * (x[at] - stats_in[2u * row]) * stats_in[2u * row + 1u];
    sum_bias += dy[at];
  }
  partial[2u * part * sizes.width + column] = sum_gain;
  partial[(2u * part + 1u) * sizes.width + column] = sum_bias;
}

// The first workgroups: a row an invocation. The others: a column of a part. Two jobs that need not wait for each other.
@compute @workgroup_size(64)
fn backward(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.y * groups.x * 64u + id.x;
  let rows = (sizes.rows + 63u) / 64u * 64u;
  if (i < rows) {
    if (i < sizes.rows) { backward_row(i); }
    return;
  }
  let item = i - rows;
  if (item < sizes.parts * sizes.width) { backward_column(item / sizes.width, item % sizes.width); }
}

// One invocation: one column, its parts added in order.
@compute @workgroup_size(64)
fn finish(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= sizes.width) { return; }
  var sum_gain = 0.0;
  var sum_bias = 0.0;
  for (var part = 0u; part < sizes.parts; part++) {
    sum_gain += parts_in[2u * part * sizes.width + id.x];
    sum_bias += parts_in[(2u * part + 1u) * sizes.width + id.x];
  }
  dgain[id.x] = sum_gain;
  dbias[id.x] = sum_bias;
}
