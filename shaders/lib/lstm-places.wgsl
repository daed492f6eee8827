// dWx of lstm-tokens: see lstm-tokens-grad.wgsl.
// One invocation: four rows of dWx, one symbol.
fn sum_places(item: u32) {
  let u = item % sizes.n;
  let symbol = item / sizes.n;
  if (symbol >= sizes.vocab) { return; }
  let first = sizes.vocab + 1u;
  let end = lists[symbol + 1u];
  var sum = vec4<f32>(0.0);
  for (var i = lists[symbol]; i < end; i++) { sum += a4[lists[first + i] * sizes.n + u]; }
  for (var j = 0u; j < 4u; j++) { dwx[(4u * u + j) * sizes.vocab + symbol] = sum[j]; }
}
