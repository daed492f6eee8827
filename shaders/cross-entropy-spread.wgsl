// cross-entropy.wgsl for devices with many cores: sixteen invocations a row, which add it up from first to last, as one alone
// does there. They read the same word at a time, so that all of them adding costs what one would, and no barrier.
//!include "lib/reduce.wgsl"
struct Sizes {
  rows: u32,
  columns: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<u32>;
@group(0) @binding(3) var<storage, read_write> losses: array<f32>;
@group(0) @binding(4) var<storage, read_write> dlogits: array<f32>;

const LANES = 64u;
const STEP = 16u; // invocations of a row
const PITCH = 257u; // at most 256 columns
const IGNORED = 0xffffffffu;
const LOWEST = -0x1.fffffep127;

var<workgroup> exps: array<f32, 1028>; // 4 x PITCH
var<workgroup> tops: array<f32, 64>;

// Losses, and dlogits of their mean over the rows whose target is not IGNORED: (p - onehot) / count.
@compute @workgroup_size(64)
fn mean_narrow(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
               @builtin(local_invocation_index) lane: u32) {
  var n = 0.0;
  for (var i = lane; i < sizes.rows; i += LANES) { n += select(1.0, 0.0, targets[i] == IGNORED); }
  let weight = 1.0 / max(1.0, sum_lanes(lane, n));

  let row = (group.y * groups.x + group.x) * (LANES / STEP) + lane / STEP;
  let first = min(row, sizes.rows - 1u) * sizes.columns;
  let part = lane % STEP;
  let line = lane / STEP * PITCH;
  var largest = LOWEST;
  for (var i = part; i < sizes.columns; i += STEP) { largest = max(largest, logits[first + i]); }
  tops[lane] = largest;
  workgroupBarrier();
  for (var j = 0u; j < STEP; j++) { largest = max(largest, tops[lane / STEP * STEP + j]); }
  for (var i = part; i < sizes.columns; i += STEP) { exps[line + i] = exp(logits[first + i] - largest); }
  workgroupBarrier();
  var sum = 0.0;
  let end = line + sizes.columns;
  var i = line;
  for (; i + 4u <= end; i += 4u) {
    let e = vec4f(exps[i], exps[i + 1u], exps[i + 2u], exps[i + 3u]);
    sum = (((sum + e.x) + e.y) + e.z) + e.w;
  }
  for (; i < end; i++) { sum += exps[i]; }
  if (row >= sizes.rows) { return; }

  let goal = targets[row];
  let known = goal < sizes.columns;
  let score = logits[first + min(goal, sizes.columns - 1u)];
  let loss = select(0.0, log(sum) + (largest - score), known);
  if (part == 0u) { losses[row] = loss; }
  for (var column = part; column < sizes.columns; column += STEP) {
    let p = exp(logits[first + column] - score - loss);
    dlogits[first + column] = select(0.0, weight * (p - select(0.0, 1.0, column == goal)), known);
  }
}
