// Partial-area convolution: y[n, o, p, q] = bias[o] + sum over c of area[o, c, p, q] * (x_c * w_oc)[p, q]. An area of 0 or 1
// says where on the map of output o the slice that reads map c is used. One invocation computes one number; `grad_weight`
// gives one kernel weight to a workgroup, whose lanes share out images and positions and are joined in order. With SKIP the
// loops over places run within the slice's bounding box alone, and what is off in it is left out.
struct Sizes {
  batch: u32,
  channels: u32, // of x
  made: u32, // of y
  height: u32,
  width: u32,
  out_height: u32,
  out_width: u32,
  kernel: u32,
  pad: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [N, channels, height, width]
@group(0) @binding(2) var<storage, read> w: array<f32>; // [made, channels, kernel, kernel]
@group(0) @binding(3) var<storage, read> area: array<f32>; // [made, channels, out_height, out_width]
@group(0) @binding(4) var<storage, read> bias: array<f32>; // [made]
@group(0) @binding(5) var<storage, read> dy: array<f32>; // like y
@group(0) @binding(6) var<storage, read_write> y: array<f32>; // [N, made, out_height, out_width], dx, dw or the mean
@group(0) @binding(7) var<storage, read> boxes: array<u32>; // [made, channels, 4]: top, left, bottom, right, the last two past it
@group(0) @binding(8) var<storage, read_write> found: array<u32>; // like boxes

override BIAS = 0u;
override SKIP = 0u; // 1: what is switched off is not computed, and `boxes` are there

const LANES = 64u;
var<workgroup> sums: array<f32, LANES>;

fn places() -> u32 {
  return sizes.out_height * sizes.out_width;
}

// Where a slice has places at all: the whole map, or its box.
fn box_of(slice: u32) -> vec4u {
  if (SKIP == 0u) { return vec4u(0u, 0u, sizes.out_height, sizes.out_width); }
  return vec4u(boxes[4u * slice], boxes[4u * slice + 1u], boxes[4u * slice + 2u], boxes[4u * slice + 3u]);
}

// (x_c * w_oc)[p, q] of image n.
fn slice_at(n: u32, c: u32, slice: u32, p: u32, q: u32) -> f32 {
  let map = (n * sizes.channels + c) * sizes.height;
  let k = sizes.kernel;
  var sum = 0.0;
  for (var i = 0u; i < k; i++) {
    let row = i32(p + i) - i32(sizes.pad);
    if (row < 0 || row >= i32(sizes.height)) { continue; }
    for (var j = 0u; j < k; j++) {
      let column = i32(q + j) - i32(sizes.pad);
      if (column < 0 || column >= i32(sizes.width)) { continue; }
      sum += x[(map + u32(row)) * sizes.width + u32(column)] * w[(slice * k + i) * k + j];
    }
  }
  return sum;
}

@compute @workgroup_size(LANES)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
           @builtin(local_invocation_index) lane: u32) {
  let at = (group.y * groups.x + group.x) * LANES + lane;
  let here = places();
  if (at >= sizes.batch * sizes.made * here) { return; }
  let place = at % here;
  let o = (at / here) % sizes.made;
  let n = at / here / sizes.made;
  var sum = 0.0;
  for (var c = 0u; c < sizes.channels; c++) {
    let slice = o * sizes.channels + c;
    let on = area[slice * here + place];
    if (SKIP == 1u && on == 0.0) { continue; }
    sum += on * slice_at(n, c, slice, place / sizes.out_width, place % sizes.out_width);
  }
  if (BIAS == 1u) { sum += bias[o]; }
  y[at] = sum;
}

