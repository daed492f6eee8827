// Slices of one tensor dealt out to up to six tensors, any slice to any of them and as often as asked for; and the sum of
// what comes back. x is seen as [n, inner]; `index` lists the slices of all outputs one after the other, output k having
// those before end k that the outputs before it have not.
struct Sizes {
  n: u32,
  inner: u32,
  dealt: u32, // rows of `index`
  e0: u32,
  e1: u32,
  e2: u32,
  e3: u32,
  e4: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> index: array<u32>; // [dealt]
@group(0) @binding(2) var<storage, read> x: array<f32>; // [n, inner]
@group(0) @binding(3) var<storage, read_write> y0: array<f32>;
@group(0) @binding(4) var<storage, read_write> y1: array<f32>;
@group(0) @binding(5) var<storage, read_write> y2: array<f32>;
@group(0) @binding(6) var<storage, read_write> y3: array<f32>;
@group(0) @binding(7) var<storage, read_write> y4: array<f32>;
@group(0) @binding(8) var<storage, read_write> y5: array<f32>;
@group(0) @binding(9) var<storage, read> d0: array<f32>;
@group(0) @binding(10) var<storage, read> d1: array<f32>;
@group(0) @binding(11) var<storage, read> d2: array<f32>;
@group(0) @binding(12) var<storage, read> d3: array<f32>;
@group(0) @binding(13) var<storage, read> d4: array<f32>;
@group(0) @binding(14) var<storage, read> d5: array<f32>;
@group(0) @binding(15) var<storage, read_write> dx: array<f32>; // [n, inner]

// One invocation copies one element of one output.
@compute @workgroup_size(256)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
           @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  let row = i / sizes.inner;
  if (row >= sizes.dealt) { return; }
  let value = x[index[row] * sizes.inner + (i - row * sizes.inner)];
  if (row < sizes.e0) { y0[i] = value; }
  else if (row < sizes.e1) { y1[i - sizes.e0 * sizes.inner] = value; }
  else if (row < sizes.e2) { y2[i - sizes.e1 * sizes.inner] = value; }
  else if (row < sizes.e3) { y3[i - sizes.e2 * sizes.inner] = value; }
  else if (row < sizes.e4) { y4[i - sizes.e3 * sizes.inner] = value; }
  else { y5[i - sizes.e4 * sizes.inner] = value; }
}

// Element `at` of dealt row `row`.
fn back(row: u32, at: u32) -> f32 {
  let i = row * sizes.inner + at;
  if (row < sizes.e0) { return d0[i]; }
  if (row < sizes.e1) { return d1[i - sizes.e0 * sizes.inner]; }
  if (row < sizes.e2) { return d2[i - sizes.e1 * sizes.inner]; }
  if (row < sizes.e3) { return d3[i - sizes.e2 * sizes.inner]; }
  if (row < sizes.e4) { return d4[i - sizes.e3 * sizes.inner]; }
  return d5[i - sizes.e4 * sizes.inner];
}

// One invocation makes one element of dx: it walks the rows in order and adds those that are its slice's.
@compute @workgroup_size(256)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
            @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  let slice = i / sizes.inner;
  if (slice >= sizes.n) { return; }
  let at = i - slice * sizes.inner;
  var sum = 0.0;
  for (var row = 0u; row < sizes.dealt; row++) {
    if (index[row] == slice) { sum += back(row, at); }
  }
  dx[i] = sum;
}
