// Attention maps in figures (transformer-growth 5.1-5.4): where the mass of a row lies, how uniform the row is, how far it
// reaches; then means over the windows and queries of each head, and the mass by offset. Every sum runs in a fixed order.
const LANES = 64u;
//!include "lib/reduce.wgsl"
override CAUSAL: u32 = 1u;
const COLUMNS = 9u;
const START_MASS = 4u;
const UNIFORMITY = 7u;

struct Sizes {
  batch: u32,
  heads: u32,
  time: u32,
  side: u32, // of the grid of patches behind the class token; 0: a text
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> p: array<f32>; // [N, heads, T, T]: query down, key across
@group(0) @binding(2) var<storage, read_write> rows: array<f32>; // [N * heads * T, 9]
@group(0) @binding(3) var<storage, read_write> figures: array<f32>; // [heads, 9]
@group(0) @binding(4) var<storage, read_write> offsets: array<f32>; // [heads, T, 2 T - 1 or (2 g - 1)^2]

// How far from query q to key k: [rows, columns] between patches; along a text, columns alone.
fn apart(q: u32, k: u32) -> vec2<i32> {
  if (sizes.side == 0u) { return vec2<i32>(0, i32(k) - i32(q)); }
  if (q == 0u || k == 0u) { return vec2<i32>(0); }
  let g = i32(sizes.side);
  let a = i32(q) - 1;
  let b = i32(k) - 1;
  return vec2<i32>(b / g - a / g, b % g - a % g);
}

// One invocation: one query of one head of one window.
@compute @workgroup_size(64)
fn rows_of(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let r = id.y * groups.x * 64u + id.x;
  if (r >= sizes.batch * sizes.heads * sizes.time) { return; }
  let q = r % sizes.time;
  let seen = select(sizes.time, q + 1u, CAUSAL == 1u);
  let first = r * sizes.time;
  var entropy = 0.0;
  var distance = 0.0;
  var local = 0.0;
  var neighbour = 0.0;
  var rest = 0.0;
  for (var key = 0u; key < seen; key++) {
    let a = p[first + key];
    let by = abs(apart(q, key));
    // Nothing is near the class token but itself.
    let cut = sizes.side > 0u && key != q && (key == 0u || q == 0u);
    // In f32: by integers an NVIDIA driver (580.159) gave sums that were off by a sixth.
    let reach = max(f32(by.x), f32(by.y));
    let far = select(u32(reach), 0xffffffffu, cut);
    if (a > 0.0) { entropy -= a * log(a); }
    distance += select(a * reach, 0.0, cut);
    if (far <= 1u) { local += a; }
    if (key > 0u && far == 1u) { neighbour += a; }
    if (key > 0u && far > 1u) { rest += a; }
  }
  let start = select(p[first], 0.0, q == 0u);
  let to = r * COLUMNS;
  rows[to] = p[first + q];
  rows[to + 1u] = start;
  rows[to + 2u] = neighbour;
  rows[to + 3u] = rest;
  rows[to + START_MASS] = start;
  rows[to + 5u] = local;
  rows[to + 6u] = entropy;
  rows[to + UNIFORMITY] = select(0.0, entropy / log(f32(seen)), seen > 1u);
  rows[to + 8u] = distance;
}

// One workgroup: one figure of one head.
@compute @workgroup_size(LANES)
fn means(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let head = group.x;
  let column = group.y;
  var sum = 0.0;
  for (var i = lane; i < sizes.batch * sizes.time; i += LANES) {
    let row = (i / sizes.time * sizes.heads + head) * sizes.time + i % sizes.time;
    sum += rows[row * COLUMNS + column];
  }
  let all = sum_lanes(lane, sum);
  if (lane > 0u) { return; }
  // The first query has no other key before it: it counts neither for the start nor, where it sees itself alone, as uniform.
  let without_first = column == START_MASS || (column == UNIFORMITY && CAUSAL == 1u);
  let count = sizes.batch * select(sizes.time, sizes.time - 1u, without_first);
  figures[head * COLUMNS + column] = all / f32(max(1u, count));
}

// One invocation: one offset of one head.
@compute @workgroup_size(64)
fn by_offset(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.y * groups.x * 64u + id.x;
  let wide = 2u * sizes.side - 1u;
  let along = select(2u * sizes.time - 1u, sizes.time, CAUSAL == 1u);
  let places = select(along, wide * wide, sizes.side > 0u);
  if (i >= sizes.heads * places) { return; }
  let head = i / places;
  let place = i % places;
  // Key = query - back, or query + ahead.
  let back = select(sizes.time - 1u - min(place, sizes.time - 1u), place, CAUSAL == 1u);
  let ahead = select(place - min(place, sizes.time - 1u), 0u, CAUSAL == 1u);
  var sum = 0.0;
  if (sizes.side > 0u) {
    let g = i32(sizes.side);
    let by = vec2<i32>(i32(place / wide) - g + 1, i32(place % wide) - g + 1);
    for (var n = 0u; n < sizes.batch; n++) {
      let map = (n * sizes.heads + head) * sizes.time * sizes.time;
      for (var q = 1u; q < sizes.time; q++) {
        let row = i32(q - 1u) / g + by.x;
        let column = i32(q - 1u) % g + by.y;
        if (row < 0 || row >= g || column < 0 || column >= g) { continue; }
        sum += p[map + q * sizes.time + u32(row * g + column) + 1u];
      }
    }
    offsets[i] = sum / f32(sizes.batch * (sizes.time - 1u));
    return;
  }
  for (var n = 0u; n < sizes.batch; n++) {
    let map = (n * sizes.heads + head) * sizes.time * sizes.time;
    for (var q = back; q + ahead < sizes.time; q++) { sum += p[map + q * sizes.time + q + ahead - back]; }
  }
  offsets[i] = sum / f32(sizes.batch * sizes.time);
}
