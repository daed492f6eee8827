// A whole LSTM sequence in one dispatch. Gates in the order i, f, g, o.
// One workgroup takes 4 rows of the batch (no row waits for another) and walks the T steps inside; invocation l owns cells
// l and l + WG of all 4 rows. What the cells tell each other at a step, h, goes through workgroup memory as
// vec4s over the 4 rows: a weight read serves 4 rows, a value told serves 2 cells. A cell adds over the others
// in their order. Where there is no cell l + WG, the last cell is computed in its place and not written.
//!include "lib/activations.wgsl"

struct Sizes {
  batch: u32,
  time: u32,
  hidden: u32, // at most 512
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> xproj: array<f32>; // [B, T, 4, H], x Wx' + b
@group(0) @binding(2) var<storage, read> w: array<f32>; // [4, H, H]: row u reads column v
@group(0) @binding(3) var<storage, read> wt: array<vec4<f32>>; // [v, u]: the four gates' weights
@group(0) @binding(4) var<storage, read> h0: array<f32>; // [B, H]
@group(0) @binding(5) var<storage, read> c0: array<f32>;
@group(0) @binding(6) var<storage, read_write> h: array<f32>; // [B, T, H]
@group(0) @binding(7) var<storage, read_write> gates: array<f32>; // [B, T, 4, H], after their nonlinearity
@group(0) @binding(8) var<storage, read_write> c: array<f32>; // [B, T, H]
@group(0) @binding(9) var<storage, read_write> wt_out: array<vec4<f32>>;
@group(0) @binding(10) var<storage, read_write> h_before: array<f32>; // [B, T, H]: h of the step before

override WG = 64u; // at least half of the cells
override STATE = 0u; // h0 and c0 are given

const NOWHERE = 0xfffffff0u; // a row that no batch has: nothing is written for it

// No larger than need be: SwiftShader clears it with a store for every word, all of them compiled.
var<workgroup> h_now: array<vec4<f32>, 2u * WG>;

// One invocation: the weights from cell v to cell u. Side by side for the cells that read them together.
@compute @workgroup_size(256)
fn transpose_weight(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = id.y * groups.x * 256u + id.x;
  let size = sizes.hidden * sizes.hidden;
  if (at >= size) { return; }
  let from_uv = (at % sizes.hidden) * sizes.hidden + at / sizes.hidden;
  wt_out[at] = vec4<f32>(w[from_uv], w[size + from_uv], w[2u * size + from_uv], w[3u * size + from_uv]);
}

fn initial(row: u32, u: u32) -> vec2<f32> {
  if (STATE == 0u) { return vec2<f32>(0.0); }
  let at = min(row, sizes.batch - 1u) * sizes.hidden + u;
  return vec2<f32>(h0[at], c0[at]);
}

fn projected(row: u32, t: u32, u: u32) -> vec4<f32> {
  let at = (min(row, sizes.batch - 1u) * sizes.time + t) * 4u * sizes.hidden + u;
  return vec4<f32>(
    xproj[at], xproj[at + sizes.hidden], xproj[at + 2u * sizes.hidden], xproj[at + 3u * sizes.hidden]);
}

// One cell of one row, one step on: (h, c) from c and from what the other cells give its gates.
fn advance(row: u32, t: u32, u: u32, sum: vec4<f32>, before: f32) -> vec2<f32> {
  let pre = projected(row, t, u) + sum;
  let g = vec4<f32>(sigmoid(pre.x), sigmoid(pre.y), safe_tanh(pre.z), sigmoid(pre.w));
  let cell = g.y * before + g.x * g.z;
  let out = g.w * safe_tanh(cell);
  if (row < sizes.batch) {
    let step = row * sizes.time + t;
    let at = step * 4u * sizes.hidden + u;
    gates[at] = g.x;
    gates[at + sizes.hidden] = g.y;
    gates[at + 2u * sizes.hidden] = g.z;
    gates[at + 3u * sizes.hidden] = g.w;
    h[step * sizes.hidden + u] = out;
    if (t == 0u) { h_before[step * sizes.hidden + u] = initial(row, u).x; }
    if (t + 1u < sizes.time) { h_before[(step + 1u) * sizes.hidden + u] = out; }
    c[step * sizes.hidden + u] = cell;
  }
  return vec2<f32>(out, cell);
}

struct Cell {
  h: vec4<f32>, // of the 4 rows
  c: vec4<f32>,
}

fn begin(row: u32, u: u32) -> Cell {
  let s = mat4x2<f32>(initial(row, u), initial(row + 1u, u), initial(row + 2u, u), initial(row + 3u, u));
  return Cell(vec4<f32>(s[0].x, s[1].x, s[2].x, s[3].x), vec4<f32>(s[0].y, s[1].y, s[2].y, s[3].y));
}

@compute @workgroup_size(WG)
fn forward(@builtin(local_invocation_index) l: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let row = group.x * 4u;
  let size = sizes.hidden;
  let ua = min(l, size - 1u);
  let ub = min(l + WG, size - 1u);
  var a = begin(row, ua);
  var b = begin(row, ub);
  for (var t = 0u; t < sizes.time; t++) {
    if (l < size) { h_now[ua] = a.h; }
    if (l + WG < size) { h_now[ub] = b.h; }
    workgroupBarrier();
    var sum_a = mat4x4<f32>();
    var sum_b = mat4x4<f32>();
    for (var v = 0u; v < size; v++) {
      let hv = h_now[v];
      let wa = wt[v * size + ua];
      let wb = wt[v * size + ub];
      sum_a += mat4x4<f32>(wa * hv.x, wa * hv.y, wa * hv.z, wa * hv.w);
      sum_b += mat4x4<f32>(wb * hv.x, wb * hv.y, wb * hv.z, wb * hv.w);
    }
    // A loop, since what is written out eight times is compiled eight times.
    var sums = array<vec4<f32>, 8>(
      sum_a[0], sum_a[1], sum_a[2], sum_a[3], sum_b[0], sum_b[1], sum_b[2], sum_b[3]);
    var c = array<f32, 8>(a.c.x, a.c.y, a.c.z, a.c.w, b.c.x, b.c.y, b.c.z, b.c.w);
    var h = array<f32, 8>();
    for (var i = 0u; i < 8u; i++) {
      let u = select(ua, ub, i > 3u);
      let there = select(l, l + WG, i > 3u) < size;
      let at = advance(select(NOWHERE, row + (i & 3u), there), t, u, sums[i], c[i]);
      h[i] = at.x;
      c[i] = at.y;
    }
    a = Cell(vec4<f32>(h[0], h[1], h[2], h[3]), vec4<f32>(c[0], c[1], c[2], c[3]));
    b = Cell(vec4<f32>(h[4], h[5], h[6], h[7]), vec4<f32>(c[4], c[5], c[6], c[7]));
    workgroupBarrier();
  }
}
