// Four sums for each of 4 rows (column j: sum j), one number of the four and of the rows further: one link of a chain of fma.
// Forward the four are a cell's gates, fed by the h of one other cell; back they are four cells, by one gate of another.
fn fed(sum: mat4x4<f32>, weights: vec4<f32>, told: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(
    fma(told, vec4<f32>(weights.x), sum[0]), fma(told, vec4<f32>(weights.y), sum[1]),
    fma(told, vec4<f32>(weights.z), sum[2]), fma(told, vec4<f32>(weights.w), sum[3]));
}
