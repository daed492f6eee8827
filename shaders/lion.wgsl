// Lion over the whole arena, in place: c = beta1 m + (1 - beta1) g; theta <- theta - lr (sign(c) + lambda theta);
// m <- beta2 m + (1 - beta2) g. The direction uses the momentum before its update.
//!include "lib/optimizer.wgsl"
struct Sizes {
  count: u32,
  parts: u32,
  beta1: f32,
  beta2: f32,
  rest1: f32, // 1 - beta1 and 1 - beta2, rounded once from float64
  rest2: f32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(6) var<storage, read_write> m: array<vec4<f32>>;

fn moved(i: u32, g: vec4<f32>, live: vec4<bool>, empty: vec4<bool>) {
  let lr = control_f32(LR);
  let old = m[i];
  let direction = sign(sizes.beta1 * old + sizes.rest1 * g); // sign(0) = 0
  m[i] = settled(old, sizes.beta2 * old + sizes.rest2 * g, live, empty);
  let theta = param[i];
  param[i] = settled(theta, kept(i, lr) * theta - lr * direction, live, empty);
}

fn advance(i: u32, g: vec4<f32>) {
  moved(i, g, ALL, NONE);
}

fn advance_aged(i: u32, g: vec4<f32>, t: vec4<f32>, live: vec4<bool>, empty: vec4<bool>) {
  moved(i, g, live, empty);
}
