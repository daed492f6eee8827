// A batch of images, gathered from bytes. One workgroup makes one image: its first lane works out which, then each lane
// unpacks every 64th word of four pixels.
//
// In training every image is drawn once before any comes again: item i of the run is image p(i mod n) of epoch i / n,
// where p is a permutation of 0 .. n - 1 keyed by (seed, epoch). It is a Feistel network over the next power of two with
// Threefry as its round function, walked until it lands below n: no list of n places is kept or uploaded.
//!include "lib/random.wgsl"
//!include "lib/control.wgsl"
//!include "lib/evenly.wgsl"
struct Sizes {
  batch: u32,
  count: u32, // images of the part, n
  words: u32, // u32s of an image
  low_bits: u32, // of the Feistel network's halves
  high_bits: u32,
  mean: f32, // pixel -> (pixel / 255 - mean) / std
  inv_std: f32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> pixels: array<u32>; // [n, words], four bytes a word
@group(0) @binding(2) var<storage, read> labels: array<u32>; // [n]
@group(0) @binding(3) var<storage, read> control: array<u32>;
@group(0) @binding(4) var<storage, read_write> images: array<f32>; // [B, 4 words]
@group(0) @binding(5) var<storage, read_write> targets: array<u32>; // [B]

const ROUNDS = 4u;

fn permuted(key: vec2u, epoch: u32, index: u32) -> u32 {
  let low_mask = (1u << sizes.low_bits) - 1u;
  let high_mask = (1u << sizes.high_bits) - 1u;
  var low = index & low_mask;
  var high = index >> sizes.low_bits;
  var at = sizes.count;
  while (at >= sizes.count) {
    for (var r = 0u; r < ROUNDS; r += 2u) {
      low ^= threefry2x32(key, vec2u(epoch, high | (r << 16u))).x & low_mask;
      high ^= threefry2x32(key, vec2u(epoch, low | ((r + 1u) << 16u))).x & high_mask;
    }
    at = (high << sizes.low_bits) | low;
  }
  return at;
}

fn image_of(b: u32) -> u32 {
  if (control[DRAW_MODE] != 0u) {
    return evenly(b, sizes.batch, control[DRAW_INDEX], control[DRAW_COUNT], sizes.count);
  }
  // step * batch may not fit into 32 bits; batch <= count.
  let before = muldiv(control[STEP], sizes.batch % sizes.count, sizes.count);
  let item = before.y + b;
  let epoch = control[STEP] * (sizes.batch / sizes.count) + before.x + item / sizes.count;
  let key = stream_key(vec2u(control[SEED0], control[SEED1]), STREAM_ORDER);
  return permuted(key, epoch, item % sizes.count);
}

var<workgroup> picked: u32;

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
           @builtin(local_invocation_index) lane: u32) {
  let b = group.y * groups.x + group.x;
  if (lane == 0u && b < sizes.batch) { picked = image_of(b); }
  workgroupBarrier();
  if (b >= sizes.batch) { return; }
  let image = picked;
  if (lane == 0u) { targets[b] = labels[image]; }
  for (var w = lane; w < sizes.words; w += 64u) {
    let bytes = pixels[image * sizes.words + w];
    let to = 4u * (b * sizes.words + w);
    for (var k = 0u; k < 4u; k++) {
      let pixel = f32((bytes >> (8u * k)) & 255u);
      images[to + k] = (pixel / 255.0 - sizes.mean) * sizes.inv_std;
    }
  }
}
