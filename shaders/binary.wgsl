// Functions of two elements, broadcast. One invocation computes one element. KIND is the `kind` of
// src/engine/ops/binary.ts, counted apart for f32 and u32. FLAT: 1, both inputs have the result's shape; 2, `a` has it, and
// `b` that of its last axes, d5 elements. Otherwise the result is walked with up to six axes, 5 the innermost; only the
// last `rank` are longer than 1.
struct Sizes {
  count: u32,
  rank: u32,
  // lengths of the result
  d0: u32, d1: u32, d2: u32, d3: u32, d4: u32, d5: u32,
  // strides in a and b, 0 along repeated axes
  a0: u32, a1: u32, a2: u32, a3: u32, a4: u32, a5: u32,
  b0: u32, b1: u32, b2: u32, b3: u32, b4: u32, b5: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<storage, read> a_bits: array<u32>;
@group(0) @binding(5) var<storage, read> b_bits: array<u32>;
@group(0) @binding(6) var<storage, read_write> y_bits: array<u32>;

override KIND = 0u;
override FLAT = 1u;

// Splits the coordinate along an axis of length d off `rest`.
fn coordinate(rest: ptr<function, u32>, d: u32) -> u32 {
  let quotient = *rest / d;
  let c = *rest - quotient * d;
  *rest = quotient;
  return c;
}

// Places (in a, in b) of element i of the result.
fn places(i: u32) -> vec2u {
  if (FLAT == 1u) { return vec2u(i); }
  if (FLAT == 2u) { return vec2u(i, i % sizes.d5); }
  var rest = i;
  var at = vec2u(0u);
  if (sizes.rank > 0u) { at += coordinate(&rest, sizes.d5) * vec2u(sizes.a5, sizes.b5); }
  if (sizes.rank > 1u) { at += coordinate(&rest, sizes.d4) * vec2u(sizes.a4, sizes.b4); }
  if (sizes.rank > 2u) { at += coordinate(&rest, sizes.d3) * vec2u(sizes.a3, sizes.b3); }
  if (sizes.rank > 3u) { at += coordinate(&rest, sizes.d2) * vec2u(sizes.a2, sizes.b2); }
  if (sizes.rank > 4u) { at += coordinate(&rest, sizes.d1) * vec2u(sizes.a1, sizes.b1); }
  if (sizes.rank > 5u) { at += coordinate(&rest, sizes.d0) * vec2u(sizes.a0, sizes.b0); }
  return at;
}

@compute @workgroup_size(256)
fn floats(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
          @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  if (i >= sizes.count) { return; }
  let at = places(i);
  let u = a[at.x];
  let v = b[at.y];
  switch KIND {
    case 1u: { y[i] = u - v; }
    case 2u: { y[i] = u * v; }
    case 3u: { y[i] = u / v; }
    default: { y[i] = u + v; }
  }
}

@compute @workgroup_size(256)
fn bits(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  if (i >= sizes.count) { return; }
  let at = places(i);
  if (KIND == 0u) {
    y_bits[i] = a_bits[at.x] & b_bits[at.y];
  } else {
    y_bits[i] = a_bits[at.x] | b_bits[at.y];
  }
}
