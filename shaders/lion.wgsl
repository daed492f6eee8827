// Lion over the whole arena, in place: c = beta1 m + (1 - beta1) g; theta <- theta - lr (sign(c) + lambda theta);
// m <- beta2 m + (1 - beta2) g. The direction uses the momentum before its update. One invocation updates one scalar.
//!include "lib/optimizer.wgsl"
struct Sizes {
  count: u32,
  beta1: f32,
  beta2: f32,
  rest1: f32, // 1 - beta1 and 1 - beta2, rounded once from float64
  rest2: f32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(6) var<storage, read_write> m: array<f32>;

fn advance(i: u32) {
  let lr = control_f32(LR);
  let g = grad[i] * norm[1];
  let old = m[i];
  let direction = sign(sizes.beta1 * old + sizes.rest1 * g); // sign(0) = 0
  m[i] = sizes.beta2 * old + sizes.rest2 * g;
  param[i] = kept(i, lr) * param[i] - lr * direction;
}

fn advance_aged(i: u32, t: u32) {
  advance(i);
}

fn forget(i: u32) {
  m[i] = 0.0;
}
