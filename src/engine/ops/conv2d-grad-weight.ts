/**
 * The gradient of a convolution's kernels, summed over all images and positions, and of its bias, which is the sum of the
 * same dy: one walk gives both. The outputs are few and the sum long: where they would leave a device idle, groups of
 * images are summed apart by invocations of their own, and a second dispatch adds the groups in order.
 */
import type { KernelCall, OpDef, TensorSpec } from "../types.ts";
import { type ConvShape, convFlops, convolve, convShape, convSizes, zeros } from "./conv2d-shape.ts";
import { sumTolerance } from "./matmul-tile.ts";

export interface Conv2dGradWeightAttrs {
  /** Of the convolution. */
  readonly padding: number;
  readonly kernel: number;
  readonly bias: boolean;
}

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });

/** Invocations that keep a GPU busy, where nothing else is known. */
const BUSY = 4096;

/** The convolution whose gradient this is. */
function forwardShape([dy, x]: readonly TensorSpec[], { padding, kernel }: Conv2dGradWeightAttrs): ConvShape {
  const s = convShape(x!, f32(dy!.shape[1]!, x!.shape[1]!, kernel, kernel), padding);
  if (`${dy!.shape}` !== `${[s.batch, s.made, s.outHeight, s.outWidth]}`) {
    throw new Error(
      `conv2d-grad-weight: dy is [${dy!.shape}], x [${x!.shape}] with kernels of ${kernel} makes another`,
    );
  }
  return s;
}

/** Inputs dy [N, O, oh, ow] and x [N, C, H, W]; gives dw [O, C, k, k] and, with `bias`, db [O]. */
export const conv2dGradWeight: OpDef<Conv2dGradWeightAttrs> = {
  name: "conv2d-grad-weight",
  infer(inputs, attrs) {
    const { made, channels, kernel } = forwardShape(inputs, attrs);
    const dw = f32(made, channels, kernel, kernel);
    return attrs.bias ? [dw, f32(made)] : [dw];
  },
  flops: (inputs, _outputs, attrs) => convFlops(forwardShape(inputs, attrs)),
  lower(inputs, [dw, db], attrs, temp, lanes = BUSY) {
    const s = forwardShape(inputs, attrs);
    const [dy, x] = [inputs[0]!, inputs[1]!];
    const columns = s.channels * s.kernel ** 2;
    const tiles = Math.ceil(columns / 8) * Math.ceil(s.made / 8);
    const group = Math.ceil(s.batch / Math.min(s.batch, Math.max(1, Math.ceil(lanes / tiles))));
    const groups = Math.ceil(s.batch / group);
    const constants = { BIAS: attrs.bias ? 1 : 0, PAD: s.pad > 0 ? 1 : 0 };
    const sizes = { ...convSizes(s), group, groups };
    // Bound but not written where there is no bias.
    const bias = db ?? temp(f32(1));
    const whole = { dw: dw!, db: bias };
    const parts =
      groups === 1 ? whole : { dw: temp(f32(groups, ...dw!.shape)), db: temp(f32(groups, s.made)) };
    const backward: KernelCall = {
      shader: "conv2d-grad-weight",
      entry: "backward",
      constants,
      sizes,
      bind: { x, dy, ...parts },
      grid: [Math.ceil(columns / 32), Math.ceil(s.made / 16), Math.ceil(groups / 4)],
    };
    if (groups === 1) return [backward];
    return [
      backward,
      {
        shader: "conv2d-grad-weight",
        entry: "join",
        constants: { BIAS: constants.BIAS },
        sizes,
        bind: { dw_parts: parts.dw, db_parts: parts.db, ...whole },
        grid: [Math.ceil((s.made * (columns + 1)) / 64), 1, 1],
      },
    ];
  },
  reference(inputs, attrs) {
    const s = forwardShape(inputs, attrs);
    const [dy, x] = [inputs[0]!.data, inputs[1]!.data];
    const dw = zeros(s.made, s.channels, s.kernel, s.kernel);
    convolve(s, (from, weight, to) => {
      dw.data[weight]! += dy[to]! * x[from]!;
    });
    if (!attrs.bias) return [dw];
    const db = zeros(s.made);
    const area = s.outHeight * s.outWidth;
    dy.forEach((d, i) => {
      db.data[Math.floor(i / area) % s.made]! += d;
    });
    return [dw, db];
  },
  samples: [
    { inputs: [f32(5, 5, 4, 5), f32(5, 3, 6, 7)], attrs: { padding: 0, kernel: 3, bias: true } },
    { inputs: [f32(3, 9, 5, 4), f32(3, 2, 5, 4)], attrs: { padding: 1, kernel: 3, bias: false } },
    { inputs: [f32(2, 17, 3, 3), f32(2, 1, 2, 2)], attrs: { padding: 1, kernel: 2, bias: true } },
    { inputs: [f32(1, 2, 3, 3), f32(1, 34, 3, 3)], attrs: { padding: 0, kernel: 1, bias: true } },
    {
      inputs: [f32(32, 50, 8, 8), f32(32, 20, 12, 12)],
      attrs: { padding: 0, kernel: 5, bias: true },
      bench: true,
      tolerance: sumTolerance(2048),
    },
  ].map((sample) => ({ tolerance: sumTolerance(100), ...sample })) as OpDef<Conv2dGradWeightAttrs>["samples"],
};
