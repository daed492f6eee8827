// The one order in which every product adds: each output is a chain of fma over k from its beginning. Tiles of other shapes,
// with or without workgroup memory, then give the same bits, and which one runs is a matter of speed alone.

// Column r of c: the outputs of row r. Column j of b: row k + j of B. Column r of a: row r of A, k .. k + 3.
fn chain(c: vec4<f32>, b: mat4x4<f32>, a: vec4<f32>) -> vec4<f32> {
  return vec4<f32>(
    fma(a.w, b[3].x, fma(a.z, b[2].x, fma(a.y, b[1].x, fma(a.x, b[0].x, c.x)))),
    fma(a.w, b[3].y, fma(a.z, b[2].y, fma(a.y, b[1].y, fma(a.x, b[0].y, c.y)))),
    fma(a.w, b[3].z, fma(a.z, b[2].z, fma(a.y, b[1].z, fma(a.x, b[0].z, c.z)))),
    fma(a.w, b[3].w, fma(a.z, b[2].w, fma(a.y, b[1].w, fma(a.x, b[0].w, c.w)))));
}

fn added(c: mat4x4<f32>, b: mat4x4<f32>, a: mat4x4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(chain(c[0], b, a[0]), chain(c[1], b, a[1]), chain(c[2], b, a[2]), chain(c[3], b, a[3]));
}

fn column_sums(b: mat4x4<f32>) -> vec4<f32> {
  return (b[0] + b[1]) + (b[2] + b[3]);
}

fn row_sums(a: mat4x4<f32>) -> vec4<f32> {
  return column_sums(transpose(a));
}
