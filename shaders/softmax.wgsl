// Softmax over the last axis, and its gradient. One workgroup of 64 lanes makes one row: each lane walks every 64th
// column, a tree over the lanes joins them.
struct Sizes {
  rows: u32,
  columns: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read> p: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;

var<workgroup> lanes: array<f32, 64>;

fn sum_lanes(lane: u32, value: f32) -> f32 {
  lanes[lane] = value;
  for (var half = 32u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (lane < half) { lanes[lane] += lanes[lane + half]; }
  }
  workgroupBarrier();
  return lanes[0];
}

fn max_lanes(lane: u32, value: f32) -> f32 {
  lanes[lane] = value;
  for (var half = 32u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (lane < half) { lanes[lane] = max(lanes[lane], lanes[lane + half]); }
  }
  workgroupBarrier();
  let largest = lanes[0];
  workgroupBarrier(); // lanes is written again by the sum that follows
  return largest;
}

// y = exp(x - max) / sum: the largest exponent is 0, so nothing overflows.
@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
           @builtin(local_invocation_index) lane: u32) {
  let row = group.y * groups.x + group.x;
  let first = min(row, sizes.rows - 1u) * sizes.columns; // a folded grid may end past the last row
  let last = first + sizes.columns;
  var largest = -0x1.fffffep127; // the lowest f32
  for (var i = first + lane; i < last; i += 64u) { largest = max(largest, x[i]); }
  largest = max_lanes(lane, largest);
  var sum = 0.0;
  for (var i = first + lane; i < last; i += 64u) { sum += exp(x[i] - largest); }
  let total = sum_lanes(lane, sum);
  if (row >= sizes.rows) { return; }
  for (var i = first + lane; i < last; i += 64u) { y[i] = exp(x[i] - largest) / total; }
}

// dx = p (dy - sum p dy), p the forward result.
@compute @workgroup_size(64)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
            @builtin(local_invocation_index) lane: u32) {
  let row = group.y * groups.x + group.x;
  let first = min(row, sizes.rows - 1u) * sizes.columns;
  let last = first + sizes.columns;
  var sum = 0.0;
  for (var i = first + lane; i < last; i += 64u) { sum += p[i] * dy[i]; }
  let total = sum_lanes(lane, sum);
  if (row >= sizes.rows) { return; }
  for (var i = first + lane; i < last; i += 64u) { dx[i] = p[i] * (dy[i] - total); }
}
