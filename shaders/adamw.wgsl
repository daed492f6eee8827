// AdamW over the whole arena, in place: m <- beta1 m + (1 - beta1) g; v <- beta2 v + (1 - beta2) g^2;
// theta <- (1 - lr lambda) theta - lr (m / b1) / (sqrt(v / b2) + eps), with b = 1 - beta^t. t is the run's, or with ages
// each entry's own, so that a newborn weight's first step has size lr.
//!include "lib/optimizer.wgsl"
struct Sizes {
  count: u32,
  parts: u32,
  beta1: f32,
  beta2: f32,
  rest1: f32, // 1 - beta1 and 1 - beta2, rounded once from float64
  rest2: f32,
  log1: f32, // ln(beta1) and ln(beta2), likewise
  log2: f32,
  eps: f32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(6) var<storage, read_write> m: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> v: array<vec4<f32>>;

// -expm1(-x) for x >= 0. The plain difference loses four digits at beta 0.999, t = 1; the series' next term, x^8 / 9!,
// is below 2^-26 of the sum where it is used.
fn one_minus_exp(x: vec4<f32>) -> vec4<f32> {
  let series = x * (1.0 - x / 2.0 * (1.0 - x / 3.0 * (1.0 - x / 4.0 * (1.0 - x / 5.0 * (1.0 - x / 6.0 *
    (1.0 - x / 7.0 * (1.0 - x / 8.0)))))));
  return select(1.0 - exp(-x), series, x < vec4<f32>(0.5));
}

fn moved(i: u32, g: vec4<f32>, bias1: vec4<f32>, bias2: vec4<f32>, live: vec4<bool>, empty: vec4<bool>) {
  let lr = control_f32(LR);
  // Each is read once: on a processor the reads are most of this kernel.
  let old = param[i];
  let m0 = m[i];
  let v0 = v[i];
  let first = sizes.beta1 * m0 + sizes.rest1 * g;
  let second = sizes.beta2 * v0 + sizes.rest2 * g * g;
  let theta = kept(i, lr) * old - lr * (first / bias1) / (sqrt(second / bias2) + sizes.eps);
  m[i] = settled(m0, first, live, empty);
  v[i] = settled(v0, second, live, empty);
  param[i] = settled(old, theta, live, empty);
}

fn advance(i: u32, g: vec4<f32>) {
  moved(i, g, vec4<f32>(bias_of(i, 0u)), vec4<f32>(bias_of(i, 1u)), ALL, NONE);
}

fn advance_aged(i: u32, g: vec4<f32>, t: vec4<f32>, live: vec4<bool>, empty: vec4<bool>) {
  moved(i, g, one_minus_exp(-t * sizes.log1), one_minus_exp(-t * sizes.log2), live, empty);
}
