// floor(i * n / d) and the rest, for n < d <= 2^31, with i taken bit by bit: the product itself may not fit into 32 bits.
fn muldiv(i: u32, n: u32, d: u32) -> vec2u {
  var quotient = 0u;
  var rest = 0u;
  for (var bit = 32u; bit > 0u; bit--) {
    quotient <<= 1u;
    rest <<= 1u;
    if (rest >= d) { rest -= d; quotient++; }
    if (((i >> (bit - 1u)) & 1u) == 1u) { rest += n; }
    if (rest >= d) { rest -= d; quotient++; }
  }
  return vec2u(quotient, rest);
}

// Place of item b of batch `index` among `count` batches whose items stand evenly over 0 .. range - 1.
fn evenly(b: u32, batch: u32, index: u32, count: u32, range: u32) -> u32 {
  let all = max(1u, count * batch);
  let item = index * batch + b;
  return min(item * (range / all) + muldiv(item, range % all, all).x, range - 1u);
}
