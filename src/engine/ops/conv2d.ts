/**
 * y = activate(x ∗ w + b): 2-D convolution of maps [N, C, H, W] by kernels [O, C, k, k], not turned, stride 1, with
 * `padding` rows and columns of zeros around each map (0: "valid"; (k − 1)/2: "same"). As a product of implicit matrices:
 * no im2col is ever written.
 */
import type { OpDef, OpSample, TensorSpec } from "../types.ts";
import { activationGrad } from "./activation-grad.ts";
import { ACTIVATIONS, type Activation, activate } from "./activations.ts";
import { conv2dGradInput } from "./conv2d-grad-input.ts";
import { conv2dGradWeight } from "./conv2d-grad-weight.ts";
import { convFlops, convGrid, convolve, convShape, convSizes, zeros } from "./conv2d-shape.ts";
import { sumTolerance } from "./matmul-tile.ts";

export interface Conv2dAttrs {
  readonly padding: number;
  /** A third input [O]. */
  readonly bias: boolean;
  /** Other than "none": a second output keeps the values before it, for the gradient. */
  readonly activation: Activation;
}

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });

function shapeOf([x, w, bias]: readonly TensorSpec[], attrs: Conv2dAttrs) {
  const shape = convShape(x!, w!, attrs.padding);
  if (attrs.bias !== (bias !== undefined) || (bias && `${bias.shape}` !== `${shape.made}`)) {
    throw new Error(`conv2d: a bias of [${shape.made}] ${attrs.bias ? "is needed" : "was not announced"}`);
  }
  return shape;
}

export const conv2d: OpDef<Conv2dAttrs> = {
  name: "conv2d",

  infer(inputs, attrs) {
    const { batch, made, outHeight, outWidth } = shapeOf(inputs, attrs);
    const y = f32(batch, made, outHeight, outWidth);
    return attrs.activation === "none" ? [y] : [y, y];
  },

  flops: (inputs, _outputs, attrs) => convFlops(shapeOf(inputs, attrs)),

  lower(inputs, outputs, attrs) {
    const s = shapeOf(inputs, attrs);
    const [x, w] = [inputs[0]!, inputs[1]!];
    const kept = outputs.length > 1;
    const taps = s.kernel ** 2;
    return [
      {
        shader: "conv2d",
        entry: kept ? "forward_pre" : "forward",
        constants: {
          BIAS: attrs.bias ? 1 : 0,
          ACT: ACTIVATIONS.indexOf(attrs.activation),
          PAD: s.pad > 0 ? 1 : 0,
          TURN: 0,
        },
        sizes: { ...convSizes(s), stride_out: s.channels * taps, stride_in: taps },
        // Bound but not read where there is none.
        bind: { x, w, bias: inputs[2] ?? w, y: outputs[0]!, ...(kept ? { pre: outputs[1]! } : {}) },
        grid: convGrid(s.batch * s.outHeight * s.outWidth, s.made),
      },
    ];
  },

  vjp(t, { inputs, outputs, attrs }, [dy, dKept]) {
    if (dKept) throw new Error("conv2d: the values before the activation are kept for the gradient only");
    if (!dy) return inputs.map(() => null);
    const [x, w] = [inputs[0]!, inputs[1]!];
    const { padding, bias } = attrs;
    const dPre =
      attrs.activation === "none"
        ? dy
        : t.call(activationGrad, [outputs[1]!, dy], { activation: attrs.activation })[0]!;
    const [dx] = t.call(conv2dGradInput, [dPre, w], { padding, height: x.shape[2]!, width: x.shape[3]! });
    const [dw, db] = t.call(conv2dGradWeight, [dPre, x], { padding, kernel: w.shape[2]!, bias });
    return [dx!, dw!, ...(bias ? [db!] : [])];
  },

  reference(inputs, attrs) {
    const s = shapeOf(inputs, attrs);
    const [x, w] = [inputs[0]!.data, inputs[1]!.data];
    const pre = zeros(s.batch, s.made, s.outHeight, s.outWidth);
    convolve(s, (from, weight, to) => {
      pre.data[to]! += x[from]! * w[weight]!;
    });
    const area = s.outHeight * s.outWidth;
    const bias = inputs[2]?.data;
    if (bias) {
      pre.data.forEach((_, i) => {
        pre.data[i]! += bias[Math.floor(i / area) % s.made]!;
      });
    }
    if (attrs.activation === "none") return [pre];
    return [{ ...pre, data: pre.data.map((v) => activate(attrs.activation, v)) }, pre];
  },

  samples: [
    sample([f32(2, 3, 6, 7), f32(5, 3, 3, 3)]),
    sample([f32(2, 3, 6, 7), f32(5, 3, 3, 3), f32(5)], { padding: 1, bias: true }),
    sample([f32(1, 2, 5, 5), f32(9, 2, 5, 5), f32(9)], { bias: true, activation: "tanh" }),
    sample([f32(3, 1, 4, 5), f32(2, 1, 2, 2), f32(2)], { padding: 1, bias: true, activation: "leaky-relu" }),
    sample([f32(2, 2, 3, 3), f32(1, 2, 1, 1)], { activation: "sigmoid" }),
    // Positions past one workgroup, channels past one tile; more padding than a window needs.
    sample([f32(2, 2, 13, 12), f32(11, 2, 3, 3)], { padding: 2 }),
    {
      ...sample([f32(32, 20, 12, 12), f32(50, 20, 5, 5), f32(50)], { bias: true, activation: "relu" }),
      bench: true,
      tolerance: sumTolerance(500),
      // Of a hundred thousand rectified sums some change sign on the way of a difference.
      wrt: [],
    },
  ],
};

function sample(inputs: readonly TensorSpec[], attrs: Partial<Conv2dAttrs> = {}): OpSample<Conv2dAttrs> {
  // Sums of at most 50 products of normals.
  return {
    inputs,
    attrs: { padding: 0, bias: false, activation: "none", ...attrs },
    tolerance: sumTolerance(50),
  };
}
