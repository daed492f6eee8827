// The way forward through an LSTM on a device with many cores: as lib/lstm-loop.wgsl, but one row of the batch a workgroup, and
// one cell an invocation (two, with TWO).
// A cell adds over the others in their order, one chain of fma: the bits are those of lib/lstm-loop.wgsl.
//!include "lib/lstm-cell.wgsl"

override TWO = 0u; // there are more cells than invocations

var<workgroup> told: array<f32, 2u * WG>;
//!include "lib/lstm-eight.wgsl"

// The gates of cell u with what the other cells give them.
fn gathered(u: u32) -> vec4<f32> {
  let size = sizes.hidden;
  var sum = vec4<f32>();
  var v = 0u;
  for (; v + 8u <= size; v += 8u) { sum = eight(sum, v, v * size + u); }
  for (; v < size; v++) { sum = fma(vec4<f32>(told[v]), wt[v * size + u], sum); }
  return sum;
}

// The whole workgroup, through row `row`.
fn walk(row: u32, l: u32) {
  let size = sizes.hidden;
  let ua = min(l, size - 1u);
  let ub = min(l + WG, size - 1u);
  let row_a = select(NOWHERE, row, l < size);
  let row_b = select(NOWHERE, row, l + WG < size);
  var a = initial(row, ua); // (h, c)
  var b = initial(row, ub);
  for (var t = 0u; t < sizes.time; t++) {
    if (l < size) { told[l] = a.x; }
    if (TWO == 1u && l + WG < size) { told[l + WG] = b.x; }
    workgroupBarrier();
    a = advance(row_a, t, ua, gathered(ua), a.y);
    if (TWO == 1u) { b = advance(row_b, t, ub, gathered(ub), b.y); }
    workgroupBarrier();
  }
}
