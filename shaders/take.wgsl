// Gather along an axis by a list of indices, and its gradient. x is seen as [outer, length, inner], y as
// [outer, picks, inner]. An index past the axis picks zeros.
struct Sizes {
  outer: u32,
  length: u32,
  inner: u32,
  picks: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> index: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<u32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;

// One invocation copies one element of y, f32 or u32 alike, as bits.
@compute @workgroup_size(256)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
           @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  if (i >= sizes.outer * sizes.picks * sizes.inner) { return; }
  let rest = i / sizes.inner;
  let c = i - rest * sizes.inner;
  let o = rest / sizes.picks;
  let a = index[rest - o * sizes.picks];
  var word = 0u;
  if (a < sizes.length) { word = x[(o * sizes.length + a) * sizes.inner + c]; }
  y[i] = word;
}

// One invocation makes one element of dx: it walks the picks in order and adds those that took it.
@compute @workgroup_size(256)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
            @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  if (i >= sizes.outer * sizes.length * sizes.inner) { return; }
  let rest = i / sizes.inner;
  let c = i - rest * sizes.inner;
  let o = rest / sizes.length;
  let a = rest - o * sizes.length;
  var sum = 0.0;
  for (var k = 0u; k < sizes.picks; k++) {
    if (index[k] == a) { sum += dy[(o * sizes.picks + k) * sizes.inner + c]; }
  }
  dx[i] = sum;
}
