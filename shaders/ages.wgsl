// The age of each weight, mask and update counter in one (grow-prune 1.1): 0 dormant, else 1 + updates, bit 31 frozen.
// What a structural event does to all of them at once: marks, zeros for the dormant, counts; and the score it may wait for.
struct Sizes {
  count: u32,
  stretch: u32, // elements a workgroup of `count_*`
  parts: u32,   // workgroups of `count_*`, at most 256
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> age: array<u32>;
@group(0) @binding(2) var<storage, read_write> marked: array<u32>;
@group(0) @binding(3) var<storage, read_write> x: array<f32>;
@group(0) @binding(4) var<storage, read> values: array<f32>;
@group(0) @binding(5) var<storage, read_write> partial: array<u32>;
@group(0) @binding(6) var<storage, read_write> total: array<u32>;
@group(0) @binding(7) var<storage, read> norm: array<f32>; // [.., .., 1 if non-finite, ..]
@group(0) @binding(8) var<storage, read> places: array<u32>;
@group(0) @binding(9) var<storage, read> others: array<f32>;

override HOW = 0u; // mark: 0 freeze, 1 thaw, 2 renew
override OF = 0u;  // count_active: 0 active, 1 frozen ones alone

const FROZEN = 0x80000000u;
const LANES = 256u;
const COUNTING = 64u; // lanes of `count_*` and `finish`
var<workgroup> sums: array<u32, COUNTING>;

@compute @workgroup_size(LANES)
fn mark(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * LANES + lane;
  if (i >= sizes.count) { return; }
  let a = age[i];
  if ((a & ~FROZEN) == 0u) {
    marked[i] = a; // bit 31 alone: the entry does not exist
  } else {
    switch HOW {
      case 0u: { marked[i] = a | FROZEN; }
      case 1u: { marked[i] = a & ~FROZEN; }
      default: { marked[i] = (a & FROZEN) | 1u; }
    }
  }
}

// x = 0 where dormant: a select, since NaN * 0 is NaN and -x * 0 is -0.
@compute @workgroup_size(LANES)
fn forget(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
          @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * LANES + lane;
  if (i >= sizes.count) { return; }
  if ((age[i] & ~FROZEN) == 0u) { x[i] = 0.0; }
}

// One invocation an entry that is named.
@compute @workgroup_size(LANES)
fn wake_at(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
           @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * LANES + lane;
  if (i >= sizes.count) { return; }
  marked[places[i]] = 1u;
}

// x = values where active, others where dormant.
@compute @workgroup_size(LANES)
fn where_active(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
                @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * LANES + lane;
  if (i >= sizes.count) { return; }
  if ((age[i] & ~FROZEN) == 0u) { x[i] = others[i]; } else { x[i] = values[i]; }
}

// x += values, unless the step is to be skipped.
@compute @workgroup_size(LANES)
fn accumulate(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
              @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * LANES + lane;
  if (i >= sizes.count || norm[3] != 0.0) { return; }
  x[i] += values[i];
}

fn join(lane: u32, sum: u32) {
  sums[lane] = sum;
  for (var half = COUNTING / 2u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (lane < half) { sums[lane] += sums[lane + half]; }
  }
}

@compute @workgroup_size(COUNTING)
fn count_active(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let last = min((group.x + 1u) * sizes.stretch, sizes.count);
  var sum = 0u;
  for (var i = group.x * sizes.stretch + lane; i < last; i += COUNTING) {
    let a = age[i];
    sum += select(0u, 1u, (a & ~FROZEN) != 0u && (OF == 0u || a > FROZEN));
  }
  join(lane, sum);
  if (lane == 0u) { partial[group.x] = sums[0]; }
}

// Non-finite numbers are told by their exponent bits (WGSL may assume that NaN and infinity never occur).
@compute @workgroup_size(COUNTING)
fn count_bad(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let last = min((group.x + 1u) * sizes.stretch, sizes.count);
  var sum = 0u;
  for (var i = group.x * sizes.stretch + lane; i < last; i += COUNTING) {
    sum += select(0u, 1u, (bitcast<u32>(values[i]) & 0x7f800000u) == 0x7f800000u);
  }
  join(lane, sum);
  if (lane == 0u) { partial[group.x] = sums[0]; }
}

@compute @workgroup_size(COUNTING)
fn finish(@builtin(local_invocation_index) lane: u32) {
  var sum = 0u;
  for (var i = lane; i < sizes.parts; i += COUNTING) { sum += partial[i]; }
  join(lane, sum);
  if (lane == 0u) { total[0] = sums[0]; }
}
