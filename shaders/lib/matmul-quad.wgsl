// Products op(A) op(B) by quads: four neighbouring invocations make 32 x 32 outputs, 16 x 16 each, and read every number once,
// where by matmul-tile.wgsl neighbours read the same rows. For adapters whose subgroups are quads: a processor with lanes of
// four floats, to which a read costs more than the sixteen multiply-adds it feeds. The order of addition is the same.
//
//   lane 0 | lane 1     The X neighbour has the same rows of A: each reads 8 of the 16 and they swap.
//   lane 2 | lane 3     The Y neighbour has the same columns of B, likewise.
//
// A workgroup is one quad, and `lane` is the place in the subgroup, not in the workgroup: so the partners are those meant.
// A lane's own half comes first in its tile, so nothing is chosen after a swap: row_of and col_of say what stands where.
// Sizes along contiguous axes are multiples of 4, k is one. Indices beyond an edge are clamped; what they give is not written.
// A shader that includes this says  lead_a(), trans_a(), rows_a()  and  lead_b(), trans_b(), cols_b():  elements from a row to
// the next as stored, whether it is stored transposed, and how many rows (columns) of op there are; and read_a, read_b.
//!include "lib/matmul-chain.wgsl"

struct Quad {
  lane: vec2<u32>, // place in the quad
  m0: u32, // first row and column of this lane's 16 x 16
  n0: u32,
}

struct Tile { // cij: rows of slot i, columns of slot j; column r of a matrix: the outputs of row r
  c00: mat4x4<f32>, c01: mat4x4<f32>, c02: mat4x4<f32>, c03: mat4x4<f32>,
  c10: mat4x4<f32>, c11: mat4x4<f32>, c12: mat4x4<f32>, c13: mat4x4<f32>,
  c20: mat4x4<f32>, c21: mat4x4<f32>, c22: mat4x4<f32>, c23: mat4x4<f32>,
  c30: mat4x4<f32>, c31: mat4x4<f32>, c32: mat4x4<f32>, c33: mat4x4<f32>,
  s0: vec4<f32>, // sums over k of the lane's own rows of A: slots 0 and 1
  s1: vec4<f32>,
}

const STEPS = vec4<u32>(0u, 1u, 2u, 3u);

fn quad_at(tile_m: u32, tile_n: u32, lane: u32) -> Quad {
  let l = vec2<u32>(lane & 1u, (lane >> 1u) & 1u);
  return Quad(l, tile_m * 32u + l.y * 16u, tile_n * 32u + l.x * 16u);
}

fn row_of(q: Quad, slot: u32) -> u32 {
  return q.m0 + ((slot * 4u + q.lane.x * 8u) & 15u);
}

fn col_of(q: Quad, slot: u32) -> u32 {
  return q.n0 + ((slot * 4u + q.lane.y * 8u) & 15u);
}

// Where four vec4s begin: of `count` rows from `first`, at k; or, transposed, of rows k .. k + 3 at column `first`.
fn places(first: u32, k: u32, lead: u32, count: u32, transposed: bool) -> vec4<u32> {
  let by_row = min(vec4<u32>(first) + STEPS, vec4<u32>(count - 1u)) * lead + vec4<u32>(k);
  let by_k = (vec4<u32>(k) + STEPS) * lead + vec4<u32>(min(first, count - 4u));
  return select(by_row, by_k, transposed) >> vec4<u32>(2u);
}

// Column r: op(A)[row + r, k .. k + 3].
fn load_a(base: u32, row: u32, k: u32) -> mat4x4<f32> {
  let p = places(row, k, lead_a(), rows_a(), trans_a()) + vec4<u32>(base);
  let v = mat4x4<f32>(read_a(p.x), read_a(p.y), read_a(p.z), read_a(p.w));
  if (trans_a()) { return transpose(v); }
  return v;
}

// Column j: op(B)[k + j, col .. col + 3].
fn load_b(base: u32, col: u32, k: u32) -> mat4x4<f32> {
  let p = places(col, k, lead_b(), cols_b(), !trans_b()) + vec4<u32>(base);
  let v = mat4x4<f32>(read_b(p.x), read_b(p.y), read_b(p.z), read_b(p.w));
  if (trans_b()) { return transpose(v); }
  return v;
}

fn swap_x(m: mat4x4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(quadSwapX(m[0]), quadSwapX(m[1]), quadSwapX(m[2]), quadSwapX(m[3]));
}

fn swap_y(m: mat4x4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(quadSwapY(m[0]), quadSwapY(m[1]), quadSwapY(m[2]), quadSwapY(m[3]));
}

// Onto `start`. Bases in vec4s; k_end > 0. Every lane of the quad must arrive. The loop ends at its foot: where it asked at
// its head, SwiftShader would walk through it once more for no lane.
fn product(q: Quad, at_a: u32, at_b: u32, k_end: u32, start: Tile) -> Tile {
  let row = row_of(q, 0u);
  let col = col_of(q, 0u);
  var t = start;
  var k = 0u;
  loop {
    let a0 = load_a(at_a, row, k);
    let a1 = load_a(at_a, row + 4u, k);
    let b0 = load_b(at_b, col, k);
    let b1 = load_b(at_b, col + 4u, k);
    let a2 = swap_x(a0);
    let a3 = swap_x(a1);
    let b2 = swap_y(b0);
    let b3 = swap_y(b1);
    t = Tile(
      added(t.c00, b0, a0), added(t.c01, b1, a0), added(t.c02, b2, a0), added(t.c03, b3, a0),
      added(t.c10, b0, a1), added(t.c11, b1, a1), added(t.c12, b2, a1), added(t.c13, b3, a1),
      added(t.c20, b0, a2), added(t.c21, b1, a2), added(t.c22, b2, a2), added(t.c23, b3, a2),
      added(t.c30, b0, a3), added(t.c31, b1, a3), added(t.c32, b2, a3), added(t.c33, b3, a3),
      t.s0 + row_sums(a0), t.s1 + row_sums(a1));
    continuing {
      k += 4u;
      break if k >= k_end;
    }
  }
  return t;
}

// Number 4 i + j: cij.
fn matrices(t: Tile) -> array<mat4x4<f32>, 16> {
  return array<mat4x4<f32>, 16>(
    t.c00, t.c01, t.c02, t.c03, t.c10, t.c11, t.c12, t.c13, t.c20, t.c21, t.c22, t.c23, t.c30, t.c31, t.c32, t.c33);
}
