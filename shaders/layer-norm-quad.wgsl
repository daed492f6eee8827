enable subgroups;
// layer-norm.wgsl by quads, in the same order of addition. Four neighbours hold a row each and share what they read of the
// gain and the bias; of the sums down the columns a quad makes four columns', with neither workgroup memory, whose clearing
// takes long to compile, nor barriers. The width is a multiple of 4.
//!include "lib/layer-norm-sizes.wgsl"

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>; // [rows, width]
@group(0) @binding(2) var<storage, read> gain: array<f32>; // [width]
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> stats: array<vec2<f32>>; // [rows]: mean, 1 / sqrt(variance + eps)
@group(0) @binding(6) var<storage, read> stats_in: array<vec2<f32>>;
@group(0) @binding(7) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> dx: array<vec4<f32>>;
@group(0) @binding(9) var<storage, read_write> dgain: array<f32>;
@group(0) @binding(10) var<storage, read_write> dbias: array<f32>;
@group(0) @binding(11) var<storage, read> other: array<vec4<f32>>; // as dx: added to it

// What each of the four has, for all of them.
fn shared_by(v: f32) -> vec4<f32> {
  return vec4<f32>(quadBroadcast(v, 0u), quadBroadcast(v, 1u), quadBroadcast(v, 2u), quadBroadcast(v, 3u));
}

// The next four of a row, one after the other.
fn added(sum: f32, v: vec4<f32>) -> f32 {
  return (((sum + v.x) + v.y) + v.z) + v.w;
}

// One invocation: one row. What is past the last row computes that one again and writes nothing.
@compute @workgroup_size(16)
fn forward(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
           @builtin(local_invocation_index) local: u32, @builtin(subgroup_invocation_id) lane: u32) {
  let row = (id.y * groups.x + id.x) * 16u + local;
  let fours = sizes.width / 4u;
  let begin = min(row, sizes.rows - 1u) * fours;
  var sum = 0.0;
  for (var i = 0u; i < fours; i++) { sum = added(sum, x[begin + i]); }
  let mean = sum / f32(sizes.width);
  var square = 0.0;
  for (var i = 0u; i < fours; i++) {
    let d = x[begin + i] - mean;
    square = added(square, d * d);
  }
  let rstd = 1.0 / sqrt(square / f32(sizes.width) + sizes.eps);
  for (var i = 0u; i < fours; i++) {
    let v = (x[begin + i] - mean) * rstd * shared_by(gain[4u * i + lane]) + shared_by(bias[4u * i + lane]);
    if (row < sizes.rows) { y[begin + i] = v; }
  }
  if (row < sizes.rows) { stats[row] = vec2<f32>(mean, rstd); }
}

// dx of one row, with n = (x - mean) rstd and g = gain dy:  dx = rstd (g - mean(g) - n mean(g n)).
fn backward_row(row: u32, lane: u32) {
  let at = min(row, sizes.rows - 1u);
  let fours = sizes.width / 4u;
  let begin = at * fours;
  let mean = stats_in[at].x;
  let rstd = stats_in[at].y;
  var sum = 0.0;
  var product = 0.0;
  for (var i = 0u; i < fours; i++) {
    let g = shared_by(gain[4u * i + lane]) * dy[begin + i];
    sum = added(sum, g);
    product = added(product, g * (x[begin + i] - mean) * rstd);
  }
  sum /= f32(sizes.width);
  product /= f32(sizes.width);
  for (var i = 0u; i < fours; i++) {
    let n = (x[begin + i] - mean) * rstd;
    var d = rstd * (shared_by(gain[4u * i + lane]) * dy[begin + i] - sum - n * product);
    if (sizes.residual == 1u) { d += other[begin + i]; }
    if (row < sizes.rows) { dx[begin + i] = d; }
  }
}

// dy n and dy of four columns in a row that is there; else 0s.
fn share(row: u32, column: u32) -> mat2x4<f32> {
  let at = min(row, sizes.rows - 1u);
  let place = at * (sizes.width / 4u) + column;
  let d = dy[place];
  let there = vec4<bool>(row < sizes.rows);
  let s = stats_in[at];
  return mat2x4<f32>(select(vec4<f32>(), d * (x[place] - s.x) * s.y, there), select(vec4<f32>(), d, there));
}

// Four columns: dgain = sum of dy n, dbias = sum of dy. Sixteen sums of every 16th row, four a lane; then halves of them are
// added to halves.
fn backward_columns(four: u32, lane: u32) {
  let column = min(four, sizes.width / 4u - 1u);
  var s0 = mat2x4<f32>();
  var s1 = mat2x4<f32>();
  var s2 = mat2x4<f32>();
  var s3 = mat2x4<f32>();
  for (var row = lane; row < sizes.rows; row += 16u) {
    s0 += share(row, column);
    s1 += share(row + 4u, column);
    s2 += share(row + 8u, column);
    s3 += share(row + 12u, column);
  }
  let own = (s0 + s2) + (s1 + s3);
  let pair = mat2x4<f32>(own[0] + quadSwapY(own[0]), own[1] + quadSwapY(own[1]));
  let all = mat2x4<f32>(pair[0] + quadSwapX(pair[0]), pair[1] + quadSwapX(pair[1]));
  if (4u * four < sizes.width) {
    dgain[4u * four + lane] = all[0][lane];
    dbias[4u * four + lane] = all[1][lane];
  }
}

// The first workgroups: a row an invocation. The others: four columns a quad.
@compute @workgroup_size(16)
fn backward(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
            @builtin(local_invocation_index) local: u32, @builtin(subgroup_invocation_id) lane: u32) {
  let group = id.y * groups.x + id.x;
  if (group >= sizes.row_groups) {
    backward_columns((group - sizes.row_groups) * 4u + local / 4u, lane);
    return;
  }
  backward_row(group * 16u + local, lane);
}
