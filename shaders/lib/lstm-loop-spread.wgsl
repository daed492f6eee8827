// The way forward through an LSTM on a device with many cores: as lib/lstm-loop.wgsl, but one row of the batch a workgroup, and
// one cell an invocation (two, with TWO). Nothing but other invocations hides how long a weight takes to come, and there are
// few of them; so the loads of eight cells are written down before their sums, and are under way together.
// A cell adds over the others in their order, one chain of fma: the bits are those of lib/lstm-loop.wgsl.
//!include "lib/lstm-cell.wgsl"

override TWO = 0u; // there are more cells than invocations

var<workgroup> h_now: array<f32, 2u * WG>;

// The gates of cell u with what the other cells give them.
fn gathered(u: u32) -> vec4<f32> {
  let size = sizes.hidden;
  var sum = vec4<f32>();
  var v = 0u;
  for (; v + 8u <= size; v += 8u) {
    let at = v * size + u;
    let w0 = wt[at];
    let w1 = wt[at + size];
    let w2 = wt[at + 2u * size];
    let w3 = wt[at + 3u * size];
    let w4 = wt[at + 4u * size];
    let w5 = wt[at + 5u * size];
    let w6 = wt[at + 6u * size];
    let w7 = wt[at + 7u * size];
    sum = fma(vec4<f32>(h_now[v]), w0, sum);
    sum = fma(vec4<f32>(h_now[v + 1u]), w1, sum);
    sum = fma(vec4<f32>(h_now[v + 2u]), w2, sum);
    sum = fma(vec4<f32>(h_now[v + 3u]), w3, sum);
    sum = fma(vec4<f32>(h_now[v + 4u]), w4, sum);
    sum = fma(vec4<f32>(h_now[v + 5u]), w5, sum);
    sum = fma(vec4<f32>(h_now[v + 6u]), w6, sum);
    sum = fma(vec4<f32>(h_now[v + 7u]), w7, sum);
  }
  for (; v < size; v++) { sum = fma(vec4<f32>(h_now[v]), wt[v * size + u], sum); }
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
    if (l < size) { h_now[l] = a.x; }
    if (TWO == 1u && l + WG < size) { h_now[l + WG] = b.x; }
    workgroupBarrier();
    a = advance(row_a, t, ua, gathered(ua), a.y);
    if (TWO == 1u) { b = advance(row_b, t, ub, gathered(ub), b.y); }
    workgroupBarrier();
  }
}
