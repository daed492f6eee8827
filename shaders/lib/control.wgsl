// The control block: the only bytes a step uploads. Slots are those of src/engine/control.ts (a test compares them).
// A kernel declares:  @group(0) @binding(n) var<storage, read> control: array<u32>;
const STEP = 0u;
const UPDATES = 1u;
const SEED0 = 2u;
const SEED1 = 3u;
const LR = 4u;
const WEIGHT_DECAY = 5u;
const CLIP = 6u;
const BIAS1 = 7u;
const BIAS2 = 8u;
const DROPOUT = 9u;
const DRAW_MODE = 10u;
const DRAW_INDEX = 11u;
const DRAW_COUNT = 12u;
const POSITION = 13u;
const TEMPERATURE = 14u;
const WRITTEN = 15u;
const LEFT = 16u;
// Gate g = 1 .. 15 has three words from GATE + 3 (g - 1) on: scale, and its own two bias corrections.
const GATE = 17u;

fn control_f32(slot: u32) -> f32 {
  return bitcast<f32>(control[slot]);
}
