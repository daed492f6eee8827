// dw[o, c, i, j] = sum over images n and positions p of dy[n, o, p] x[n, c, row + i - pad, col + j - pad], and as a
// by-product the bias gradient, the sum of dy. One invocation computes 8 channels x 8 kernel weights in registers. The
// outputs are few and the sum is long, so groups of images are summed apart and joined in order.
struct Sizes {
  batch: u32,
  channels: u32, // of x
  made: u32, // of dy
  height: u32,
  width: u32,
  out_height: u32,
  out_width: u32,
  kernel: u32,
  pad: u32,
  group: u32, // images summed by one invocation
  groups: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [N, channels, height, width]
@group(0) @binding(2) var<storage, read> dy: array<f32>; // [N, made, out_height, out_width]
@group(0) @binding(3) var<storage, read_write> dw: array<f32>; // [groups, made, channels, kernel, kernel]
@group(0) @binding(4) var<storage, read_write> db: array<f32>; // [groups, made]
@group(0) @binding(5) var<storage, read> dw_parts: array<f32>; // what `join` sums
@group(0) @binding(6) var<storage, read> db_parts: array<f32>;

override BIAS = 0u;
override PAD = 0u;

const STEPS = vec4<u32>(0u, 1u, 2u, 3u);

fn columns() -> u32 {
  return sizes.channels * sizes.kernel * sizes.kernel;
}

// Of four kernel weights: the map they read, and how far their tap lies from a window's corner.
struct Four {
  map: vec4<u32>,
  row: vec4<i32>,
  column: vec4<i32>,
}

fn four(k0: u32) -> Four {
  let k = min(vec4<u32>(k0) + STEPS, vec4<u32>(columns() - 1u));
  let taps = sizes.kernel * sizes.kernel;
  let tap = k % taps;
  let pad = vec4<i32>(i32(sizes.pad));
  return Four(
    (k / taps) * sizes.height * sizes.width,
    vec4<i32>(tap / sizes.kernel) - pad,
    vec4<i32>(tap % sizes.kernel) - pad);
}

fn read_x(f: Four, first: u32, row: u32, column: u32) -> vec4<f32> {
  let r = f.row + vec4<i32>(i32(row));
  let c = f.column + vec4<i32>(i32(column));
  let at = vec4<i32>(f.map + vec4<u32>(first)) + r * i32(sizes.width) + c;
  if (PAD == 0u) { return vec4<f32>(x[at.x], x[at.y], x[at.z], x[at.w]); }
  let zero = vec4<i32>(0);
  let inside = (r >= zero) & (r < vec4<i32>(i32(sizes.height))) & (c >= zero) & (c < vec4<i32>(i32(sizes.width)));
  let q = select(zero, at, inside);
  return select(vec4<f32>(0.0), vec4<f32>(x[q.x], x[q.y], x[q.z], x[q.w]), inside);
}

fn read_dy(rows: vec4<u32>, at: u32) -> vec4<f32> {
  return vec4<f32>(dy[rows.x + at], dy[rows.y + at], dy[rows.z + at], dy[rows.w + at]);
}

fn outer(v: vec4<f32>, d: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(v * d.x, v * d.y, v * d.z, v * d.w);
}

// One workgroup: 32 kernel weights of 16 channels, 4 groups of images.
@compute @workgroup_size(4, 2, 4)
fn backward(@builtin(global_invocation_id) id: vec3<u32>) {
  let k0 = id.x * 8u;
  let o0 = id.y * 8u;
  let z = id.z;
  if (k0 >= columns() || o0 >= sizes.made || z >= sizes.groups) { return; }
  let a = four(k0);
  let b = four(k0 + 4u);
  let area = sizes.out_height * sizes.out_width;
  let last = vec4<u32>(sizes.made - 1u);
  let low = min(vec4<u32>(o0) + STEPS, last) * area;
  let high = min(vec4<u32>(o0 + 4u) + STEPS, last) * area;
  var c00: mat4x4<f32>;
  var c01: mat4x4<f32>;
  var c10: mat4x4<f32>;
  var c11: mat4x4<f32>;
  var s0: vec4<f32>;
  var s1: vec4<f32>;
  for (var n = z * sizes.group; n < min((z + 1u) * sizes.group, sizes.batch); n++) {
    let first = n * sizes.channels * sizes.height * sizes.width;
    for (var row = 0u; row < sizes.out_height; row++) {
      for (var column = 0u; column < sizes.out_width; column++) {
        let at = n * sizes.made * area + row * sizes.out_width + column;
        let d0 = read_dy(low, at);
        let d1 = read_dy(high, at);
        let v0 = read_x(a, first, row, column);
        let v1 = read_x(b, first, row, column);
        c00 += outer(v0, d0);
        c01 += outer(v1, d0);
        c10 += outer(v0, d1);
        c11 += outer(v1, d1);
        s0 += d0;
        s1 += d1;
      }
    }
  }
  var q = array<vec4<f32>, 16>(
    c00[0], c01[0], c00[1], c01[1], c00[2], c01[2], c00[3], c01[3],
    c10[0], c11[0], c10[1], c11[1], c10[2], c11[2], c10[3], c11[3]);
  for (var i = 0u; i < 64u; i++) {
    let o = o0 + (i >> 3u);
    let k = k0 + (i & 7u);
    if (o < sizes.made && k < columns()) { dw[(z * sizes.made + o) * columns() + k] = q[i >> 2u][i & 3u]; }
  }
  if (BIAS == 0u || k0 > 0u) { return; }
  var s = array<vec4<f32>, 2>(s0, s1);
  for (var i = 0u; i < min(8u, sizes.made - o0); i++) { db[z * sizes.made + o0 + i] = s[i >> 2u][i & 3u]; }
}

// One invocation sums one weight's (or bias') parts, in the order of the groups.
@compute @workgroup_size(64)
fn join(@builtin(global_invocation_id) id: vec3<u32>) {
  let weights = sizes.made * columns();
  let i = id.x;
  if (i < weights) {
    var sum = 0.0;
    for (var z = 0u; z < sizes.groups; z++) { sum += dw_parts[z * weights + i]; }
    dw[i] = sum;
    return;
  }
  let o = i - weights;
  if (BIAS == 0u || o >= sizes.made) { return; }
  var sum = 0.0;
  for (var z = 0u; z < sizes.groups; z++) { sum += db_parts[z * sizes.made + o]; }
  db[o] = sum;
}
