// Softmax cross-entropy of each row of logits with its target, in nats, and the gradient. A target past the last column
// (0xffffffff: ignored) gives loss 0 and no gradient. By `mean_*`, the gradient of the mean over the rows whose target is not
// 0xffffffff is made along with the losses.
//!include "lib/reduce.wgsl"
struct Sizes {
  rows: u32,
  columns: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<u32>;
@group(0) @binding(3) var<storage, read_write> losses: array<f32>;
@group(0) @binding(4) var<storage, read> known: array<f32>; // the losses
@group(0) @binding(5) var<storage, read> dlosses: array<f32>;
@group(0) @binding(6) var<storage, read_write> dlogits: array<f32>;

const LANES = 64u;
const IGNORED = 0xffffffffu;
const LOWEST = -0x1.fffffep127;

// How many rows count; exact in an f32 up to 2^24. Each workgroup finds out for itself: that is cheaper than a dispatch.
fn counted(lane: u32) -> f32 {
  var n = 0.0;
  for (var i = lane; i < sizes.rows; i += LANES) { n += select(1.0, 0.0, targets[i] == IGNORED); }
  return max(1.0, sum_lanes(lane, n));
}

// One invocation makes one row: no barriers, for the short rows of a character alphabet.
@compute @workgroup_size(64)
fn forward_narrow(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
                  @builtin(local_invocation_index) lane: u32) {
  let row = (group.y * groups.x + group.x) * 64u + lane;
  if (row >= sizes.rows) { return; }
  losses[row] = narrow_loss(row);
}

fn narrow_loss(row: u32) -> f32 {
  let goal = targets[row];
  if (goal >= sizes.columns) { return 0.0; }
  let first = row * sizes.columns;
  let last = first + sizes.columns;
  var largest = LOWEST;
  for (var i = first; i < last; i++) { largest = max(largest, logits[i]); }
  var sum = 0.0;
  for (var i = first; i < last; i++) { sum += exp(logits[i] - largest); }
  return log(sum) + (largest - logits[first + goal]);
}

// The same, and dlogits of the mean: (p - onehot) / count.
@compute @workgroup_size(64)
fn mean_narrow(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
               @builtin(local_invocation_index) lane: u32) {
  let weight = 1.0 / counted(lane);
  let row = (group.y * groups.x + group.x) * 64u + lane;
  if (row >= sizes.rows) { return; }
  let loss = narrow_loss(row);
  losses[row] = loss;
  for (var column = 0u; column < sizes.columns; column++) { write_slope(row, column, loss, weight); }
}

// One workgroup makes one row, each lane every 64th column. Every lane gets the loss.
fn wide_loss(row: u32, lane: u32) -> f32 {
  let first = row * sizes.columns;
  let last = first + sizes.columns;
  var largest = LOWEST;
  for (var i = first + lane; i < last; i += 64u) { largest = max(largest, logits[i]); }
  largest = max_lanes(lane, largest);
  var sum = 0.0;
  for (var i = first + lane; i < last; i += 64u) { sum += exp(logits[i] - largest); }
  let total = sum_lanes(lane, sum);
  let goal = targets[row];
  if (goal >= sizes.columns) { return 0.0; }
  return log(total) + (largest - logits[first + goal]);
}

@compute @workgroup_size(64)
fn forward_wide(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
                @builtin(local_invocation_index) lane: u32) {
  let row = group.y * groups.x + group.x;
  let loss = wide_loss(min(row, sizes.rows - 1u), lane); // a folded grid may end past the last row
  if (row < sizes.rows && lane == 0u) { losses[row] = loss; }
}

@compute @workgroup_size(64)
fn mean_wide(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
             @builtin(local_invocation_index) lane: u32) {
  let weight = 1.0 / counted(lane);
  let row = group.y * groups.x + group.x;
  let loss = wide_loss(min(row, sizes.rows - 1u), lane);
  if (row >= sizes.rows) { return; }
  if (lane == 0u) { losses[row] = loss; }
  for (var column = lane; column < sizes.columns; column += 64u) { write_slope(row, column, loss, weight); }
}

// Since loss = logsumexp - z_target, the probability is exp(z - z_target - loss): no row is summed again.
fn write_slope(row: u32, column: u32, loss: f32, weight: f32) {
  let goal = targets[row];
  let i = row * sizes.columns + column;
  var d = 0.0;
  if (goal < sizes.columns) {
    let p = exp(logits[i] - logits[row * sizes.columns + goal] - loss);
    d = weight * (p - select(0.0, 1.0, column == goal));
  }
  dlogits[i] = d;
}

// dlogits = dloss (p - onehot), one invocation an element.
@compute @workgroup_size(256)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
            @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  if (i >= sizes.rows * sizes.columns) { return; }
  let row = i / sizes.columns;
  write_slope(row, i - row * sizes.columns, known[row], dlosses[row]);
}
