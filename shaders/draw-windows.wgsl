// A batch of windows cut out of the tokens. One invocation makes one position of one window, input and target; where its
// window begins it works out for itself (a few dozen integer operations), so no second pass is needed.
//!include "lib/random.wgsl"
//!include "lib/control.wgsl"
//!include "lib/evenly.wgsl"
struct Sizes {
  batch: u32,
  context: u32,
  range: u32, // how many places a window may begin at
  bos: u32, // 1: [BOS] stands before each window
  vocab: u32, // the id of [BOS]
  listed: u32, // 1: windows begin at starts[0 .. range), else anywhere in [0, range)
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read> starts: array<u32>;
@group(0) @binding(3) var<storage, read> control: array<u32>;
@group(0) @binding(4) var<storage, read_write> inputs: array<u32>; // [B, T]
@group(0) @binding(5) var<storage, read_write> targets: array<u32>; // [B, T]

const NEVER = 0x80000000u; // on a token: it is no target
const IGNORED = 0xffffffffu;

fn window_start(b: u32) -> u32 {
  var pick = 0u;
  if (control[DRAW_MODE] == 0u) {
    let key = stream_key(vec2u(control[SEED0], control[SEED1]), STREAM_ORDER);
    pick = uniform_int(threefry2x32(key, vec2u(control[STEP], b)).x, sizes.range);
  } else {
    pick = evenly(b, sizes.batch, control[DRAW_INDEX], control[DRAW_COUNT], sizes.range);
  }
  if (sizes.listed == 1u) { return starts[pick]; }
  return pick;
}

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
           @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 64u + lane;
  if (i >= sizes.batch * sizes.context) { return; }
  let b = i / sizes.context;
  let t = i - b * sizes.context;
  let at = window_start(b) + t;
  let goal = tokens[at + 1u - sizes.bos];
  if (sizes.bos == 0u) {
    inputs[i] = tokens[at] & ~NEVER;
  } else if (t == 0u) {
    inputs[i] = sizes.vocab;
  } else {
    inputs[i] = tokens[at - 1u] & ~NEVER;
  }
  targets[i] = select(goal, IGNORED, goal >= NEVER);
}
