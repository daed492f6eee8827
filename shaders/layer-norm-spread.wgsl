// layer-norm.wgsl for devices with many cores. Sixteen invocations a row: they read and write it together, 128 columns at a
// time, and each adds it up from workgroup memory from first to last, as one alone does there. The order of every sum is the
// same. The sixteen read the same word at a time, so that all of them adding costs what one would, and no barrier.
//!include "lib/layer-norm-rows.wgsl"

const ROWS = 4u; // of a workgroup
const STEP = 16u; // invocations of a row
const CHUNK = 128u; // columns
const PITCH = 130u; // rows begin in different banks, also where two words are read at once

var<workgroup> values: array<f32, 520>; // 4 x PITCH

// A chunk of the row from `begin` on; past the last row the last one again.
fn read_values(begin: u32, first: u32, lane: u32) {
  let part = lane % STEP;
  let to = lane / STEP * PITCH;
  let count = min(CHUNK, sizes.width - first);
  workgroupBarrier();
  for (var i = part; i < count; i += STEP) { values[to + i] = x[begin + first + i]; }
  workgroupBarrier();
}

fn added(sum: f32, v: vec4<f32>) -> f32 { return (((sum + v.x) + v.y) + v.z) + v.w; }

fn four_at(i: u32) -> vec4<f32> { return vec4<f32>(values[i], values[i + 1u], values[i + 2u], values[i + 3u]); }

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
           @builtin(local_invocation_index) lane: u32) {
  let row = (id.y * groups.x + id.x) * ROWS + lane / STEP;
  let begin = min(row, sizes.rows - 1u) * sizes.width;
  let line = lane / STEP * PITCH;
  let part = lane % STEP;

  var sum = 0.0;
  for (var first = 0u; first < sizes.width; first += CHUNK) {
    read_values(begin, first, lane);
    let end = line + min(CHUNK, sizes.width - first);
    var i = line;
    for (; i + 8u <= end; i += 8u) {
      let low = four_at(i);
      let high = four_at(i + 4u);
      sum = added(added(sum, low), high);
    }
    for (; i < end; i++) { sum += values[i]; }
  }
  let mean = sum / f32(sizes.width);

  var square = 0.0;
  for (var first = 0u; first < sizes.width; first += CHUNK) {
    if (sizes.width > CHUNK) { read_values(begin, first, lane); }
    let end = line + min(CHUNK, sizes.width - first);
    var i = line;
    for (; i + 8u <= end; i += 8u) {
      let low = four_at(i) - mean;
      let high = four_at(i + 4u) - mean;
      square = added(added(square, low * low), high * high);
    }
    for (; i < end; i++) {
      let d = values[i] - mean;
      square += d * d;
    }
  }
  let rstd = 1.0 / sqrt(square / f32(sizes.width) + sizes.eps);
  if (row >= sizes.rows) { return; }
  for (var i = part; i < sizes.width; i += STEP) {
    y[begin + i] = (x[begin + i] - mean) * rstd * gain[i] + bias[i];
  }
  if (part == 0u) {
    stats[2u * row] = mean;
    stats[2u * row + 1u] = rstd;
  }
}

var<workgroup> slopes: array<vec2<f32>, 520>; // 4 x PITCH: g, and g (x - mean)

fn backward_rows(group: u32, lane: u32) {
  let row = group * ROWS + lane / STEP;
  let begin = min(row, sizes.rows - 1u) * sizes.width;
  let line = lane / STEP * PITCH;
  let part = lane % STEP;
  let mean = stats_in[2u * min(row, sizes.rows - 1u)];
  let rstd = stats_in[2u * min(row, sizes.rows - 1u) + 1u];
  var sum = 0.0;
  var product = 0.0;
  for (var first = 0u; first < sizes.width; first += CHUNK) {
    let count = min(CHUNK, sizes.width - first);
    workgroupBarrier();
    for (var i = part; i < count; i += STEP) {
      let g = gain[first + i] * dy[begin + first + i];
      slopes[line + i] = vec2<f32>(g, g * (x[begin + first + i] - mean));
    }
    workgroupBarrier();
    let end = line + count;
    var i = line;
    for (; i + 4u <= end; i += 4u) {
      let a = slopes[i];
      let b = slopes[i + 1u];
      let c = slopes[i + 2u];
      let d = slopes[i + 3u];
      sum = added(sum, vec4<f32>(a.x, b.x, c.x, d.x));
      product = added(product, vec4<f32>(a.y, b.y, c.y, d.y) * rstd);
    }
    for (; i < end; i++) {
      sum += slopes[i].x;
      product += slopes[i].y * rstd;
    }
  }
  sum /= f32(sizes.width);
  product /= f32(sizes.width);
  if (row >= sizes.rows) { return; }
  for (var i = part; i < sizes.width; i += STEP) {
    let n = (x[begin + i] - mean) * rstd;
    var d = rstd * (gain[i] * dy[begin + i] - sum - n * product);
    if (sizes.residual == 1u) { d += other[begin + i]; }
    dx[begin + i] = d;
  }
}

// Of dgain and dbias, what lanes 4 j + c have found of column c.
var<workgroup> sums: array<vec2<f32>, 64>;

fn slope_at(row: u32, column: u32) -> vec2<f32> {
  let at = row * sizes.width + column;
  let d = dy[at];
  return vec2<f32>(d * (x[at] - stats_in[2u * row]) * stats_in[2u * row + 1u], d);
}

// As in layer-norm.wgsl; eight rows are read before the first of them is added.
fn backward_columns(first: u32, lane: u32) {
  let column = min(first + (lane & 3u), sizes.width - 1u);
  var sum = vec2<f32>();
  var row = lane >> 2u;
  for (; row + 112u < sizes.rows; row += 128u) {
    let a = slope_at(row, column);
    let b = slope_at(row + 16u, column);
    let c = slope_at(row + 32u, column);
    let d = slope_at(row + 48u, column);
    let e = slope_at(row + 64u, column);
    let f = slope_at(row + 80u, column);
    let g = slope_at(row + 96u, column);
    let h = slope_at(row + 112u, column);
    sum = (((((((sum + a) + b) + c) + d) + e) + f) + g) + h;
  }
  for (; row < sizes.rows; row += 16u) { sum += slope_at(row, column); }
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

// The last workgroups: 4 rows each. Those before them: 4 columns each, which take longer.
@compute @workgroup_size(64)
fn backward(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
            @builtin(local_invocation_index) lane: u32) {
  let group = id.y * groups.x + id.x;
  let column_groups = (sizes.width + 3u) / 4u;
  if (group < column_groups) {
    backward_columns(group * 4u, lane);
  } else {
    backward_rows(group - column_groups, lane);
  }
}
