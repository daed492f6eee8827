// What the weight gradients by quads share: dW [m, n] = A' B of a4 [k, m] and b4 [k, n].
fn weight_gradient(q: Quad) -> Tile {
  return product_tn(q, &a4, Operand(0u, sizes.m, sizes.m), &b4, Operand(0u, sizes.n, sizes.n), sizes.k, Tile());
}

fn write_weight(q: Quad, t: Tile) {
  var m = matrices(t);
  for (var i = 0u; i < 64u; i++) {
    let row = row_of(q, i >> 4u) + ((i >> 2u) & 3u);
    let col = col_of(q, i & 3u);
    if (row < sizes.m && col < sizes.n) { dw[(row * sizes.n + col) / 4u] = m[i >> 2u][i & 3u]; }
  }
}
