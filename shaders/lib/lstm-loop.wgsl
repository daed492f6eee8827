// The way forward through an LSTM, all steps in one dispatch. Gates in the order i, f, g, o.
// One workgroup takes 4 rows of the batch (no row waits for another) and walks the T steps inside; invocation l owns cells
// l and l + WG of all 4 rows. What the cells tell each other at a step, h, goes through workgroup memory as
// vec4s over the 4 rows: a weight read serves 4 rows, a value told serves 2 cells. A cell adds over the others
// in their order. Where there is no cell l + WG, the last cell is computed in its place and not written.
// A shader that includes this has `sizes.batch`, `.time` and `.hidden` (at most 512), and says
//   given(row, t, u)   what a cell's four gates get from the input, bias included,
//   initial(row, u)    (h, c) before the first step.
//!include "lib/activations.wgsl"
@group(0) @binding(3) var<storage, read> wt: array<vec4<f32>>; // [v, u]: the four gates' weights
@group(0) @binding(6) var<storage, read_write> h: array<f32>; // [B, T, H]
@group(0) @binding(7) var<storage, read_write> gates: array<f32>; // [B, T, 4, H], after their nonlinearity
@group(0) @binding(8) var<storage, read_write> c: array<f32>; // [B, T, H]
@group(0) @binding(10) var<storage, read_write> h_before: array<f32>; // [B, T, H]: h of the step before

override WG = 64u; // at least half of the cells

const NOWHERE = 0xfffffff0u; // a row that no batch has: nothing is written for it

// No larger than need be: SwiftShader clears it with a store for every word, all of them compiled.
var<workgroup> h_now: array<vec4<f32>, 2u * WG>;

// One cell of one row, one step on: (h, c) from c and from what the other cells give its gates.
fn advance(row: u32, t: u32, u: u32, sum: vec4<f32>, before: f32) -> vec2<f32> {
  let pre = given(min(row, sizes.batch - 1u), t, u) + sum;
  let g = vec4<f32>(sigmoid(pre.x), sigmoid(pre.y), safe_tanh(pre.z), sigmoid(pre.w));
  let cell = g.y * before + g.x * g.z;
  let out = g.w * safe_tanh(cell);
  if (row < sizes.batch) {
    let step = row * sizes.time + t;
    let at = step * 4u * sizes.hidden + u;
    gates[at] = g.x;
    gates[at + sizes.hidden] = g.y;
    gates[at + 2u * sizes.hidden] = g.z;
    gates[at + 3u * sizes.hidden] = g.w;
    h[step * sizes.hidden + u] = out;
    if (t == 0u) { h_before[step * sizes.hidden + u] = initial(row, u).x; }
    if (t + 1u < sizes.time) { h_before[(step + 1u) * sizes.hidden + u] = out; }
    c[step * sizes.hidden + u] = cell;
  }
  return vec2<f32>(out, cell);
}

struct Cell {
  h: vec4<f32>, // of the 4 rows
  c: vec4<f32>,
}

fn begin(row: u32, u: u32) -> Cell {
  let last = vec4<u32>(sizes.batch - 1u);
  let r = min(vec4<u32>(row) + vec4<u32>(0u, 1u, 2u, 3u), last);
  let s = mat4x2<f32>(initial(r.x, u), initial(r.y, u), initial(r.z, u), initial(r.w, u));
  return Cell(vec4<f32>(s[0].x, s[1].x, s[2].x, s[3].x), vec4<f32>(s[0].y, s[1].y, s[2].y, s[3].y));
}

// The whole workgroup, from row `row` on.
fn walk(row: u32, l: u32) {
  let size = sizes.hidden;
  let ua = min(l, size - 1u);
  let ub = min(l + WG, size - 1u);
  var a = begin(row, ua);
  var b = begin(row, ub);
  for (var t = 0u; t < sizes.time; t++) {
    if (l < size) { h_now[ua] = a.h; }
    if (l + WG < size) { h_now[ub] = b.h; }
    workgroupBarrier();
    var sum_a = mat4x4<f32>();
    var sum_b = mat4x4<f32>();
    for (var v = 0u; v < size; v++) {
      let hv = h_now[v];
      let wa = wt[v * size + ua];
      let wb = wt[v * size + ub];
      sum_a += mat4x4<f32>(wa * hv.x, wa * hv.y, wa * hv.z, wa * hv.w);
      sum_b += mat4x4<f32>(wb * hv.x, wb * hv.y, wb * hv.z, wb * hv.w);
    }
    // A loop, since what is written out eight times is compiled eight times.
    var sums = array<vec4<f32>, 8>(
      sum_a[0], sum_a[1], sum_a[2], sum_a[3], sum_b[0], sum_b[1], sum_b[2], sum_b[3]);
    var cells = array<f32, 8>(a.c.x, a.c.y, a.c.z, a.c.w, b.c.x, b.c.y, b.c.z, b.c.w);
    var told = array<f32, 8>();
    for (var i = 0u; i < 8u; i++) {
      let u = select(ua, ub, i > 3u);
      let there = select(l, l + WG, i > 3u) < size;
      let at = advance(select(NOWHERE, row + (i & 3u), there), t, u, sums[i], cells[i]);
      told[i] = at.x;
      cells[i] = at.y;
    }
    a = Cell(vec4<f32>(told[0], told[1], told[2], told[3]), vec4<f32>(cells[0], cells[1], cells[2], cells[3]));
    b = Cell(vec4<f32>(told[4], told[5], told[6], told[7]), vec4<f32>(cells[4], cells[5], cells[6], cells[7]));
    workgroupBarrier();
  }
}
