// Products for devices with many cores. A group of (TILE / 4)^2 invocations makes TILE x TILE outputs, 4 x 4 each, out of slabs
// of the operands, DEEP of k, that it brings into workgroup memory: 8 loads of a vec4 from there feed 64 multiply-adds, and what
// comes from further away is read once a tile, by neighbours side by side. The next slab is on its way into registers while one
// is multiplied. The order of addition is that of lib/matmul-chain.wgsl and, for shared sums, of lib/matmul-join.wgsl.
//
// A workgroup is GROUPS groups: of tiles of their own, or of parts of the sums of one tile.
// How a slab lies there keeps the reads (and writes) of neighbours apart in the banks of that memory:
//   left   rows 4 b + r of op(A) at r (TILE / 4) + b, so that an invocation's four rows are those of one block; a row's vec4s,
//          4 of k each, change places by b;
//   right  row k of op(B) as it is, its vec4s with places changed by k / 4.
//
// A shader that includes this says what the operands are: left_block(job, m, k), column r: op(A)[m + r, k .. k + 3], and
// right_block(job, n, k), column j: op(B)[k + j, n .. n + 3]; zero from job.end on, anything past an edge.
//!include "lib/matmul-chain.wgsl"

override TILE = 32u; // 16, 32 or 64
override DEEP = 16u; // 16 or 32, at most TILE
override GROUPS = 1u; // a power of two
override LANES = 64u; // GROUPS (TILE / 4)^2
override SHARED = 0u; // 1: sums are shared out

var<workgroup> left: array<vec4<f32>, GROUPS * TILE * DEEP / 4u>;
var<workgroup> right: array<vec4<f32>, GROUPS * TILE * DEEP / 4u>;

struct Job {
  m0: u32, // the tile's first row and column
  n0: u32,
  first: u32, // the stretch of k
  end: u32,
  down_a: bool, // op(A) lies in memory with its columns contiguous
  down_b: bool, // likewise op(B)
  at_a: u32, // where the operands begin
  at_b: u32,
  kind: u32, // for left_block and right_block
  sums: u32, // also sum over k: 1 the rows of op(A), 2 the columns of op(B)
}

struct Sum {
  c: mat4x4<f32>, // column r: 4 outputs of row r
  s: vec4<f32>, // of rows (columns) 4 l .. 4 l + 3 in invocation l of the group
}

struct Lane {
  group: u32,
  l: u32, // place in the group
  x: u32, // of its outputs, in fours
  y: u32,
}

fn lane_of(index: u32) -> Lane {
  let each = TILE * TILE / 16u;
  let l = index % each;
  return Lane(index / each, l, l % (TILE / 4u), l / (TILE / 4u));
}

// Where the vec4 of k 4 q .. 4 q + 3 of row 4 b of op(A) stands; the next row (TILE / 4) (DEEP / 4) further.
fn left_at(group: u32, b: u32, q: u32) -> u32 {
  return (group * TILE + b) * (DEEP / 4u) + (q ^ (b * DEEP / 32u % (DEEP / 4u)));
}

// Where columns 4 b .. 4 b + 3 of row 4 q of op(B) stand; the next row TILE / 4 further.
fn right_at(group: u32, b: u32, q: u32) -> u32 {
  return (group * DEEP + 4u * q) * (TILE / 4u) + (b ^ q);
}

fn left_rows(p: u32) -> mat4x4<f32> {
  let step = TILE / 4u * (DEEP / 4u);
  return mat4x4<f32>(left[p], left[p + step], left[p + 2u * step], left[p + 3u * step]);
}

fn right_rows(p: u32) -> mat4x4<f32> {
  let step = TILE / 4u;
  return mat4x4<f32>(right[p], right[p + step], right[p + 2u * step], right[p + 3u * step]);
}

// The slab in memory onto the sums: `steps` times four of k.
fn multiplied(sum: Sum, lane: Lane, steps: u32, sums: u32) -> Sum {
  var t = sum;
  for (var q = 0u; q < steps; q++) {
    t.c = added(t.c, right_rows(right_at(lane.group, lane.x, q)), left_rows(left_at(lane.group, lane.y, q)));
  }
  if (sums == 0u || lane.l >= TILE / 4u) { return t; }
  for (var q = 0u; q < steps; q++) {
    if (sums == 1u) { t.s += row_sums(left_rows(left_at(lane.group, lane.l, q))); }
    if (sums == 2u) { t.s += column_sums(right_rows(right_at(lane.group, lane.l, q))); }
  }
  return t;
}

