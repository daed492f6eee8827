// Hides symbols for a masked language model. One invocation makes one place: whether it is chosen, what the network sees
// there, what it is asked for. All by integers, from (seed, number of the batch, place).
//!include "lib/random.wgsl"
//!include "lib/control.wgsl"
struct Sizes {
  count: u32,
  vocab: u32, // the id of [CLS], which is never chosen; [MASK] is the next
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> ids: array<u32>; // [B, T]
@group(0) @binding(2) var<storage, read> control: array<u32>;
@group(0) @binding(3) var<storage, read_write> inputs: array<u32>; // [B, T]
@group(0) @binding(4) var<storage, read_write> targets: array<u32>; // [B, T]

const IGNORED = 0xffffffffu;
const CHOSEN = 644245094u; // 0.15 of 2^32
const HIDDEN = 3435973837u; // 0.8: [MASK]
const CHANGED = 3865470566u; // 0.9: [MASK], or drawn

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
           @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 64u + lane;
  if (i >= sizes.count) { return; }
  let seed = vec2u(control[SEED0], control[SEED1]);
  let number = select(control[DRAW_INDEX], control[STEP], control[DRAW_MODE] == 0u);
  let id = ids[i];
  let bits = threefry2x32(threefry2x32(seed, vec2u(STREAM_MASK, 0u)), vec2u(number, i));
  let hit = bits.x < CHOSEN && id < sizes.vocab;
  targets[i] = select(IGNORED, id, hit);
  var seen = id;
  if (hit && bits.y < HIDDEN) {
    seen = sizes.vocab + 1u;
  } else if (hit && bits.y < CHANGED) {
    let drawn = threefry2x32(threefry2x32(seed, vec2u(STREAM_MASK, 1u)), vec2u(number, i));
    seen = uniform_int(drawn.x, sizes.vocab);
  }
  inputs[i] = seen;
}
