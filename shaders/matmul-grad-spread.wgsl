// matmul-grad.wgsl for devices with many cores: see lib/matmul-spread.wgsl. Both products are one piece of code:
//   dW = dPre' a  [n, k], over the rows      dA = dPre W  [rows, k], over n
// The first workgroups make a tile of dW each, its groups sharing out the rows; in the others each group has a tile of dA.
//!include "lib/matmul-grad-blocks.wgsl"
//!include "lib/matmul-spread.wgsl"

struct Sizes {
  rows: u32,
  n: u32,
  k: u32,
  chunk: u32, // rows of one part, a multiple of 4
  splits: u32, // parts, a power of two
  across: u32, // tiles along k
  weight_groups: u32,
  biased: u32, // db is asked for
  extra: u32, // dA: 1 has `other` added, 2 is multiplied by activate'(other)
  activation: u32,
}

const WEIGHT = 1u; // a job's kind

fn left_block(job: Job, m: u32, k: u32) -> mat4x4<f32> {
  if (job.kind == WEIGHT) { return transpose(inside(upstream(k, m), job.end - k)); }
  let v = upstream(m, k);
  if (VEC == 1u || k + 4u <= job.end) { return v; }
  return transpose(inside(transpose(v), job.end - k));
}

fn right_block(job: Job, n: u32, k: u32) -> mat4x4<f32> {
  if (job.kind == WEIGHT) { return inside(inputs(k, n), job.end - k); }
  return inside(weights(k, n), job.end - k);
}

@compute @workgroup_size(LANES)
fn backward(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
            @builtin(local_invocation_index) index: u32) {
  let group = id.y * groups.x + id.x;
  let weight = group < sizes.weight_groups;
  let lane = lane_of(index);
  let tile = select((group - sizes.weight_groups) * GROUPS + lane.group, group, weight);
  let m0 = tile / sizes.across * TILE;
  let n0 = tile % sizes.across * TILE;
  var t: Sum;
  if (weight) {
    let sums = select(0u, 1u, sizes.biased == 1u && n0 == 0u);
    t = shared_out(Job(m0, n0, 0u, sizes.rows, true, false, 0u, 0u, WEIGHT, sums), lane, sizes.splits, sizes.chunk, sizes.rows);
    if (lane.group > 0u) { return; }
  } else {
    t = chained(Job(m0, n0, 0u, sizes.n, false, false, 0u, 0u, 0u, 0u), lane, (sizes.n + DEEP - 1u) / DEEP, Sum());
  }
  let col = n0 + 4u * lane.x;
  for (var r = 0u; r < 4u; r++) {
    let row = m0 + 4u * lane.y + r;
    if (row >= select(sizes.rows, sizes.n, weight) || col >= sizes.k) { continue; }
    let at = (row * sizes.k + col) / 4u;
    if (weight) { dw[at] = t.c[r]; } else { da[at] = finished(t.c[r], at); }
  }
  if (!weight || sizes.biased == 0u || n0 > 0u || lane.l >= TILE / 4u) { return; }
  for (var j = 0u; j < 4u; j++) {
    let row = m0 + 4u * lane.l + j;
    if (row < sizes.n) { sums[row] = t.s[j]; }
  }
}
