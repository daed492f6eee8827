// The gradient of an embedding (embedding.wgsl) for devices with many cores: 64 channels of a row a workgroup. The four sums
// side by side that an invocation makes there are four invocations' here, and the places of an id are found as they are added,
// 256 at a time. The order of addition is the same.
struct Sizes {
  rows: u32,
  channels: u32,
  ids: u32, // how many
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> ids: array<u32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dtable: array<f32>;

var<workgroup> total: atomic<u32>; // places of this row's id
var<workgroup> marks: array<atomic<u32>, 8>; // a bit for each of 256 places
var<workgroup> places: array<u32, 256>; // those that are marked, in order
var<workgroup> sums: array<f32, 256>;

fn slope(place: u32, channel: u32) -> f32 { return dy[place * sizes.channels + channel]; }

@compute @workgroup_size(256)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
            @builtin(local_invocation_index) lane: u32) {
  let parts = (sizes.channels + 63u) / 64u;
  let item = group.y * groups.x + group.x;
  let row = item / parts;
  if (row >= sizes.rows) { return; }
  let channel = item % parts * 64u + (lane & 63u);
  let column = min(channel, sizes.channels - 1u);
  let turn = lane >> 6u; // of four
  let word = lane >> 5u; // of `marks`

  if (lane == 0u) { atomicStore(&total, 0u); }
  workgroupBarrier();
  var same = 0u;
  for (var i = lane; i < sizes.ids; i += 256u) { same += select(0u, 1u, ids[i] == row); }
  if (same > 0u) { atomicAdd(&total, same); }
  workgroupBarrier();
  let whole = atomicLoad(&total) & ~3u; // the last one to three, past this, all go to the first sum

  var sum = 0.0;
  var done = 0u;
  for (var first = 0u; first < sizes.ids; first += 256u) {
    if (lane < 8u) { atomicStore(&marks[lane], 0u); }
    workgroupBarrier();
    let mine = first + lane;
    let marked = mine < sizes.ids && ids[min(mine, sizes.ids - 1u)] == row;
    if (marked) { atomicOr(&marks[word], 1u << (lane & 31u)); }
    workgroupBarrier();
    var count = 0u;
    var before = 0u;
    for (var w = 0u; w < 8u; w++) {
      let bits = atomicLoad(&marks[w]);
      count += countOneBits(bits);
      let below = select(0u, (1u << (lane & 31u)) - 1u, w == word);
      before += countOneBits(bits & select(below, 0xffffffffu, w < word));
    }
    if (marked) { places[before] = mine; }
    workgroupBarrier();

    let end = clamp(whole, done, done + count) - done;
    var i = (turn + 4u - (done & 3u)) & 3u;
    for (; i + 12u < end; i += 16u) {
      let a = slope(places[i], column);
      let b = slope(places[i + 4u], column);
      let c = slope(places[i + 8u], column);
      let d = slope(places[i + 12u], column);
      sum = (((sum + a) + b) + c) + d;
    }
    for (; i < end; i += 4u) { sum += slope(places[i], column); }
    for (var rest = end; rest < select(0u, count, turn == 0u); rest++) { sum += slope(places[rest], column); }
    done += count;
    workgroupBarrier();
  }
  sums[lane] = sum;
  workgroupBarrier();
  if (turn == 0u && channel < sizes.channels) {
    dtable[row * sizes.channels + channel] = (sums[lane] + sums[lane + 64u]) + (sums[lane + 128u] + sums[lane + 192u]);
  }
}
