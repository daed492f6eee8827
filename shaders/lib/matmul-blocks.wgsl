// The operands of a product op(A) op(B), 4 x 4 at a time: A [m, k] (stored [k, m] when TA), B [k, n] (stored [n, k] when TB).
//
// An operand whose contiguous axis is a multiple of 4 is read as vec4s (VEC_A, VEC_B): the same buffer is bound twice,
// as `a` and as `a4`. Indices beyond an edge are clamped; what they compute is never written. Beyond k both are zero.
// A shader that includes this declares `Sizes` with m, n and k.

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> a4: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> b: array<f32>;
@group(0) @binding(4) var<storage, read> b4: array<vec4<f32>>;

override TA = 0u;
override TB = 0u;
override VEC_A = 0u;
override VEC_B = 0u;
override TAIL = 1u; // k is no multiple of 4

// Four values that lie side by side from `at`; an index past `last` reads `last`.
fn read_a(at: u32, last: u32) -> vec4<f32> {
  if (VEC_A == 1u) { return a4[at >> 2u]; }
  return vec4<f32>(a[at], a[min(at + 1u, last)], a[min(at + 2u, last)], a[min(at + 3u, last)]);
}

fn read_b(at: u32, last: u32) -> vec4<f32> {
  if (VEC_B == 1u) { return b4[at >> 2u]; }
  return vec4<f32>(b[at], b[min(at + 1u, last)], b[min(at + 2u, last)], b[min(at + 3u, last)]);
}

const STEPS = vec4<u32>(0u, 1u, 2u, 3u);

// Column r: op(A)[row + r, k .. k + 3]. `whole`: k + 3 is still inside.
fn load_a(base: u32, row: u32, k: u32, k_end: u32, whole: bool) -> mat4x4<f32> {
  var v: mat4x4<f32>;
  if (TA == 0u) {
    let r = min(vec4<u32>(row) + STEPS, vec4<u32>(sizes.m - 1u)) * sizes.k + vec4<u32>(base);
    let last = r + vec4<u32>(k_end - 1u);
    v = mat4x4<f32>(read_a(r.x + k, last.x), read_a(r.y + k, last.y), read_a(r.z + k, last.z), read_a(r.w + k, last.w));
    if (!whole) { v = transpose(v); }
  } else {
    let c = min(row, sizes.m - select(1u, 4u, VEC_A == 1u));
    let r = min(vec4<u32>(k) + STEPS, vec4<u32>(k_end - 1u)) * sizes.m + vec4<u32>(base);
    let last = r + vec4<u32>(sizes.m - 1u);
    v = mat4x4<f32>(read_a(r.x + c, last.x), read_a(r.y + c, last.y), read_a(r.z + c, last.z), read_a(r.w + c, last.w));
    if (whole) { v = transpose(v); }
  }
  if (!whole) { v = transpose(inside(v, k_end - k)); }
  return v;
}

// Column j: op(B)[k + j, col .. col + 3].
fn load_b(base: u32, col: u32, k: u32, k_end: u32, whole: bool) -> mat4x4<f32> {
  var v: mat4x4<f32>;
  if (TB == 1u) {
    let r = min(vec4<u32>(col) + STEPS, vec4<u32>(sizes.n - 1u)) * sizes.k + vec4<u32>(base);
    let last = r + vec4<u32>(k_end - 1u);
    v = transpose(mat4x4<f32>(
      read_b(r.x + k, last.x), read_b(r.y + k, last.y), read_b(r.z + k, last.z), read_b(r.w + k, last.w)));
  } else {
    let c = min(col, sizes.n - select(1u, 4u, VEC_B == 1u));
    let r = min(vec4<u32>(k) + STEPS, vec4<u32>(k_end - 1u)) * sizes.n + vec4<u32>(base);
    let last = r + vec4<u32>(sizes.n - 1u);
    v = mat4x4<f32>(read_b(r.x + c, last.x), read_b(r.y + c, last.y), read_b(r.z + c, last.z), read_b(r.w + c, last.w));
  }
  if (!whole) { v = inside(v, k_end - k); }
  return v;
}

// The columns from `count` on, 1 to 3, are beyond the end of k: zero, so that no stray inf or NaN enters a sum.
fn inside(v: mat4x4<f32>, count: u32) -> mat4x4<f32> {
  let none = vec4<f32>(0.0);
  return mat4x4<f32>(v[0], select(none, v[1], count > 1u), select(none, v[2], count > 2u), none);
}
