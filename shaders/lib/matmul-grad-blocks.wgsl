// What both kernels of a dense layer's gradients share: how dPre, a and W are read, 4 x 4 at a time, and what is done to dA.
// A shader that includes this declares `Sizes` with rows, n, k, extra and activation.
//!include "lib/activations.wgsl"

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> dpre: array<f32>; // [rows, n]
@group(0) @binding(2) var<storage, read> dpre4: array<vec4<f32>>; // the same
@group(0) @binding(3) var<storage, read> a: array<vec4<f32>>; // [rows, k]
@group(0) @binding(4) var<storage, read> w: array<vec4<f32>>; // [n, k]
@group(0) @binding(5) var<storage, read_write> da: array<vec4<f32>>; // as a
@group(0) @binding(6) var<storage, read_write> dw: array<vec4<f32>>; // as w
@group(0) @binding(7) var<storage, read_write> sums: array<f32>; // [n]
@group(0) @binding(8) var<storage, read> other: array<vec4<f32>>; // as a: see sizes.extra

override VEC = 0u; // n is a multiple of 4

const STEPS = vec4<u32>(0u, 1u, 2u, 3u);

fn quad(at: u32, last: u32) -> vec4<f32> {
  if (VEC == 1u) { return dpre4[at >> 2u]; }
  return vec4<f32>(dpre[at], dpre[min(at + 1u, last)], dpre[min(at + 2u, last)], dpre[min(at + 3u, last)]);
}

// Column r: row `row + r` of dPre, from column `col` on. Past an edge, what stands at it again.
fn upstream(row: u32, col: u32) -> mat4x4<f32> {
  let c = min(col, sizes.n - select(1u, 4u, VEC == 1u));
  let r = min(vec4<u32>(row) + STEPS, vec4<u32>(sizes.rows - 1u)) * sizes.n;
  let last = r + vec4<u32>(sizes.n - 1u);
  return mat4x4<f32>(quad(r.x + c, last.x), quad(r.y + c, last.y), quad(r.z + c, last.z), quad(r.w + c, last.w));
}

// Vec4s that begin rows `row .. row + 3` at column `col`, of matrices of `count` rows of k.
fn places(row: u32, col: u32, count: u32) -> vec4<u32> {
  return (min(vec4<u32>(row) + STEPS, vec4<u32>(count - 1u)) * sizes.k + vec4<u32>(min(col, sizes.k - 4u))) >> vec4<u32>(2u);
}

fn weights(row: u32, col: u32) -> mat4x4<f32> {
  let p = places(row, col, sizes.n);
  return mat4x4<f32>(w[p.x], w[p.y], w[p.z], w[p.w]);
}

fn inputs(row: u32, col: u32) -> mat4x4<f32> {
  let p = places(row, col, sizes.rows);
  return mat4x4<f32>(a[p.x], a[p.y], a[p.z], a[p.w]);
}

// The columns from `count` on are beyond the end of a sum: zero, so that no stray inf or NaN enters it.
fn inside(v: mat4x4<f32>, count: u32) -> mat4x4<f32> {
  let none = vec4<f32>(0.0);
  return mat4x4<f32>(v[0], select(none, v[1], count > 1u), select(none, v[2], count > 2u), select(none, v[3], count > 3u));
}

fn finished(v: vec4<f32>, at: u32) -> vec4<f32> {
  if (sizes.extra == 1u) { return v + other[at]; }
  if (sizes.extra == 2u) {
    let x = other[at];
    let act = sizes.activation;
    return v * vec4<f32>(
      activate_grad(act, x.x), activate_grad(act, x.y), activate_grad(act, x.z), activate_grad(act, x.w));
  }
  return v;
}
