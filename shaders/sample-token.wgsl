// One more character of generated text: the largest logit, or a draw at a temperature by the largest of logit / τ plus
// Gumbel noise, which has the softmax's probabilities without summing them. One workgroup does all; ties go to the
// lowest id. The noise depends on (seed, number of the character, id) alone.
//!include "lib/random.wgsl"
//!include "lib/control.wgsl"
struct Sizes {
  length: u32, // T
  vocab: u32,
  written: u32, // room for characters
  keep: u32, // places at the start of the window that stay when it moves on: 1 for [BOS]
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> logits: array<f32>; // [T, V]
@group(0) @binding(2) var<storage, read_write> window: array<u32>; // [T]
@group(0) @binding(3) var<storage, read_write> written: array<u32>;
@group(0) @binding(4) var<storage, read> control: array<u32>;

const LANES = 64u;
var<workgroup> scores: array<f32, LANES>;
var<workgroup> ids: array<u32, LANES>;

// -ln(-ln u) of u = (k + 1/2) / 2^23. Near u = 1, where WGSL's log may lose all digits, -ln u is 1 - u's series.
fn gumbel(bits: u32) -> f32 {
  let u = (f32(bits >> 9u) + 0.5) * 0x1p-23;
  let w = 1.0 - u;
  let series = w * (1.0 + w * (0.5 + w * (1.0 / 3.0 + w * (0.25 + w * (0.2 + w / 6.0)))));
  return -log(select(-log(u), series, w < 0.05));
}

@compute @workgroup_size(64)
fn forward(@builtin(local_invocation_index) lane: u32) {
  let place = min(control[POSITION], sizes.length - 1u);
  let number = control[WRITTEN];
  let temperature = control_f32(TEMPERATURE);
  let key = stream_key(vec2u(control[SEED0], control[SEED1]), STREAM_SAMPLE);
  var best = -0x1.fffffep127;
  var id = sizes.vocab;
  for (var v = lane; v < sizes.vocab; v += LANES) {
    var score = logits[place * sizes.vocab + v];
    if (temperature > 0.0) { score = score / temperature + gumbel(threefry2x32(key, vec2u(number, v)).x); }
    if (score > best || id == sizes.vocab) {
      best = score;
      id = v;
    }
  }
  scores[lane] = best;
  ids[lane] = id;
  for (var half = LANES / 2u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (lane < half) {
      let other = scores[lane + half];
      let other_id = ids[lane + half];
      if (other > scores[lane] || (other == scores[lane] && other_id < ids[lane])) {
        scores[lane] = other;
        ids[lane] = other_id;
      }
    }
  }
  workgroupBarrier();
  let token = ids[0];

  let full = place == sizes.length - 1u;
  if (full) {
    // Left by one, 64 places at a time; the next 64 are not written before these were read.
    for (var base = sizes.keep; base + 1u < sizes.length; base += LANES) {
      let t = base + lane;
      var next = 0u;
      if (t + 1u < sizes.length) { next = window[t + 1u]; }
      storageBarrier();
      if (t + 1u < sizes.length) { window[t] = next; }
      storageBarrier();
    }
  }
  if (lane == 0u) {
    window[select(place + 1u, place, full)] = token;
    if (number < sizes.written) { written[number] = token; }
  }
}
