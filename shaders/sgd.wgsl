// SGD with momentum over the whole arena, in place: v <- mu v + g; u = v, or g + mu v (Nesterov);
// theta <- (1 - lr lambda) theta - lr u.
//!include "lib/optimizer.wgsl"
struct Sizes {
  count: u32,
  parts: u32,
  momentum: f32,
  nesterov: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(6) var<storage, read_write> velocity: array<vec4<f32>>;

fn moved(i: u32, g: vec4<f32>, live: vec4<bool>, empty: vec4<bool>) {
  let lr = control_f32(LR);
  let old = velocity[i];
  let v = sizes.momentum * old + g;
  let u = select(v, g + sizes.momentum * v, sizes.nesterov == 1u);
  velocity[i] = settled(old, v, live, empty);
  let theta = param[i];
  param[i] = settled(theta, kept(i, lr) * theta - lr * u, live, empty);
}

fn advance(i: u32, g: vec4<f32>) {
  moved(i, g, ALL, NONE);
}

fn advance_aged(i: u32, g: vec4<f32>, t: vec4<f32>, live: vec4<bool>, empty: vec4<bool>) {
  moved(i, g, live, empty);
}