// A job's chains of fma. Every invocation must arrive; all groups take `slabs` turns, as many as the longest of their jobs needs.
fn chained(job: Job, lane: Lane, slabs: u32, start: Sum) -> Sum {
  let side = TILE / 4u;
  let quads = DEEP / 4u;
  let blocks = side * quads; // of either slab; op(A)'s are brought by the first invocations, op(B)'s by the last
  let other = lane.l + blocks - side * side;
  let has_a = lane.l < blocks;
  let has_b = lane.l + blocks >= side * side;
  let a_at = select(vec2<u32>(lane.l / quads, lane.l % quads), vec2<u32>(lane.l % side, lane.l / side), job.down_a);
  let b_at = select(vec2<u32>(other % side, other / side), vec2<u32>(other / quads, other % quads), job.down_b);
  var a_next: mat4x4<f32>;
  var b_next: mat4x4<f32>;
  var t = start;
  for (var i = 0u; i <= slabs; i++) {
    let k = job.first + i * DEEP;
    if (i < slabs) {
      if (has_a && k + 4u * a_at.y < job.end) { a_next = left_block(job, job.m0 + 4u * a_at.x, k + 4u * a_at.y); }
      if (has_b && k + 4u * b_at.y < job.end) { b_next = right_block(job, job.n0 + 4u * b_at.x, k + 4u * b_at.y); }
    }
    if (i > 0u) {
      let begun = k - DEEP;
      t = multiplied(t, lane, min(quads, (max(job.end, begun) - begun + 3u) / 4u), job.sums);
    }
    workgroupBarrier();
    if (i == slabs) { break; }
    if (has_a) {
      let p = left_at(lane.group, a_at.x, a_at.y);
      for (var r = 0u; r < 4u; r++) { left[p + r * blocks] = a_next[r]; }
    }
    if (has_b) {
      let p = right_at(lane.group, b_at.x, b_at.y);
      for (var j = 0u; j < 4u; j++) { right[p + j * side] = b_next[j]; }
    }
    workgroupBarrier();
  }
  return t;
}

fn both(one: Sum, other: Sum) -> Sum {
  return Sum(one.c + other.c, one.s + other.s);
}

// The groups' sums onto that of group 0, halves to halves.
fn joined_groups(own: Sum, lane: Lane) -> Sum {
  let each = TILE * TILE / 16u;
  var t = own;
  for (var half = GROUPS / 2u; half > 0u; half >>= 1u) {
    let at = lane.group % half * each + lane.l;
    if (lane.group >= half && lane.group < 2u * half) {
      for (var r = 0u; r < 4u; r++) { left[4u * at + r] = t.c[r]; }
      right[at] = t.s;
    }
    workgroupBarrier();
    if (lane.group < half) {
      t.c += mat4x4<f32>(left[4u * at], left[4u * at + 1u], left[4u * at + 2u], left[4u * at + 3u]);
      t.s += right[at];
    }
    workgroupBarrier();
  }
  return t;
}

// A sum over k cut into `splits` parts of `chunk`. A group takes parts group + GROUPS i and joins them as it goes, which is
// why i counts in the order of reversed bits; at most eight. The groups then join theirs. Group 0 gets the sum.
fn shared_out(job: Job, lane: Lane, splits: u32, chunk: u32, k: u32) -> Sum {
  if (SHARED == 0u) { return chained(job, lane, (k + DEEP - 1u) / DEEP, Sum()); }
  let rounds = splits / GROUPS;
  let slabs = (chunk + DEEP - 1u) / DEEP;
  var part = job;
  var t: Sum;
  var ones: Sum;
  var twos: Sum;
  var fours: Sum;
  for (var i = 0u; i < rounds; i++) {
    let p = lane.group + GROUPS * (reverseBits(i) >> ((countLeadingZeros(rounds) + 1u) & 31u));
    part.first = min(p * chunk, k);
    part.end = min(part.first + chunk, k);
    t = chained(part, lane, slabs, Sum());
    if ((i & 1u) == 0u) { ones = t; continue; }
    t = both(ones, t);
    if ((i & 2u) == 0u) { twos = t; continue; }
    t = both(twos, t);
    if ((i & 4u) == 0u) { fours = t; continue; }
    t = both(fours, t);
  }
  return joined_groups(t, lane);
}
