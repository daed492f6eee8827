// What the weight gradients of matmul-grad-weight-spread.wgsl and lstm-tokens-grad-spread.wgsl share: a tile of
// dW [m, n] = op(A) op(B) by one workgroup, whose groups share out k; with the sums over k of lib/matmul-spread.wgsl.
//!include "lib/matmul-blocks.wgsl"
//!include "lib/matmul-spread.wgsl"

fn left_block(job: Job, m: u32, k: u32) -> mat4x4<f32> {
  return load_a(0u, m, k, job.end, k + 4u <= job.end);
}

fn right_block(job: Job, n: u32, k: u32) -> mat4x4<f32> {
  return load_b(0u, n, k, job.end, k + 4u <= job.end);
}

// Written by group 0, which alone has the sums that are returned.
fn weight_tile(m0: u32, n0: u32, lane: Lane, sums: u32) -> vec4<f32> {
  let job = Job(m0, n0, 0u, sizes.k, TA == 1u, TB == 1u, 0u, 0u, 0u, sums);
  var t = shared_out(job, lane, sizes.splits, sizes.chunk, sizes.k);
  if (lane.group > 0u) { return t.s; }
  for (var i = 0u; i < 16u; i++) {
    let row = m0 + 4u * lane.y + (i >> 2u);
    let col = n0 + 4u * lane.x + (i & 3u);
    if (row < sizes.m && col < sizes.n) { dw[row * sizes.n + col] = t.c[i >> 2u][i & 3u]; }
  }
  return t.s;
}
