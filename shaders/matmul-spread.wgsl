// matmul.wgsl for devices with many cores: see lib/matmul-spread.wgsl. y = activate(bias + op(A) op(B)) + residual.
//!include "lib/activations.wgsl"
//!include "lib/matmul-blocks.wgsl"
//!include "lib/matmul-spread.wgsl"
//!include "lib/matmul-ends.wgsl"

fn left_block(job: Job, m: u32, k: u32) -> mat4x4<f32> {
  return load_a(job.at_a, m, k, job.end, TAIL == 0u || k + 4u <= job.end);
}

fn right_block(job: Job, n: u32, k: u32) -> mat4x4<f32> {
  return load_b(job.at_b, n, k, job.end, TAIL == 0u || k + 4u <= job.end);
}

// One workgroup: TILE rows and GROUPS TILE columns of problem z.
@compute @workgroup_size(LANES)
fn forward(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) index: u32) {
  let lane = lane_of(index);
  let m0 = id.y * TILE;
  let n0 = (id.x * GROUPS + lane.group) * TILE;
  let col = n0 + 4u * lane.x;
  var v: vec4<f32>;
  if (sizes.biased == 1u) {
    for (var j = 0u; j < 4u; j++) { v[j] = bias[min(col + j, sizes.n - 1u)]; }
  }
  let job = Job(m0, n0, 0u, sizes.k, TA == 1u, TB == 1u, id.z * sizes.stride_a, id.z * sizes.stride_b, 0u, 0u);
  let slabs = (sizes.k + DEEP - 1u) / DEEP;
  var t = chained(job, lane, slabs, Sum(mat4x4<f32>(v, v, v, v), vec4<f32>()));
  for (var i = 0u; i < 16u; i++) {
    let row = m0 + 4u * lane.y + (i >> 2u);
    let c = col + (i & 3u);
    if (row >= sizes.m || c >= sizes.n) { continue; }
    let at = (id.z * sizes.m + row) * sizes.n + c;
    var x = t.c[i >> 2u][i & 3u];
    if (sizes.kept == 1u) { pre[at] = x; }
    x = activate(sizes.activation, x);
    if (sizes.residual_added == 1u) { x += residual[at]; }
    y[at] = x;
  }
}
