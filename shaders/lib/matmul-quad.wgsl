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
// There is a loop for each way in which the operands may lie: to ask within the loop costs more than to write it thrice.
//!include "lib/matmul-chain.wgsl"

struct Quad {
  lane: vec2<u32>, // place in the quad
  m0: u32, // first row and column of this lane's 16 x 16
  n0: u32,
}

struct Tile { // ri: the outputs of row i; its columns are column slots 0 to 3
  r0: mat4x4<f32>, r1: mat4x4<f32>, r2: mat4x4<f32>, r3: mat4x4<f32>,
  r4: mat4x4<f32>, r5: mat4x4<f32>, r6: mat4x4<f32>, r7: mat4x4<f32>,
  r8: mat4x4<f32>, r9: mat4x4<f32>, r10: mat4x4<f32>, r11: mat4x4<f32>,
  r12: mat4x4<f32>, r13: mat4x4<f32>, r14: mat4x4<f32>, r15: mat4x4<f32>,
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

alias Matrix = ptr<storage, array<vec4<f32>>, read>;

// Where rows `first` .. `first` + 3 begin, in vec4s; past the end, the last one.
fn rows_at(base: u32, first: u32, lead: u32, count: u32) -> vec4<u32> {
  return vec4<u32>(base) + min(vec4<u32>(first) + STEPS, vec4<u32>(count - 1u)) * (lead / 4u);
}

// Where columns `first` .. `first` + 3 begin.
fn columns_at(base: u32, first: u32, count: u32) -> u32 {
  return base + min(first, count - 4u) / 4u;
}

// Column r: the vec4 at place r.
fn across(m: Matrix, p: vec4<u32>) -> mat4x4<f32> {
  return mat4x4<f32>(m[p.x], m[p.y], m[p.z], m[p.w]);
}

// Column j: the vec4 j rows further down.
fn down(m: Matrix, p: u32, lead: u32) -> mat4x4<f32> {
  let step = lead / 4u;
  return mat4x4<f32>(m[p], m[p + step], m[p + 2u * step], m[p + 3u * step]);
}

fn swap_x(m: mat4x4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(quadSwapX(m[0]), quadSwapX(m[1]), quadSwapX(m[2]), quadSwapX(m[3]));
}

fn swap_y(m: mat4x4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(quadSwapY(m[0]), quadSwapY(m[1]), quadSwapY(m[2]), quadSwapY(m[3]));
}

// One row of op(A), four steps of k, onto the row's outputs.
fn row(c: mat4x4<f32>, b0: mat4x4<f32>, b1: mat4x4<f32>, b2: mat4x4<f32>, b3: mat4x4<f32>, a: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(chain(c[0], b0, a), chain(c[1], b1, a), chain(c[2], b2, a), chain(c[3], b3, a));
}

// Four steps of k: column r of a0, a1: rows r, r + 4 of the lane's own half of op(A); column j of b0, b1: row k + j of its own
// half of op(B).
fn turn(t: Tile, a0: mat4x4<f32>, a1: mat4x4<f32>, b0: mat4x4<f32>, b1: mat4x4<f32>) -> Tile {
  let a2 = swap_x(a0);
  let a3 = swap_x(a1);
  let b2 = swap_y(b0);
  let b3 = swap_y(b1);
  return Tile(
    row(t.r0, b0, b1, b2, b3, a0[0]), row(t.r1, b0, b1, b2, b3, a0[1]),
    row(t.r2, b0, b1, b2, b3, a0[2]), row(t.r3, b0, b1, b2, b3, a0[3]),
    row(t.r4, b0, b1, b2, b3, a1[0]), row(t.r5, b0, b1, b2, b3, a1[1]),
    row(t.r6, b0, b1, b2, b3, a1[2]), row(t.r7, b0, b1, b2, b3, a1[3]),
    row(t.r8, b0, b1, b2, b3, a2[0]), row(t.r9, b0, b1, b2, b3, a2[1]),
    row(t.r10, b0, b1, b2, b3, a2[2]), row(t.r11, b0, b1, b2, b3, a2[3]),
    row(t.r12, b0, b1, b2, b3, a3[0]), row(t.r13, b0, b1, b2, b3, a3[1]),
    row(t.r14, b0, b1, b2, b3, a3[2]), row(t.r15, b0, b1, b2, b3, a3[3]),
    t.s0 + row_sums(a0), t.s1 + row_sums(a1));
}

// Turns of a loop at a time. With two, outputs are handed on half as often, which a processor takes a second longer to compile:
// for a kernel that has run a while (engine/tiles.ts). k is a multiple of 8 then.
override TURNS = 1u;

// A product of matrices `a` and `b` added onto `start`, over k from 0 to `end`. `rows` and `cols` are those of op(A) and op(B),
// `base` in vec4s. Every lane of the quad must arrive. The loops ask at their head: one that ends at its foot hands on other
// values than it began with, and SwiftShader copies all of them once more a turn.
struct Operand {
  base: u32,
  lead: u32, // from a row to the next as stored
  count: u32, // rows of op(A), columns of op(B)
}

// A [rows, k], B [k, cols].
fn product(q: Quad, a: Matrix, of_a: Operand, b: Matrix, of_b: Operand, end: u32, start: Tile) -> Tile {
  let p0 = rows_at(of_a.base, row_of(q, 0u), of_a.lead, of_a.count);
  let p1 = rows_at(of_a.base, row_of(q, 1u), of_a.lead, of_a.count);
  let q0 = columns_at(of_b.base, col_of(q, 0u), of_b.count);
  let q1 = columns_at(of_b.base, col_of(q, 1u), of_b.count);
  var t = start;
  for (var i = 0u; i < end / 4u; i += TURNS) {
    let at = vec4<u32>(i);
    let step = i * of_b.lead;
    let begun = turn(t, across(a, p0 + at), across(a, p1 + at), down(b, q0 + step, of_b.lead), down(b, q1 + step, of_b.lead));
    if (TURNS == 1u) { t = begun; continue; }
    let then = at + vec4<u32>(1u);
    let on = step + of_b.lead;
    t = turn(begun, across(a, p0 + then), across(a, p1 + then), down(b, q0 + on, of_b.lead), down(b, q1 + on, of_b.lead));
  }
  return t;
}

// B stored [cols, k].
fn product_nt(q: Quad, a: Matrix, of_a: Operand, b: Matrix, of_b: Operand, end: u32, start: Tile) -> Tile {
  let p0 = rows_at(of_a.base, row_of(q, 0u), of_a.lead, of_a.count);
  let p1 = rows_at(of_a.base, row_of(q, 1u), of_a.lead, of_a.count);
  let q0 = rows_at(of_b.base, col_of(q, 0u), of_b.lead, of_b.count);
  let q1 = rows_at(of_b.base, col_of(q, 1u), of_b.lead, of_b.count);
  var t = start;
  for (var i = 0u; i < end / 4u; i += TURNS) {
    let at = vec4<u32>(i);
    let begun = turn(t, across(a, p0 + at), across(a, p1 + at), transpose(across(b, q0 + at)), transpose(across(b, q1 + at)));
    if (TURNS == 1u) { t = begun; continue; }
    let then = at + vec4<u32>(1u);
    t = turn(begun, across(a, p0 + then), across(a, p1 + then), transpose(across(b, q0 + then)), transpose(across(b, q1 + then)));
  }
  return t;
}

// A stored [k, rows].
fn product_tn(q: Quad, a: Matrix, of_a: Operand, b: Matrix, of_b: Operand, end: u32, start: Tile) -> Tile {
  let p0 = columns_at(of_a.base, row_of(q, 0u), of_a.count);
  let p1 = columns_at(of_a.base, row_of(q, 1u), of_a.count);
  let q0 = columns_at(of_b.base, col_of(q, 0u), of_b.count);
  let q1 = columns_at(of_b.base, col_of(q, 1u), of_b.count);
  var t = start;
  for (var i = 0u; i < end / 4u; i += TURNS) {
    let step = i * of_a.lead;
    let down_b = i * of_b.lead;
    let begun = turn(t, transpose(down(a, p0 + step, of_a.lead)), transpose(down(a, p1 + step, of_a.lead)),
      down(b, q0 + down_b, of_b.lead), down(b, q1 + down_b, of_b.lead));
    if (TURNS == 1u) { t = begun; continue; }
    let then = step + of_a.lead;
    let on = down_b + of_b.lead;
    t = turn(begun, transpose(down(a, p0 + then, of_a.lead)), transpose(down(a, p1 + then, of_a.lead)),
      down(b, q0 + on, of_b.lead), down(b, q1 + on, of_b.lead));
  }
  return t;
}

// Number i: row i.
fn matrices(t: Tile) -> array<mat4x4<f32>, 16> {
  return array<mat4x4<f32>, 16>(
    t.r0, t.r1, t.r2, t.r3, t.r4, t.r5, t.r6, t.r7, t.r8, t.r9, t.r10, t.r11, t.r12, t.r13, t.r14, t.r15);
}
