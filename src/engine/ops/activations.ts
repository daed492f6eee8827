/**
 * The nonlinearities in float64, with their derivatives: what shaders/lib/activations.wgsl computes in f32. The place of
 * a name in `ACTIVATIONS` is the number by which the shaders know it. Kept apart from the ops because several use them.
 */
export const ACTIVATIONS = ["none", "gelu", "relu", "leaky-relu", "tanh", "sigmoid"] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** PyTorch's default. */
export const LEAKY_SLOPE = 0.01;

const GELU_SCALE = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export function activate(kind: Activation, x: number): number {
  switch (kind) {
    case "none":
      return x;
    case "gelu":
      return 0.5 * x * (1 + Math.tanh(GELU_SCALE * (x + GELU_CUBIC * x ** 3)));
    case "relu":
      return Math.max(x, 0);
    case "leaky-relu":
      return x > 0 ? x : LEAKY_SLOPE * x;
    case "tanh":
      return Math.tanh(x);
    case "sigmoid":
      return sigmoid(x);
  }
}

/** d activate / dx at x. */
export function activateGrad(kind: Activation, x: number): number {
  switch (kind) {
    case "none":
      return 1;
    case "gelu": {
      const t = Math.tanh(GELU_SCALE * (x + GELU_CUBIC * x ** 3));
      return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * GELU_SCALE * (1 + 3 * GELU_CUBIC * x * x);
    }
    case "relu":
      return x > 0 ? 1 : 0;
    case "leaky-relu":
      return x > 0 ? 1 : LEAKY_SLOPE;
    case "tanh":
      return 1 - Math.tanh(x) ** 2;
    case "sigmoid":
      return sigmoid(x) * (1 - sigmoid(x));
  }
}
