// Rows of a table picked by ids, and the gradient of the table. Ids past the table give zeros and take no gradient.
struct Sizes {
  rows: u32,
  channels: u32,
  ids: u32, // how many
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> table: array<f32>;
@group(0) @binding(2) var<storage, read> ids: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<storage, read_write> places: array<u32>; // places of the ids, ordered by id, then by place
@group(0) @binding(5) var<storage, read_write> spans: array<u32>; // [rows, 2]: where a row's places begin, how many
@group(0) @binding(6) var<storage, read> sorted: array<u32>; // `places`, read
@group(0) @binding(7) var<storage, read> span_of: array<u32>; // `spans`, read
@group(0) @binding(8) var<storage, read> dy: array<f32>;
@group(0) @binding(9) var<storage, read_write> dtable: array<f32>;

// One invocation moves one element.
@compute @workgroup_size(256)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
           @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  if (i >= sizes.ids * sizes.channels) { return; }
  let place = i / sizes.channels;
  let id = ids[place];
  var v = 0.0;
  if (id < sizes.rows) { v = table[id * sizes.channels + (i - place * sizes.channels)]; }
  y[i] = v;
}

var<workgroup> smaller: array<u32, 64>;
var<workgroup> equal: array<u32, 64>;

// The first half of the gradient: one workgroup finds the places of one id. Each lane looks through its own 64th of the
// list twice: to count, and, once it knows how many lie before its own, to write.
@compute @workgroup_size(64)
fn sort(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let row = group.y * groups.x + group.x;
  let chunk = (sizes.ids + 63u) / 64u;
  let first = min(lane * chunk, sizes.ids);
  let last = min(first + chunk, sizes.ids);
  var below = 0u;
  var same = 0u;
  for (var i = first; i < last; i++) {
    below += select(0u, 1u, ids[i] < row);
    same += select(0u, 1u, ids[i] == row);
  }
  smaller[lane] = below;
  equal[lane] = same;
  workgroupBarrier();
  if (row >= sizes.rows) { return; }
  var begin = 0u;
  var before = 0u;
  var total = 0u;
  for (var l = 0u; l < 64u; l++) {
    begin += smaller[l];
    before += select(0u, equal[l], l < lane);
    total += equal[l];
  }
  if (lane == 0u) {
    spans[2u * row] = begin;
    spans[2u * row + 1u] = total;
  }
  var at = begin + before;
  for (var i = first; i < last; i++) {
    if (ids[i] == row) {
      places[at] = i;
      at++;
    }
  }
}

// The second half: one invocation adds up one element of the table's gradient, in the order of places, four sums side by
// side. No atomics: the order of addition never changes.
@compute @workgroup_size(64)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
            @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 64u + lane;
  if (i >= sizes.rows * sizes.channels) { return; }
  let row = i / sizes.channels;
  let channel = i - row * sizes.channels;
  let begin = span_of[2u * row];
  let end = begin + span_of[2u * row + 1u];
  var sums = vec4f();
  var k = begin;
  for (; k + 4u <= end; k += 4u) {
    let at = vec4u(sorted[k], sorted[k + 1u], sorted[k + 2u], sorted[k + 3u]) * sizes.channels + channel;
    sums += vec4f(dy[at.x], dy[at.y], dy[at.z], dy[at.w]);
  }
  for (; k < end; k++) { sums.x += dy[sorted[k] * sizes.channels + channel]; }
  dtable[i] = (sums.x + sums.y) + (sums.z + sums.w);
}
