// lstm-loop.wgsl by quads, for adapters whose subgroups are four neighbours (see lib/matmul-quad.wgsl). One workgroup takes 8 rows of
// the batch; a quad owns 8 cells, each lane 4 of them for 4 of the rows.
//
//   lane 0 | lane 1     The X neighbour has the same cells: each reads the weights of 2 of the 4 and they swap.
//   lane 2 | lane 3     The Y neighbour has the same rows: each reads 2 of 4 values of h, likewise.
//
// A lane's own half comes first: slot i is cell first + (i ^ 2 x), slot r is row 4 x + (r ^ 2 y). The order of addition is that
// of lstm-loop.wgsl. What the cells tell each other goes through h_before, where it is wanted anyway: SwiftShader compiles a
// store for every word of workgroup memory, a second for a thousand, and has no faster memory for it.
// H is a multiple of 4. Cells beyond the last are computed as those before them and not written.
//!include "lib/lstm-cell.wgsl"

fn place(row: u32, t: u32) -> u32 {
  return (min(row, sizes.batch - 1u) * sizes.time + t) * sizes.hidden;
}

// The whole workgroup, from row `start` on.
fn walk(start: u32, l: u32, lane: u32) {
  let size = sizes.hidden;
  let x = lane & 1u;
  let y = (lane >> 1u) & 1u;
  let first = (l >> 2u) * 8u + y * 4u;
  let own = min(first, size - 4u) + 2u * x;
  let row = start + 4u * x;
  var cells = array<vec4<f32>, 4>(); // c of slot i for the 4 rows
  for (var i = 0u; i < 16u; i++) {
    let u = first + ((i >> 2u) ^ (2u * x));
    let r = row + ((i & 3u) ^ (2u * y));
    if (u >= size || r >= sizes.batch) { continue; }
    let s = initial(r, u);
    h_before[place(r, 0u) + u] = s.x;
    cells[i >> 2u][i & 3u] = s.y;
  }
  for (var t = 0u; t < sizes.time; t++) {
    storageBarrier();
    let h0_at = place(row + 2u * y, t);
    let h1_at = place(row + 2u * y + 1u, t);
    var s0 = mat4x4<f32>();
    var s1 = mat4x4<f32>();
    var s2 = mat4x4<f32>();
    var s3 = mat4x4<f32>();
    for (var v = 0u; v < size; v += 2u) {
      let at = v * size + own;
      let a0 = wt[at];
      let a1 = wt[at + 1u];
      let b0 = wt[at + size];
      let b1 = wt[at + size + 1u];
      let ha = vec2<f32>(h_before[h0_at + v], h_before[h1_at + v]);
      let hb = vec2<f32>(h_before[h0_at + v + 1u], h_before[h1_at + v + 1u]);
      let ra = vec4<f32>(ha, quadSwapY(ha));
      let rb = vec4<f32>(hb, quadSwapY(hb));
      s0 = fed(fed(s0, a0, ra), b0, rb);
      s1 = fed(fed(s1, a1, ra), b1, rb);
      s2 = fed(fed(s2, quadSwapX(a0), ra), quadSwapX(b0), rb);
      s3 = fed(fed(s3, quadSwapX(a1), ra), quadSwapX(b1), rb);
    }
    var sums = array<mat4x4<f32>, 4>(transpose(s0), transpose(s1), transpose(s2), transpose(s3));
    // A loop, since what is written out sixteen times is compiled sixteen times.
    for (var i = 0u; i < 16u; i++) {
      let slot = i >> 2u;
      let u = first + (slot ^ (2u * x));
      let r = select(NOWHERE, row + ((i & 3u) ^ (2u * y)), u < size);
      cells[slot][i & 3u] = advance(r, t, min(u, size - 1u), sums[slot][i & 3u], cells[slot][i & 3u]).y;
    }
  }
}
