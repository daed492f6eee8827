// The share of rows whose largest column is the target. One workgroup of 256 lanes: each lane judges every 256th row, a
// tree joins the lanes. The first of several largest columns counts; a row with a NaN is wrong.
//!include "lib/reduce.wgsl"
struct Sizes {
  rows: u32,
  columns: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> logits: array<f32>; // [rows, columns]
@group(0) @binding(2) var<storage, read> targets: array<u32>; // [rows]
@group(0) @binding(3) var<storage, read_write> share: array<f32>; // [1]

const LANES = 256u;
const IGNORED = 0xffffffffu;

fn right(row: u32) -> f32 {
  let first = row * sizes.columns;
  let goal = targets[row];
  if (goal >= sizes.columns) { return 0.0; }
  let own = logits[first + goal];
  for (var c = 0u; c < sizes.columns; c++) {
    let v = logits[first + c];
    // By its bits: a compiler may take it that there is no NaN.
    if ((bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u) { return 0.0; }
    if (v > own || (c < goal && v == own)) { return 0.0; }
  }
  return 1.0;
}

@compute @workgroup_size(256)
fn forward(@builtin(local_invocation_index) lane: u32) {
  var asked = 0.0;
  var correct = 0.0;
  for (var row = lane; row < sizes.rows; row += LANES) {
    if (targets[row] == IGNORED) { continue; }
    asked += 1.0;
    correct += right(row);
  }
  let n = sum_lanes(lane, asked);
  let sum = sum_lanes(lane, correct);
  if (lane == 0u) { share[0] = sum / max(1.0, n); }
}
