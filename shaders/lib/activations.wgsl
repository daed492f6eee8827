// The nonlinearities and their derivatives, one definition for every kernel. The same mathematics in float64 stands in
// src/engine/ops/activations.ts, which also fixes the numbers of `activate`.

const GELU = 1u;
const GELU_SCALE = 0.7978845608028654; // sqrt(2 / pi)
const GELU_CUBIC = 0.044715;
const LEAKY_SLOPE = 0.01;

// tanh is allowed to be (e^x - e^-x) / (e^x + e^-x) inside, which is inf / inf far out: 10 is already exactly 1 in f32.
fn safe_tanh(x: f32) -> f32 {
  return tanh(clamp(x, -10.0, 10.0));
}

// e^-x overflows to inf below about -88, and 1 / inf is not promised to be 0: clamped, sigmoid(-80) is 2e-35.
fn sigmoid(x: f32) -> f32 {
  return 1.0 / (1.0 + exp(-clamp(x, -80.0, 80.0)));
}

// The tanh form of GELU (GPT-2's), x (1 + tanh u) / 2, u = sqrt(2 / pi) (x + 0.044715 x^3). Written as x sigmoid(2 u), the
// same thing, because 1 + tanh u has no digits left in the negative tail.
fn gelu(x: f32) -> f32 {
  return x * sigmoid(2.0 * GELU_SCALE * (x + GELU_CUBIC * x * x * x));
}

fn gelu_grad(x: f32) -> f32 {
  let u2 = 2.0 * GELU_SCALE * (x + GELU_CUBIC * x * x * x);
  let s = sigmoid(u2);
  return s + x * s * sigmoid(-u2) * 2.0 * GELU_SCALE * (1.0 + 3.0 * GELU_CUBIC * x * x);
}

fn gelu4(x: vec4<f32>) -> vec4<f32> {
  return vec4<f32>(gelu(x.x), gelu(x.y), gelu(x.z), gelu(x.w));
}

fn gelu_grad4(x: vec4<f32>) -> vec4<f32> {
  return vec4<f32>(gelu_grad(x.x), gelu_grad(x.y), gelu_grad(x.z), gelu_grad(x.w));
}

// kind: 0 none, 1 gelu, 2 relu, 3 leaky-relu, 4 tanh, 5 sigmoid.
fn activate(kind: u32, x: f32) -> f32 {
  switch kind {
    case GELU: { return gelu(x); }
    case 2u: { return max(x, 0.0); }
    case 3u: { return select(LEAKY_SLOPE * x, x, x > 0.0); }
    case 4u: { return safe_tanh(x); }
    case 5u: { return sigmoid(x); }
    default: { return x; }
  }
}

// d activate / dx, from the value before the activation.
fn activate_grad(kind: u32, x: f32) -> f32 {
  switch kind {
    case GELU: { return gelu_grad(x); }
    case 2u: { return select(0.0, 1.0, x > 0.0); }
    case 3u: { return select(LEAKY_SLOPE, 1.0, x > 0.0); }
    case 4u: { let t = safe_tanh(x); return 1.0 - t * t; }
    case 5u: { let s = sigmoid(x); return s * (1.0 - s); }
    default: { return 1.0; }
  }
}
