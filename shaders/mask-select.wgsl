// Exact-count selection (grow-prune 0, 1.3): of each group the `wanted` entries of least |score| that may be dropped, or of
// largest |score| among the dormant; equal scores by lowest index. Magnitudes are not negative, so their bits order as u32:
// four rounds of a 256-bin histogram, highest byte first, find the key of the last entry taken and how many of that key
// are. The place of the last of those is found tile by tile, then every entry can be judged alone. Bits above every number
// are NaN's: the finite check comes before (mask-count).
//!include "lib/mask.wgsl"
struct Sizes {
  tiles: u32,
  grace: u32,
  stretch: u32, // most entries a tile has
  known: u32,   // bits of the key that earlier rounds have settled
  shift: u32,   // lowest bit of this round's byte
  count: u32,   // entries of the whole arena
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(4) var<storage, read> wanted: array<u32>; // [groups]
@group(0) @binding(5) var<storage, read_write> bins: array<atomic<u32>>; // [groups, 256]
@group(0) @binding(6) var<storage, read_write> state: array<u32>; // [groups, 3]: key, still to take, end of the ties taken
@group(0) @binding(7) var<storage, read_write> ties: array<u32>; // [tiles]
@group(0) @binding(8) var<storage, read_write> marked: array<u32>; // the ages afterwards

// 0: drop the least. 1: wake the largest.
override WAKE = 0u;

const UNKNOWN = 0xffffffffu;
var<workgroup> found: array<atomic<u32>, LANES>;
var<workgroup> running: array<u32, LANES>;

// Small keys are taken first.
fn key(i: u32) -> u32 {
  return select(magnitude(i), ~magnitude(i), WAKE == 1u);
}

fn eligible(a: u32) -> bool {
  return select(droppable(a, sizes.grace), a == 0u, WAKE == 1u);
}

// Sum of the values of lanes 0 .. lane. Every invocation must arrive.
fn running_sum(lane: u32, value: u32) -> u32 {
  running[lane] = value;
  for (var step = 1u; step < LANES; step <<= 1u) {
    workgroupBarrier();
    let before = select(0u, running[max(lane, step) - step], lane >= step);
    workgroupBarrier();
    running[lane] += before;
  }
  workgroupBarrier();
  return running[lane];
}

// One workgroup a group.
@compute @workgroup_size(LANES)
fn begin(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  atomicStore(&bins[group.x * LANES + lane], 0u);
  if (lane > 0u) { return; }
  state[3u * group.x] = 0u;
  state[3u * group.x + 1u] = wanted[group.x];
  state[3u * group.x + 2u] = 0u;
}

// One workgroup a tile.
@compute @workgroup_size(LANES)
fn histogram(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  atomicStore(&found[lane], 0u);
  workgroupBarrier();
  let tile = tile_of(group);
  let prefix = state[3u * tile.group];
  for (var i = tile.first + lane; i < tile.last; i += LANES) {
    if (!eligible(age[i]) || ((key(i) ^ prefix) & sizes.known) != 0u) { continue; }
    atomicAdd(&found[(key(i) >> sizes.shift) & 255u], 1u);
  }
  workgroupBarrier();
  let n = atomicLoad(&found[lane]);
  if (n > 0u) { atomicAdd(&bins[tile.group * LANES + lane], n); }
}

// One workgroup a group: the byte in which the last entry taken lies. Asked for more than there are, it takes all.
@compute @workgroup_size(LANES)
fn pick(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let n = atomicLoad(&bins[group.x * LANES + lane]);
  atomicStore(&bins[group.x * LANES + lane], 0u); // for the next round
  let take = state[3u * group.x + 1u];
  storageBarrier(); // parts this read of `take` from the write below
  let sum = running_sum(lane, n);
  let less = sum - n;
  let here = less < take && (sum >= take || lane == LANES - 1u);
  if (!here) { return; }
  state[3u * group.x] |= lane << sizes.shift;
  state[3u * group.x + 1u] = take - less;
}

// One workgroup a tile: how many entries have just the key of the last one taken.
@compute @workgroup_size(LANES)
fn count_ties(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (lane == 0u) { atomicStore(&found[0], 0u); }
  workgroupBarrier();
  let tile = tile_of(group);
  let last_key = state[3u * tile.group];
  var n = 0u;
  for (var i = tile.first + lane; i < tile.last; i += LANES) {
    n += select(0u, 1u, eligible(age[i]) && key(i) == last_key);
  }
  atomicAdd(&found[0], n);
  workgroupBarrier();
  if (lane == 0u) { ties[group.x] = atomicLoad(&found[0]); }
}

var<workgroup> before: u32;     // ties already passed
var<workgroup> end_tile: u32;   // the tile in which the last tie taken lies

// One workgroup a group: where the ties taken end. Tiles stand in order of their entries.
@compute @workgroup_size(LANES)
fn cut(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let take = state[3u * group.x + 1u];
  let last_key = state[3u * group.x];
  var passed = 0u;
  if (lane == 0u) { end_tile = UNKNOWN; }
  workgroupBarrier();
  for (var base = 0u; base < sizes.tiles; base += LANES) {
    let t = base + lane;
    var n = 0u;
    if (t < sizes.tiles) { n = select(0u, ties[t], tiles[3u * t + 2u] == group.x); }
    let sum = passed + running_sum(lane, n);
    if (sum - n < take && sum >= take) {
      end_tile = t;
      before = sum - n;
    }
    workgroupBarrier();
    passed += running[LANES - 1u];
    workgroupBarrier();
  }
  let end = end_tile;
  if (end == UNKNOWN) {
    // Nothing is taken, or everything is.
    if (lane == 0u) { state[3u * group.x + 2u] = select(UNKNOWN, 0u, take == 0u); }
  }
  let first = select(tiles[3u * min(end, sizes.tiles - 1u)], 0u, end == UNKNOWN);
  let length = select(tiles[3u * min(end, sizes.tiles - 1u) + 1u], 0u, end == UNKNOWN);
  passed = before;
  for (var base = 0u; base < sizes.stretch; base += LANES) {
    let i = first + base + lane;
    var n = 0u;
    if (base + lane < length) { n = select(0u, 1u, eligible(age[i]) && key(i) == last_key); }
    let sum = passed + running_sum(lane, n);
    if (n == 1u && sum == take) { state[3u * group.x + 2u] = i + 1u; }
    workgroupBarrier();
    passed += running[LANES - 1u];
    workgroupBarrier();
  }
}

// One invocation an entry: the ages as they were, of what no tile covers too.
@compute @workgroup_size(LANES)
fn carry(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
         @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * LANES + lane;
  if (i < sizes.count) { marked[i] = age[i]; }
}

// One workgroup a tile: the entries taken die (age 0) or are born (age 1).
@compute @workgroup_size(LANES)
fn mark(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tile = tile_of(group);
  let last_key = state[3u * tile.group];
  let end = state[3u * tile.group + 2u];
  for (var i = tile.first + lane; i < tile.last; i += LANES) {
    let k = key(i);
    if (eligible(age[i]) && (k < last_key || (k == last_key && i < end))) { marked[i] = WAKE; }
  }
}
