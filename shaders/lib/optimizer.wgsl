// What every optimizer shares: the arenas it is bound to, the clip factor and which entries an update reaches. Entries move
// by fours: arenas end on bounds of 64. A shader that includes this has `sizes.count` (fours) and `sizes.parts`, its
// slots from binding 6 on, and says
//   advance(i, g)                       one update of four i with clipped gradients g and the count of its gate,
//   advance_aged(i, g, t, live, empty)  the same with each entry's own count t (1-based): see `settled`.
//!include "lib/control.wgsl"
@group(0) @binding(1) var<storage, read_write> param: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> grad: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> norm: array<vec4<f32>>; // two of results, then [parts] sums of squares
@group(0) @binding(4) var<storage, read> control: array<u32>;
@group(0) @binding(5) var<storage, read> blocks: array<u32>; // of 64 elements: bit 0, decay applies; above, the gate
@group(0) @binding(8) var<storage, read_write> age: array<vec4<u32>>;

const ALL = vec4<bool>(true);
const NONE = vec4<bool>(false);
const EACH = 16u; // fours an invocation updates: joining the sums is then a small part of its work

// 1 - lr lambda where decay applies, else 1.
fn kept(i: u32, lr: f32) -> f32 {
  return 1.0 - lr * select(0.0, control_f32(WEIGHT_DECAY), (blocks[i >> 4u] & 1u) == 1u);
}

// Parameters of a layer that this step left out stay as they are, and so do their slots and ages.
fn left_out(i: u32) -> bool {
  return ((control[LEFT] >> (blocks[i >> 4u] >> 1u)) & 1u) == 1u;
}

// Bias correction k (0, 1) of four i: of the run, or of the gate that its parameter belongs to.
fn bias_of(i: u32, k: u32) -> f32 {
  let gate = blocks[i >> 4u] >> 1u;
  return control_f32(select(GATE + 3u * (gate - 1u) + 1u, BIAS1, gate == 0u) + k);
}

// An entry is updated (live), becomes 0 (empty), or stays as it is.
fn settled(old: vec4<f32>, next: vec4<f32>, live: vec4<bool>, empty: vec4<bool>) -> vec4<f32> {
  return select(select(old, next, live), vec4<f32>(0.0), empty);
}

// [|g|^2, clip factor, 1 if non-finite else 0, |g|]; [0, 0, 1, 0] when non-finite or when |g|^2 overflows. Every invocation
// adds all sums in their order; a part that is not finite is negative.
fn joined() -> vec4<f32> {
  var sum = vec4<f32>(0.0);
  var bad = NONE;
  for (var p = 0u; p < sizes.parts; p++) {
    let part = norm[2u + p];
    bad = bad | (part < vec4<f32>(0.0));
    sum += part;
  }
  let total = (sum.x + sum.y) + (sum.z + sum.w);
  if (any(bad) || (bitcast<u32>(total) & 0x7f800000u) == 0x7f800000u) { return vec4<f32>(0.0, 0.0, 1.0, 0.0); }
  let length = sqrt(total);
  let limit = control_f32(CLIP);
  return vec4<f32>(total, select(min(1.0, limit / (length + 1e-6)), 1.0, limit == 0.0), 0.0, length);
}

// The first invocation writes down what all have found.
fn found(first: bool) -> vec4<f32> {
  let all = joined();
  if (first) {
    norm[0] = vec4<f32>(norm[0].x, all.xyz);
    norm[1] = vec4<f32>(all.w, 0.0, 0.0, 0.0);
  }
  return all;
}

@compute @workgroup_size(64)
fn update(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
          @builtin(local_invocation_index) lane: u32) {
  let first = (group.y * groups.x + group.x) * 64u * EACH + lane;
  let all = found(first == 0u);
  if (all.z != 0.0) { return; }
  let last = min(first + 64u * EACH, sizes.count);
  for (var i = first; i < last; i += 64u) {
    if (!left_out(i)) { advance(i, grad[i] * all.y); }
  }
}

// Age 0: dormant, everything becomes 0, whatever the gradient. Bit 31: frozen. Else the age is this update's t.
@compute @workgroup_size(64)
fn update_aged(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
               @builtin(local_invocation_index) lane: u32) {
  let first = (group.y * groups.x + group.x) * 64u * EACH + lane;
  let all = found(first == 0u);
  if (all.z != 0.0) { return; }
  let last = min(first + 64u * EACH, sizes.count);
  for (var i = first; i < last; i += 64u) {
    if (left_out(i)) { continue; }
    let t = age[i];
    let empty = (t & vec4<u32>(0x7fffffffu)) == vec4<u32>(0u);
    let live = t - vec4<u32>(1u) < vec4<u32>(0x7fffffffu);
    advance_aged(i, select(vec4<f32>(0.0), grad[i], live) * all.y, vec4<f32>(t), live, empty);
    age[i] = t + select(vec4<u32>(0u), vec4<u32>(1u), live);
  }
}
