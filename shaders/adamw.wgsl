// AdamW over the whole arena, in place: m <- beta1 m + (1 - beta1) g; v <- beta2 v + (1 - beta2) g^2;
// theta <- (1 - lr lambda) theta - lr (m / b1) / (sqrt(v / b2) + eps), with b = 1 - beta^t. One invocation updates one
// scalar; t is the run's, or with ages each entry's own, so that a newborn weight's first step has size lr.
//!include "lib/control.wgsl"
struct Sizes {
  count: u32,
  beta1: f32,
  beta2: f32,
  rest1: f32, // 1 - beta1 and 1 - beta2, rounded once from float64
  rest2: f32,
  log1: f32, // ln(beta1) and ln(beta2), likewise
  log2: f32,
  eps: f32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read_write> param: array<f32>;
@group(0) @binding(2) var<storage, read> grad: array<f32>;
@group(0) @binding(3) var<storage, read> norm: array<f32>; // [.., clip factor, 1 if non-finite, ..]
@group(0) @binding(4) var<storage, read> control: array<u32>;
@group(0) @binding(5) var<storage, read> blocks: array<u32>; // bit 0: decay applies to these 64 elements
@group(0) @binding(6) var<storage, read_write> m: array<f32>;
@group(0) @binding(7) var<storage, read_write> v: array<f32>;
@group(0) @binding(8) var<storage, read_write> age: array<u32>;

// -expm1(-x) for x >= 0. The plain difference loses four digits at beta 0.999, t = 1; the series' next term, x^8 / 9!,
// is below 2^-26 of the sum where it is used.
fn one_minus_exp(x: f32) -> f32 {
  let series = x * (1.0 - x / 2.0 * (1.0 - x / 3.0 * (1.0 - x / 4.0 * (1.0 - x / 5.0 * (1.0 - x / 6.0 *
    (1.0 - x / 7.0 * (1.0 - x / 8.0)))))));
  return select(1.0 - exp(-x), series, x < 0.5);
}

fn advance(i: u32, bias1: f32, bias2: f32) {
  let lr = control_f32(LR);
  let g = grad[i] * norm[1];
  let first = sizes.beta1 * m[i] + sizes.rest1 * g;
  let second = sizes.beta2 * v[i] + sizes.rest2 * g * g;
  let decay = select(0.0, control_f32(WEIGHT_DECAY), (blocks[i >> 6u] & 1u) == 1u);
  m[i] = first;
  v[i] = second;
  param[i] = (1.0 - lr * decay) * param[i] - lr * (first / bias1) / (sqrt(second / bias2) + sizes.eps);
}

@compute @workgroup_size(256)
fn update(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
          @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  if (i >= sizes.count || norm[2] != 0.0) { return; }
  advance(i, control_f32(BIAS1), control_f32(BIAS2));
}

// Age 0: dormant, everything becomes 0, whatever the gradient. Bit 31: frozen. Else the age is this update's t.
@compute @workgroup_size(256)
fn update_aged(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
               @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  if (i >= sizes.count || norm[2] != 0.0) { return; }
  let a = age[i];
  if ((a & 0x7fffffffu) == 0u) {
    param[i] = 0.0;
    m[i] = 0.0;
    v[i] = 0.0;
  } else if (a < 0x80000000u) {
    let t = f32(a);
    advance(i, one_minus_exp(-t * sizes.log1), one_minus_exp(-t * sizes.log2));
    age[i] = a + 1u;
  }
}
