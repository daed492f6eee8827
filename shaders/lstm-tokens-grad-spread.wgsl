// lstm-tokens-grad.wgsl for devices with many cores: see lib/matmul-spread.wgsl. The first workgroups make a tile of dWh each, and
// db; in the others an invocation makes four rows of dWx of one symbol, as in lib/lstm-places.wgsl, but reads ahead: a frequent
// symbol is a long sum, and to wait for each of its places in turn would keep the whole dispatch.
//!include "lib/matmul-spread-weight.wgsl"

struct Sizes {
  m: u32, // 4 H
  n: u32, // H
  k: u32, // B T
  chunk: u32, // steps of k in one part, a multiple of 4
  splits: u32, // parts, a power of two
  across: u32, // tiles of dWh along n
  weight_groups: u32,
  vocab: u32,
}

@group(0) @binding(5) var<storage, read_write> dw: array<f32>; // [4 H, H]
@group(0) @binding(6) var<storage, read_write> db: array<f32>; // [4 H]
@group(0) @binding(7) var<storage, read_write> dwx: array<f32>; // [4 H, V]
@group(0) @binding(8) var<storage, read> lists: array<u32>; // see lstm-tokens.wgsl

// The four rows' dPre at place i of the lists. Past the end, 0: what began at 0 never is -0, so to add it changes no bit.
fn at_place(u: u32, i: u32, end: u32) -> vec4<f32> {
  let v = a4[lists[sizes.vocab + 1u + min(i, end - 1u)] * sizes.n + u];
  return select(vec4<f32>(0.0), v, i < end);
}

fn sum_places(item: u32) {
  let u = item % sizes.n;
  let symbol = item / sizes.n;
  if (symbol >= sizes.vocab) { return; }
  let end = lists[symbol + 1u];
  var sum = vec4<f32>(0.0);
  for (var i = lists[symbol]; i < end; i += 8u) {
    let v0 = at_place(u, i, end);
    let v1 = at_place(u, i + 1u, end);
    let v2 = at_place(u, i + 2u, end);
    let v3 = at_place(u, i + 3u, end);
    let v4 = at_place(u, i + 4u, end);
    let v5 = at_place(u, i + 5u, end);
    let v6 = at_place(u, i + 6u, end);
    let v7 = at_place(u, i + 7u, end);
    sum = sum + v0 + v1 + v2 + v3 + v4 + v5 + v6 + v7;
  }
  for (var j = 0u; j < 4u; j++) { dwx[(4u * u + j) * sizes.vocab + symbol] = sum[j]; }
}

@compute @workgroup_size(LANES)
fn backward(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
            @builtin(local_invocation_index) index: u32) {
  let group = id.y * groups.x + id.x;
  if (group >= sizes.weight_groups) {
    sum_places((group - sizes.weight_groups) * LANES + index);
    return;
  }
  let lane = lane_of(index);
  let m0 = group / sizes.across * TILE;
  let n0 = group % sizes.across * TILE;
  let s = weight_tile(m0, n0, lane, select(0u, 1u, n0 == 0u));
  if (n0 > 0u || lane.group > 0u || lane.l >= TILE / 4u) { return; }
  for (var j = 0u; j < 4u; j++) {
    let row = m0 + 4u * lane.l + j;
    if (row < sizes.m) { db[row] = s[j]; }
  }
}
