// Sums of x seen as [outer, length, inner] over its middle axis, in parts: out[o, p, c] = scale * sum of the p-th stretch
// of `stretch` elements. A long axis takes two passes, stretches first; the order of addition is fixed by the sizes.
struct Sizes {
  outer: u32,
  length: u32,
  inner: u32,
  stretch: u32,
  parts: u32,
  scale: f32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

// inner > 1. One invocation walks one stretch of one column; neighbours read neighbouring columns.
@compute @workgroup_size(256)
fn columns(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
           @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  if (i >= sizes.outer * sizes.parts * sizes.inner) { return; }
  let rest = i / sizes.inner;
  let c = i - rest * sizes.inner;
  let o = rest / sizes.parts;
  let p = rest - o * sizes.parts;
  let first = p * sizes.stretch;
  let last = min(first + sizes.stretch, sizes.length);
  var sum = 0.0;
  for (var r = first; r < last; r++) {
    sum += x[(o * sizes.length + r) * sizes.inner + c];
  }
  y[i] = sum * sizes.scale;
}

var<workgroup> sums: array<f32, 64>;

// inner = 1. One workgroup sums one stretch of one row: each lane every 64th element, then a tree over the lanes.
@compute @workgroup_size(64)
fn rows(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let i = group.y * groups.x + group.x;
  let o = i / sizes.parts;
  let first = (i - o * sizes.parts) * sizes.stretch;
  let last = min(first + sizes.stretch, sizes.length);
  var sum = 0.0;
  if (o < sizes.outer) {
    for (var r = first + lane; r < last; r += 64u) {
      sum += x[o * sizes.length + r];
    }
  }
  sums[lane] = sum;
  for (var half = 32u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (lane < half) { sums[lane] += sums[lane + half]; }
  }
  if (lane == 0u && o < sizes.outer) { y[i] = sums[0] * sizes.scale; }
}
