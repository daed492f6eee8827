// Ops that only move elements: slice, permute, concat, broadcast (`copy`, `copy_scaled`) and padding (`pad`).
// One invocation moves one 32-bit element, f32 or u32 alike, as bits. The box walked has up to six axes; axis 5 is the
// innermost, and only the last `rank` axes are longer than 1 (src/engine/ops/strided.ts merges neighbours beforehand).
struct Sizes {
  count: u32,
  rank: u32,
  src_base: u32,
  dst_base: u32,
  scale: f32,
  filler: u32,
  // lengths of the box
  d0: u32, d1: u32, d2: u32, d3: u32, d4: u32, d5: u32,
  // strides in src
  s0: u32, s1: u32, s2: u32, s3: u32, s4: u32, s5: u32,
  // copy: strides in dst; pad: elements before src
  t0: u32, t1: u32, t2: u32, t3: u32, t4: u32, t5: u32,
  // pad: lengths of src
  n0: u32, n1: u32, n2: u32, n3: u32, n4: u32, n5: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> src: array<u32>;
@group(0) @binding(2) var<storage, read_write> dst: array<u32>;

// Splits the coordinate along an axis of length d off `rest`.
fn coordinate(rest: ptr<function, u32>, d: u32) -> u32 {
  let quotient = *rest / d;
  let c = *rest - quotient * d;
  *rest = quotient;
  return c;
}

// Offsets (in src, in dst) of element i of the box.
fn offsets(i: u32) -> vec2u {
  var rest = i;
  var at = vec2u(sizes.src_base, sizes.dst_base);
  if (sizes.rank > 0u) { at += coordinate(&rest, sizes.d5) * vec2u(sizes.s5, sizes.t5); }
  if (sizes.rank > 1u) { at += coordinate(&rest, sizes.d4) * vec2u(sizes.s4, sizes.t4); }
  if (sizes.rank > 2u) { at += coordinate(&rest, sizes.d3) * vec2u(sizes.s3, sizes.t3); }
  if (sizes.rank > 3u) { at += coordinate(&rest, sizes.d2) * vec2u(sizes.s2, sizes.t2); }
  if (sizes.rank > 4u) { at += coordinate(&rest, sizes.d1) * vec2u(sizes.s1, sizes.t1); }
  if (sizes.rank > 5u) { at += coordinate(&rest, sizes.d0) * vec2u(sizes.s0, sizes.t0); }
  return at;
}

@compute @workgroup_size(256)
fn copy(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  if (i >= sizes.count) { return; }
  let at = offsets(i);
  dst[at.y] = src[at.x];
}

@compute @workgroup_size(256)
fn copy_scaled(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
               @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  if (i >= sizes.count) { return; }
  let at = offsets(i);
  dst[at.y] = bitcast<u32>(bitcast<f32>(src[at.x]) * sizes.scale);
}

// One axis of `pad`: (offset in src, 1 while inside). An index before src wraps round to a large number.
fn inside(rest: ptr<function, u32>, d: u32, before: u32, n: u32, stride: u32) -> vec2u {
  let c = coordinate(rest, d) - before;
  return vec2u(c * stride, select(0u, 1u, c < n));
}

@compute @workgroup_size(256)
fn pad(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
       @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  if (i >= sizes.count) { return; }
  var rest = i;
  var at = vec2u(0u, 0u); // offset in src, axes on which it is inside
  if (sizes.rank > 0u) { at += inside(&rest, sizes.d5, sizes.t5, sizes.n5, sizes.s5); }
  if (sizes.rank > 1u) { at += inside(&rest, sizes.d4, sizes.t4, sizes.n4, sizes.s4); }
  if (sizes.rank > 2u) { at += inside(&rest, sizes.d3, sizes.t3, sizes.n3, sizes.s3); }
  if (sizes.rank > 3u) { at += inside(&rest, sizes.d2, sizes.t2, sizes.n2, sizes.s2); }
  if (sizes.rank > 4u) { at += inside(&rest, sizes.d1, sizes.t1, sizes.n1, sizes.s1); }
  if (sizes.rank > 5u) { at += inside(&rest, sizes.d0, sizes.t0, sizes.n0, sizes.s0); }
  if (at.y == sizes.rank) {
    dst[i] = src[at.x];
  } else {
    dst[i] = sizes.filler;
  }
}
