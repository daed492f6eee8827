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
@group(0) @binding(5) var<storage, read> dy: array<f32>;
@group(0) @binding(6) var<storage, read_write> dtable: array<f32>;

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

// The gradient of one row of the table, by one workgroup. It first finds the places of its id: each lane looks through its
// own 64th of the list twice, to count, and, once it knows how many lie before its own, to write. Then each lane adds up
// every 64th channel in the order of places, four sums side by side. No atomics: the order of addition never changes.
@compute @workgroup_size(64)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
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
  var begin = 0u;
  var before = 0u;
  var total = 0u;
  for (var l = 0u; l < 64u; l++) {
    begin += smaller[l];
    before += select(0u, equal[l], l < lane);
    total += equal[l];
  }
  if (row < sizes.rows) { // a folded grid may end past the last row
    var at = begin + before;
    for (var i = first; i < last; i++) {
      if (ids[i] == row) {
        places[at] = i;
        at++;
      }
    }
  }
  storageBarrier();
  if (row >= sizes.rows) { return; }
  let end = begin + total;
  for (var channel = lane; channel < sizes.channels; channel += 64u) {
    var sums = vec4f();
    var k = begin;
    for (; k + 4u <= end; k += 4u) {
      let at = vec4u(places[k], places[k + 1u], places[k + 2u], places[k + 3u]) * sizes.channels + channel;
      sums += vec4f(dy[at.x], dy[at.y], dy[at.z], dy[at.w]);
    }
    for (; k < end; k++) { sums.x += dy[places[k] * sizes.channels + channel]; }
    dtable[row * sizes.channels + channel] = (sums.x + sums.y) + (sums.z + sums.w);
  }
}
