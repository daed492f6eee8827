// A product op(A) op(B) in registers: A [m, k] (stored [k, m] when TA), B [k, n] (stored [n, k] when TB). One invocation
// computes an 8 x 8 tile as four 4 x 4 matrices, four steps of k at a time: 16 loads of a vec4 feed 256 multiply-adds.
// No workgroup memory: on a software adapter a barrier costs more than it saves, and on a GPU neighbouring invocations
// find each other's rows in the cache.
//
// An operand whose contiguous axis is a multiple of 4 is read as vec4s (VEC_A, VEC_B): the same buffer is bound twice,
// as `a` and as `a4`. Indices beyond an edge are clamped; what they compute is never written. Beyond k both are zero.
// A shader that includes this declares `Sizes` with m, n and k.

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> a4: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> b: array<f32>;
@group(0) @binding(4) var<storage, read> b4: array<vec4<f32>>;

//!include "lib/matmul-chain.wgsl"

override WX = 8u; // invocations of a workgroup along n and m
override WY = 8u;
override TA = 0u;
override TB = 0u;
override VEC_A = 0u;
override VEC_B = 0u;
override TAIL = 1u; // k is no multiple of 4
override SUMS = 0u; // also sum over k: 1 the rows of op(A), 2 the columns of op(B)

struct Tile {
  c00: mat4x4<f32>, // column r: the outputs of row r
  c01: mat4x4<f32>,
  c10: mat4x4<f32>,
  c11: mat4x4<f32>,
  s0: vec4<f32>,
  s1: vec4<f32>,
}

// Four values that lie side by side from `at`; an index past `last` reads `last`.
fn read_a(at: u32, last: u32) -> vec4<f32> {
  if (VEC_A == 1u) { return a4[at >> 2u]; }
  return vec4<f32>(a[at], a[min(at + 1u, last)], a[min(at + 2u, last)], a[min(at + 3u, last)]);
}

fn read_b(at: u32, last: u32) -> vec4<f32> {
  if (VEC_B == 1u) { return b4[at >> 2u]; }
  return vec4<f32>(b[at], b[min(at + 1u, last)], b[min(at + 2u, last)], b[min(at + 3u, last)]);
}

const STEPS = vec4<u32>(0u, 1u, 2u, 3u);

// Column r: op(A)[row + r, k .. k + 3]. `whole`: k + 3 is still inside.
fn load_a(base: u32, row: u32, k: u32, k_end: u32, whole: bool) -> mat4x4<f32> {
  var v: mat4x4<f32>;
  if (TA == 0u) {
    let r = min(vec4<u32>(row) + STEPS, vec4<u32>(sizes.m - 1u)) * sizes.k + vec4<u32>(base);
    let last = r + vec4<u32>(k_end - 1u);
    v = mat4x4<f32>(read_a(r.x + k, last.x), read_a(r.y + k, last.y), read_a(r.z + k, last.z), read_a(r.w + k, last.w));
    if (!whole) { v = transpose(v); }
  } else {
    let c = min(row, sizes.m - select(1u, 4u, VEC_A == 1u));
    let r = min(vec4<u32>(k) + STEPS, vec4<u32>(k_end - 1u)) * sizes.m + vec4<u32>(base);
    let last = r + vec4<u32>(sizes.m - 1u);
    v = mat4x4<f32>(read_a(r.x + c, last.x), read_a(r.y + c, last.y), read_a(r.z + c, last.z), read_a(r.w + c, last.w));
    if (whole) { v = transpose(v); }
  }
  if (!whole) { v = transpose(inside(v, k_end - k)); }
  return v;
}

// Column j: op(B)[k + j, col .. col + 3].
fn load_b(base: u32, col: u32, k: u32, k_end: u32, whole: bool) -> mat4x4<f32> {
  var v: mat4x4<f32>;
  if (TB == 1u) {
    let r = min(vec4<u32>(col) + STEPS, vec4<u32>(sizes.n - 1u)) * sizes.k + vec4<u32>(base);
    let last = r + vec4<u32>(k_end - 1u);
    v = transpose(mat4x4<f32>(
      read_b(r.x + k, last.x), read_b(r.y + k, last.y), read_b(r.z + k, last.z), read_b(r.w + k, last.w)));
  } else {
    let c = min(col, sizes.n - select(1u, 4u, VEC_B == 1u));
    let r = min(vec4<u32>(k) + STEPS, vec4<u32>(k_end - 1u)) * sizes.n + vec4<u32>(base);
    let last = r + vec4<u32>(sizes.n - 1u);
    v = mat4x4<f32>(read_b(r.x + c, last.x), read_b(r.y + c, last.y), read_b(r.z + c, last.z), read_b(r.w + c, last.w));
  }
  if (!whole) { v = inside(v, k_end - k); }
  return v;
}

// The columns from `count` on, 1 to 3, are beyond the end of k: zero, so that no stray inf or NaN enters a sum.
fn inside(v: mat4x4<f32>, count: u32) -> mat4x4<f32> {
  let none = vec4<f32>(0.0);
  return mat4x4<f32>(v[0], select(none, v[1], count > 1u), select(none, v[2], count > 2u), none);
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
