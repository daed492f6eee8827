// Softmax cross-entropy of each row of logits with its target, in nats, and the gradient. A target past the last column
// (0xffffffff: ignored) gives loss 0 and no gradient.
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
const LOWEST = -0x1.fffffep127;

// One invocation makes one row: no barriers, for the short rows of a character alphabet.
@compute @workgroup_size(64)
fn forward_narrow(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
                  @builtin(local_invocation_index) lane: u32) {
  let row = (group.y * groups.x + group.x) * 64u + lane;
  if (row >= sizes.rows) { return; }
  let goal = targets[row];
  if (goal >= sizes.columns) {
    losses[row] = 0.0;
    return;
  }
  let first = row * sizes.columns;
  let last = first + sizes.columns;
  var largest = LOWEST;
  for (var i = first; i < last; i++) { largest = max(largest, logits[i]); }
  var sum = 0.0;
  for (var i = first; i < last; i++) { sum += exp(logits[i] - largest); }
  losses[row] = log(sum) + (largest - logits[first + goal]);
}

// One workgroup makes one row, each lane every 64th column.
@compute @workgroup_size(64)
fn forward_wide(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
                @builtin(local_invocation_index) lane: u32) {
  let row = group.y * groups.x + group.x;
  let first = min(row, sizes.rows - 1u) * sizes.columns; // a folded grid may end past the last row
  let last = first + sizes.columns;
  var largest = LOWEST;
  for (var i = first + lane; i < last; i += 64u) { largest = max(largest, logits[i]); }
  largest = max_lanes(lane, largest);
  var sum = 0.0;
  for (var i = first + lane; i < last; i += 64u) { sum += exp(logits[i] - largest); }
  let total = sum_lanes(lane, sum);
  if (row >= sizes.rows || lane > 0u) { return; }
  let goal = targets[row];
  var loss = 0.0;
  if (goal < sizes.columns) { loss = log(total) + (largest - logits[first + goal]); }
  losses[row] = loss;
}

// dlogits = dloss (p - onehot), one invocation an element. Since loss = logsumexp - z_target, the probability is
// exp(z - z_target - loss): no row is summed again.
@compute @workgroup_size(256)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
            @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  if (i >= sizes.rows * sizes.columns) { return; }
  let row = i / sizes.columns;
  let column = i - row * sizes.columns;
  let goal = targets[row];
  var d = 0.0;
  if (goal < sizes.columns) {
    let p = exp(logits[i] - logits[row * sizes.columns + goal] - known[row]);
    d = dlosses[row] * (p - select(0.0, 1.0, column == goal));
  }
  dlogits[i] = d;
}
