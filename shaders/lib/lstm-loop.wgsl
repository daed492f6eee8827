// The way forward through an LSTM, all steps in one dispatch. Gates in the order i, f, g, o.
// One workgroup takes 4 rows of the batch (no row waits for another) and walks the T steps inside; invocation l owns cells
// l and l + WG of all 4 rows. What the cells tell each other at a step, h, goes through workgroup memory as
// vec4s over the 4 rows: a weight read serves 4 rows, a value told serves 2 cells. A cell adds over the others
// in their order. Where there is no cell l + WG, the last cell is computed in its place and not written.
//!include "lib/lstm-cell.wgsl"

// No larger than need be: SwiftShader clears it with a store for every word, all of them compiled.
var<workgroup> h_now: array<vec4<f32>, 2u * WG>;

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
      sum_a = fed(sum_a, wt[v * size + ua], hv);
      sum_b = fed(sum_b, wt[v * size + ub], hv);
    }
    sum_a = transpose(sum_a);
    sum_b = transpose(sum_b);
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
