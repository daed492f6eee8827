// SGD with momentum over the whole arena, in place: v <- mu v + g; u = v, or g + mu v (Nesterov);
// theta <- (1 - lr lambda) theta - lr u. One invocation updates one scalar.
//!include "lib/optimizer.wgsl"
struct Sizes {
  count: u32,
  momentum: f32,
  nesterov: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(6) var<storage, read_write> velocity: array<f32>;

fn advance(i: u32) {
  let lr = control_f32(LR);
  let g = grad[i] * norm[1];
  let v = sizes.momentum * velocity[i] + g;
  let u = select(v, g + sizes.momentum * v, sizes.nesterov == 1u);
  velocity[i] = v;
  param[i] = kept(i, lr) * param[i] - lr * u;
}

fn advance_aged(i: u32, t: u32) {
  advance(i);
}

fn forget(i: u32) {
  velocity[i] = 0.0;
}
