// Eight links of the chain of fma by which a cell's gates hear of other cells: `told` holds their h, wt their weights, from `at` on
// a row of `sizes.hidden` apart. The loads are written down before the sums, so that they are under way together: nothing but other
// invocations hides how long a weight takes to come, and a walk has few of them. A shader that includes this declares `told`.
fn eight(given: vec4<f32>, k: u32, at: u32) -> vec4<f32> {
  let size = sizes.hidden;
  let w0 = wt[at];
  let w1 = wt[at + size];
  let w2 = wt[at + 2u * size];
  let w3 = wt[at + 3u * size];
  let w4 = wt[at + 4u * size];
  let w5 = wt[at + 5u * size];
  let w6 = wt[at + 6u * size];
  let w7 = wt[at + 7u * size];
  var sum = fma(vec4<f32>(told[k]), w0, given);
  sum = fma(vec4<f32>(told[k + 1u]), w1, sum);
  sum = fma(vec4<f32>(told[k + 2u]), w2, sum);
  sum = fma(vec4<f32>(told[k + 3u]), w3, sum);
  sum = fma(vec4<f32>(told[k + 4u]), w4, sum);
  sum = fma(vec4<f32>(told[k + 5u]), w5, sum);
  sum = fma(vec4<f32>(told[k + 6u]), w6, sum);
  return fma(vec4<f32>(told[k + 7u]), w7, sum);
}
