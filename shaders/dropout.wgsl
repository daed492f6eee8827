// Inverted dropout. One invocation makes two neighbours, which share one draw: element i takes word i mod 2 of
// counter (step, i / 2) under the key of (seed, stream dropout, site). The gradient is the same kernel on dy.
//!include "lib/random.wgsl"
//!include "lib/control.wgsl"
struct Sizes {
  count: u32,
  site: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> control: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(256)
fn apply(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
         @builtin(local_invocation_index) lane: u32) {
  let pair = (group.y * groups.x + group.x) * 256u + lane;
  let i = 2u * pair;
  if (i >= sizes.count) { return; }
  let two = i + 1u < sizes.count;
  let drop = control_f32(DROPOUT);
  if (drop == 0.0) {
    y[i] = x[i];
    if (two) { y[i + 1u] = x[i + 1u]; }
    return;
  }
  let key = threefry2x32(vec2u(control[SEED0], control[SEED1]), vec2u(STREAM_DROPOUT, sizes.site));
  let bits = threefry2x32(key, vec2u(control[STEP], pair));
  let scale = 1.0 / (1.0 - min(drop, 0.9999999)); // drop = 1 keeps nothing: no draw reaches 1
  y[i] = select(0.0, x[i] * scale, uniform_unit(bits.x) >= drop);
  if (two) { y[i + 1u] = select(0.0, x[i + 1u] * scale, uniform_unit(bits.y) >= drop); }
}
