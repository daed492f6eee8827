// 2-D convolution (no flip, stride 1) as a product that never writes its im2col: y[n, o, p] = sum over (c, i, j) of
// w[o, c, i, j] x[n, c, row + i - pad, col + j - pad], p = (row, col). One invocation computes 8 channels x 8 positions in
// registers: 16 loads feed 64 multiply-adds. Positions run over the whole batch, so a small map leaves no lane idle.
//
// The gradient of x is the same sum with the roles of the channels swapped and the kernel turned by 180 degrees:
// stride_out, stride_in and TURN say how the weights are read. What lies outside of a map is 0 (PAD).
//!include "lib/activations.wgsl"

struct Sizes {
  batch: u32,
  channels: u32, // summed over
  made: u32, // channels of y
  height: u32, // of a map of x
  width: u32,
  out_height: u32,
  out_width: u32,
  kernel: u32,
  pad: u32,
  stride_out: u32, // weights from one channel of y to the next
  stride_in: u32, // weights from one channel of x to the next
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [N, channels, height, width]
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>; // [made]
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [N, made, out_height, out_width]
@group(0) @binding(5) var<storage, read_write> pre: array<f32>; // y before the activation

override BIAS = 0u;
override ACT = 0u;
override PAD = 0u; // 1: some positions reach outside of the map
override TURN = 0u; // 1: the kernel's last weight comes first

struct Tile {
  c00: mat4x4<f32>, // column r: channel r at positions 0 to 3
  c01: mat4x4<f32>, // at positions 4 to 7
  c10: mat4x4<f32>, // column r: channel 4 + r
  c11: mat4x4<f32>,
}

// Where four positions lie: their map's first element, row and column of the window's corner (may be negative).
struct Four {
  first: vec4<u32>,
  row: vec4<i32>,
  column: vec4<i32>,
}

fn positions() -> u32 {
  return sizes.batch * sizes.out_height * sizes.out_width;
}

// Past the last position the last one is read again; it is not written.
fn four(p0: u32) -> Four {
  let p = min(vec4<u32>(p0) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(positions() - 1u));
  let area = sizes.out_height * sizes.out_width;
  let n = p / area;
  let at = p % area;
  let pad = vec4<i32>(i32(sizes.pad));
  return Four(
    n * sizes.channels * sizes.height * sizes.width,
    vec4<i32>(at / sizes.out_width) - pad,
    vec4<i32>(at % sizes.out_width) - pad);
}

// Channel c (its maps begin `map` elements after the first), row i and column j of the windows.
fn read_x(f: Four, map: u32, i: u32, j: u32) -> vec4<f32> {
  let row = f.row + vec4<i32>(i32(i));
  let column = f.column + vec4<i32>(i32(j));
  let at = vec4<i32>(f.first + vec4<u32>(map)) + row * i32(sizes.width) + column;
  if (PAD == 0u) { return vec4<f32>(x[at.x], x[at.y], x[at.z], x[at.w]); }
  let zero = vec4<i32>(0);
  let inside = (row >= zero) & (row < vec4<i32>(i32(sizes.height))) & (column >= zero)
    & (column < vec4<i32>(i32(sizes.width)));
  let q = select(zero, at, inside);
  return select(vec4<f32>(0.0), vec4<f32>(x[q.x], x[q.y], x[q.z], x[q.w]), inside);
}

// Channels past the last read the last one's weights; they are not written.
fn read_w(rows: vec4<u32>, at: u32) -> vec4<f32> {
  return vec4<f32>(w[rows.x + at], w[rows.y + at], w[rows.z + at], w[rows.w + at]);
}

fn outer(v: vec4<f32>, weights: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(v * weights.x, v * weights.y, v * weights.z, v * weights.w);
}

fn convolved(o0: u32, p0: u32) -> Tile {
  let a = four(p0);
  let b = four(p0 + 4u);
  let last = vec4<u32>(sizes.made - 1u);
  let low = min(vec4<u32>(o0) + vec4<u32>(0u, 1u, 2u, 3u), last) * sizes.stride_out;
  let high = min(vec4<u32>(o0) + vec4<u32>(4u, 5u, 6u, 7u), last) * sizes.stride_out;
  let taps = sizes.kernel * sizes.kernel;
  var t: Tile;
  for (var c = 0u; c < sizes.channels; c++) {
    let map = c * sizes.height * sizes.width;
    for (var i = 0u; i < sizes.kernel; i++) {
      for (var j = 0u; j < sizes.kernel; j++) {
        let tap = i * sizes.kernel + j;
        let at = c * sizes.stride_in + select(tap, taps - 1u - tap, TURN == 1u);
        let v0 = read_x(a, map, i, j);
        let v1 = read_x(b, map, i, j);
        let w0 = read_w(low, at);
        let w1 = read_w(high, at);
        t.c00 += outer(v0, w0);
        t.c01 += outer(v1, w0);
        t.c10 += outer(v0, w1);
        t.c11 += outer(v1, w1);
      }
    }
  }
  return t;
}

// Quarter i of a tile: channel i / 2, positions 4 (i % 2) to 4 (i % 2) + 3.
fn quarters(t: Tile) -> array<vec4<f32>, 16> {
  return array<vec4<f32>, 16>(
    t.c00[0], t.c01[0], t.c00[1], t.c01[1], t.c00[2], t.c01[2], t.c00[3], t.c01[3],
    t.c10[0], t.c11[0], t.c10[1], t.c11[1], t.c10[2], t.c11[2], t.c10[3], t.c11[3]);
}

fn place(o: u32, p: u32) -> u32 {
  let area = sizes.out_height * sizes.out_width;
  return ((p / area) * sizes.made + o) * area + p % area;
}

fn biased(v: f32, o: u32) -> f32 {
  if (BIAS == 1u) { return v + bias[o]; }
  return v;
}

// One workgroup: 256 positions of 8 channels.
@compute @workgroup_size(32)
fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  let p0 = id.x * 8u;
  let o0 = id.y * 8u;
  if (p0 >= positions()) { return; }
  var q = quarters(convolved(o0, p0));
  for (var i = 0u; i < 64u; i++) {
    let o = o0 + (i >> 3u);
    let p = p0 + (i & 7u);
    if (o >= sizes.made || p >= positions()) { continue; }
    y[place(o, p)] = activate(ACT, biased(q[i >> 2u][i & 3u], o));
  }
}

// The same, keeping the values before the activation for the gradient.
@compute @workgroup_size(32)
fn forward_pre(@builtin(global_invocation_id) id: vec3<u32>) {
  let p0 = id.x * 8u;
  let o0 = id.y * 8u;
  if (p0 >= positions()) { return; }
  var q = quarters(convolved(o0, p0));
  for (var i = 0u; i < 64u; i++) {
    let o = o0 + (i >> 3u);
    let p = p0 + (i & 7u);
    if (o >= sizes.made || p >= positions()) { continue; }
    let v = biased(q[i >> 2u][i & 3u], o);
    pre[place(o, p)] = v;
    y[place(o, p)] = activate(ACT, v);
  }
}
