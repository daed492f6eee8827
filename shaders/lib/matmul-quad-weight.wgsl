// What the weight gradients by quads share: the tile goes to dw [m, n].
fn write_weight(q: Quad, t: Tile) {
  var m = matrices(t);
  for (var i = 0u; i < 64u; i++) {
    let row = row_of(q, i >> 4u) + (i & 3u);
    let col = col_of(q, (i >> 2u) & 3u);
    if (row < sizes.m && col < sizes.n) { dw[(row * sizes.n + col) / 4u] = m[i >> 2u][i & 3u]; }
  }
}
