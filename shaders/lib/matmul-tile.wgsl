// A product op(A) op(B) in registers: A [m, k] (stored [k, m] when TA), B [k, n] (stored [n, k] when TB). One invocation
// computes an 8 x 8 tile as four 4 x 4 matrices, four steps of k at a time: 16 loads of a vec4 feed 256 multiply-adds.
// No workgroup memory: on a software adapter a barrier costs more than it saves, and on a GPU neighbouring invocations
// find each other's rows in the cache.
// A shader that includes this declares `Sizes` with m, n and k: see lib/matmul-blocks.wgsl.
//!include "lib/matmul-chain.wgsl"
//!include "lib/matmul-blocks.wgsl"

override WX = 8u; // invocations of a workgroup along n and m
override WY = 8u;
override SUMS = 0u; // also sum over k: 1 the rows of op(A), 2 the columns of op(B)

struct Tile {
  c00: mat4x4<f32>, // column r: the outputs of row r
  c01: mat4x4<f32>,
  c10: mat4x4<f32>,
  c11: mat4x4<f32>,
  s0: vec4<f32>,
  s1: vec4<f32>,
}

fn step(t: Tile, m0: u32, n0: u32, at_a: u32, at_b: u32, k: u32, k_end: u32, whole: bool) -> Tile {
  let a0 = load_a(at_a, m0, k, k_end, whole);
  let a1 = load_a(at_a, m0 + 4u, k, k_end, whole);
  let b0 = load_b(at_b, n0, k, k_end, whole);
  let b1 = load_b(at_b, n0 + 4u, k, k_end, whole);
  var s0 = t.s0;
  var s1 = t.s1;
  if (SUMS == 1u) { s0 += row_sums(a0); s1 += row_sums(a1); }
  if (SUMS == 2u) { s0 += column_sums(b0); s1 += column_sums(b1); }
  return Tile(added(t.c00, b0, a0), added(t.c01, b1, a0), added(t.c10, b0, a1), added(t.c11, b1, a1), s0, s1);
}

fn product(m0: u32, n0: u32, at_a: u32, at_b: u32, k_from: u32, k_end: u32, start: Tile) -> Tile {
  var t = start;
  var k = k_from;
  for (; k + 4u <= k_end; k += 4u) { t = step(t, m0, n0, at_a, at_b, k, k_end, true); }
  if (TAIL == 1u && k < k_end) { t = step(t, m0, n0, at_a, at_b, k, k_end, false); }
  return t;
}

// The sixteen quarter rows of a tile: number i is row i / 2, columns 4 (i % 2) to 4 (i % 2) + 3.
fn quarters(t: Tile) -> array<vec4<f32>, 16> {
  return array<vec4<f32>, 16>(
    t.c00[0], t.c01[0], t.c00[1], t.c01[1], t.c00[2], t.c01[2], t.c00[3], t.c01[3],
    t.c10[0], t.c11[0], t.c10[1], t.c11[1], t.c10[2], t.c11[2], t.c10[3], t.c11[3]);
}
