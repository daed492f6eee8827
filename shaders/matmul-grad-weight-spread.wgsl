// matmul-grad-weight.wgsl for devices with many cores: see lib/matmul-spread.wgsl.
//!include "lib/matmul-spread-weight.wgsl"

struct Sizes {
  m: u32,
  n: u32,
  k: u32,
  chunk: u32, // steps of k in one part, a multiple of 4
  splits: u32, // parts, a power of two
  sums: u32, // also sum over k: 1 the rows of op(A), 2 the columns of op(B)
}

@group(0) @binding(5) var<storage, read_write> dw: array<f32>; // [m, n]
@group(0) @binding(6) var<storage, read_write> sums: array<f32>; // row sums of op(A) [m], or column sums of op(B) [n]

// One workgroup: a tile. Those of the first column (row) of tiles have the sums.
@compute @workgroup_size(LANES)
fn backward(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) index: u32) {
  let lane = lane_of(index);
  let columns = sizes.sums == 2u;
  let summing = sizes.sums > 0u && select(id.x, id.y, columns) == 0u;
  let s = weight_tile(id.y * TILE, id.x * TILE, lane, select(0u, sizes.sums, summing));
  if (!summing || lane.group > 0u || lane.l >= TILE / 4u) { return; }
  for (var j = 0u; j < 4u; j++) {
    let at = select(id.y, id.x, columns) * TILE + 4u * lane.l + j;
    if (at < select(sizes.m, sizes.n, columns)) { sums[at] = s[j]; }
  }
}