// dx[n, c, row, column] = sum over o and taps of w * area * dy at the place that the tap reads from.
@compute @workgroup_size(LANES)
fn grad_input(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
              @builtin(local_invocation_index) lane: u32) {
  let at = (group.y * groups.x + group.x) * LANES + lane;
  let plane = sizes.height * sizes.width;
  if (at >= sizes.batch * sizes.channels * plane) { return; }
  let row = i32((at % plane) / sizes.width + sizes.pad);
  let column = i32(at % sizes.width + sizes.pad);
  let c = (at / plane) % sizes.channels;
  let n = at / plane / sizes.channels;
  let k = i32(sizes.kernel);
  var sum = 0.0;
  for (var o = 0u; o < sizes.made; o++) {
    let slice = o * sizes.channels + c;
    let b = vec4i(box_of(slice));
    // Tap i reads row p + i - pad: those for which p lies within the box.
    for (var i = max(0, row + 1 - b.z); i <= min(k - 1, row - b.x); i++) {
      for (var j = max(0, column + 1 - b.w); j <= min(k - 1, column - b.y); j++) {
        let place = u32(row - i) * sizes.out_width + u32(column - j);
        let on = area[slice * places() + place];
        if (SKIP == 1u && on == 0.0) { continue; }
        sum += on * w[(i32(slice) * k + i) * k + j] * dy[(n * sizes.made + o) * places() + place];
      }
    }
  }
  y[at] = sum;
}

// dw[o, c, i, j] = sum over images and places of area * dy * x. One workgroup a weight.
@compute @workgroup_size(LANES)
fn grad_weight(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
               @builtin(local_invocation_index) lane: u32) {
  let at = group.y * groups.x + group.x;
  let k = sizes.kernel;
  let there = at < sizes.made * sizes.channels * k * k;
  let slice = at / (k * k);
  let i = (at / k) % k;
  let j = at % k;
  let o = slice / sizes.channels;
  let c = slice % sizes.channels;
  let here = places();
  var sum = 0.0;
  if (there) {
    let b = box_of(slice);
    let across = b.w - b.y;
    let within = (b.z - b.x) * across;
    for (var t = lane; t < sizes.batch * within; t += LANES) {
      let n = t / within;
      let place = (b.x + (t % within) / across) * sizes.out_width + b.y + t % across;
      let on = area[slice * here + place];
      if (SKIP == 1u && on == 0.0) { continue; }
      let row = i32(place / sizes.out_width + i) - i32(sizes.pad);
      let column = i32(place % sizes.out_width + j) - i32(sizes.pad);
      if (row < 0 || row >= i32(sizes.height) || column < 0 || column >= i32(sizes.width)) { continue; }
      let source = ((n * sizes.channels + c) * sizes.height + u32(row)) * sizes.width + u32(column);
      sum += on * dy[(n * sizes.made + o) * here + place] * x[source];
    }
  }
  sums[lane] = sum;
  for (var half = LANES / 2u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (lane < half) { sums[lane] += sums[lane + half]; }
  }
  if (lane == 0u && there) { y[at] = sums[0]; }
}

// The mean over images of |x_c * w_oc| at each place of each slice, [made, channels, out_height, out_width].
@compute @workgroup_size(LANES)
fn mean(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let at = (group.y * groups.x + group.x) * LANES + lane;
  let here = places();
  if (at >= sizes.made * sizes.channels * here) { return; }
  let slice = at / here;
  let place = at % here;
  var sum = 0.0;
  for (var n = 0u; n < sizes.batch; n++) {
    sum += abs(slice_at(n, slice % sizes.channels, slice, place / sizes.out_width, place % sizes.out_width));
  }
  y[at] = sum / f32(sizes.batch);
}

var<workgroup> least: array<atomic<u32>, 2>;
var<workgroup> most: array<atomic<u32>, 2>;

// The bounding box of the places where a slice is on; all 0 where none is. One workgroup a slice.
@compute @workgroup_size(LANES)
fn bound(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
         @builtin(local_invocation_index) lane: u32) {
  let slice = group.y * groups.x + group.x;
  let here = places();
  if (lane < 2u) {
    atomicStore(&least[lane], 0xffffffffu);
    atomicStore(&most[lane], 0u);
  }
  workgroupBarrier();
  if (slice < sizes.made * sizes.channels) {
    for (var place = lane; place < here; place += LANES) {
      if (area[slice * here + place] == 0.0) { continue; }
      let at = vec2u(place / sizes.out_width, place % sizes.out_width);
      atomicMin(&least[0], at.x);
      atomicMin(&least[1], at.y);
      atomicMax(&most[0], at.x + 1u);
      atomicMax(&most[1], at.y + 1u);
    }
  }
  workgroupBarrier();
  if (lane >= 2u || slice >= sizes.made * sizes.channels) { return; }
  let end = atomicLoad(&most[lane]);
  found[4u * slice + lane] = min(atomicLoad(&least[lane]), end);
  found[4u * slice + 2u + lane] = end;
}
