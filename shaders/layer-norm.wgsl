// Layer norm over the last axis: y = (x - mean) / sqrt(variance + eps) * gain + bias, and its gradient. An invocation walks
// over a whole row by itself: rows are many and short, and on a software adapter barriers cost more than the sums.
//!include "lib/layer-norm-rows.wgsl"

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
    var d = rstd * (gain[i] * dy[begin + i] - sum - n * product);
    if (sizes.residual == 1u) { d += other[begin + i]; }
    dx[begin + i] = d;
  }
}

// Of dgain and dbias, what lanes 4 j + c have found of column c.
var<workgroup> sums: array<vec2<f32>, 64>;

// Four columns: dgain = sum of dy n, dbias = sum of dy. Sixteen lanes a column, each every 16th row; then halves of the
// lanes are added to halves.
fn backward_columns(first: u32, lane: u32) {
  let column = min(first + (lane & 3u), sizes.width - 1u);
  var sum = vec2<f32>();
  for (var row = lane >> 2u; row < sizes.rows; row += 16u) {
    let at = row * sizes.width + column;
    let d = dy[at];
    sum += vec2<f32>(d * (x[at] - stats_in[2u * row]) * stats_in[2u * row + 1u], d);
  }
  sums[lane] = sum;
  for (var half = 32u; half >= 4u; half >>= 1u) {
    workgroupBarrier();
    if (lane < half) { sums[lane] += sums[lane + half]; }
  }
  if (lane < 4u && first + lane < sizes.width) {
    dgain[column] = sums[lane].x;
    dbias[column] = sums[lane].y;
  }
}

// The first workgroups: a row an invocation. The others: four columns each. Two jobs that need not wait for each other.
@compute @workgroup_size(64)
fn backward(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
            @builtin(local_invocation_index) lane: u32) {
  let group = id.y * groups.x + id.x;
  if (group >= sizes.row_groups) {
    backward_columns((group - sizes.row_groups) * 4u, lane);
    return;
  }
  let row = group * 64u + lane;
  if (row < sizes.rows) { backward_row(row); }
}
