// Random numbers that depend on (key, element) alone. One invocation makes two neighbours, from counter (pair, 0): the
// draws of src/random/init.ts, so new weights made here and weights made on the CPU follow one rule.
//!include "lib/random.wgsl"
struct Sizes {
  count: u32,
  key0: u32,
  key1: u32,
  scale: f32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

fn put(pair: u32, values: vec2f) {
  let i = 2u * pair;
  if (i < sizes.count) { y[i] = values.x * sizes.scale; }
  if (i + 1u < sizes.count) { y[i + 1u] = values.y * sizes.scale; }
}

@compute @workgroup_size(256)
fn normal(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
          @builtin(local_invocation_index) lane: u32) {
  let pair = (group.y * groups.x + group.x) * 256u + lane;
  put(pair, normal_pair(threefry2x32(vec2u(sizes.key0, sizes.key1), vec2u(pair, 0u))));
}

// -scale .. scale
@compute @workgroup_size(256)
fn between(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
           @builtin(local_invocation_index) lane: u32) {
  let pair = (group.y * groups.x + group.x) * 256u + lane;
  let bits = threefry2x32(vec2u(sizes.key0, sizes.key1), vec2u(pair, 0u));
  put(pair, 2.0 * vec2f(uniform_unit(bits.x), uniform_unit(bits.y)) - 1.0);
}
