/**
 * The gradient of a convolution's maps: again a convolution, of dy by the same kernels turned by 180 degrees and with the
 * roles of their channels swapped, on maps padded by k − 1 − padding. The kernel is conv2d's; nothing is transposed.
 */
import type { OpDef, TensorSpec } from "../types.ts";
import {
  type ConvShape,
  convFlops,
  convGrid,
  convolve,
  convShape,
  type convSizes,
  zeros,
} from "./conv2d-shape.ts";
import { sumTolerance } from "./matmul-tile.ts";

export interface Conv2dGradInputAttrs {
  /** Of the convolution. */
  readonly padding: number;
  /** Of its maps. */
  readonly height: number;
  readonly width: number;
}

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });

/** The convolution whose gradient this is. */
function forwardShape(
  [dy, w]: readonly TensorSpec[],
  { padding, height, width }: Conv2dGradInputAttrs,
): ConvShape {
  const s = convShape(f32(dy!.shape[0]!, w!.shape[1]!, height, width), w!, padding);
  if (`${dy!.shape}` !== `${[s.batch, s.made, s.outHeight, s.outWidth]}`) {
    throw new Error(
      `conv2d-grad-input: dy is [${dy!.shape}], which is not what [${w!.shape}] makes of ${height} × ${width}`,
    );
  }
  return s;
}

/** Inputs dy [N, O, oh, ow] and w [O, C, k, k]; gives dx [N, C, height, width]. */
export const conv2dGradInput: OpDef<Conv2dGradInputAttrs> = {
  name: "conv2d-grad-input",
  infer(inputs, attrs) {
    const { batch, channels, height, width } = forwardShape(inputs, attrs);
    return [f32(batch, channels, height, width)];
  },
  flops: (inputs, _outputs, attrs) => convFlops(forwardShape(inputs, attrs)),
  lower(inputs, [dx], attrs) {
    const s = forwardShape(inputs, attrs);
    const [dy, w] = [inputs[0]!, inputs[1]!];
    const taps = s.kernel ** 2;
    const pad = s.kernel - 1 - s.pad;
    return [
      {
        shader: "conv2d",
        entry: "forward",
        constants: { BIAS: 0, ACT: 0, PAD: pad > 0 ? 1 : 0, TURN: 1 },
        sizes: {
          batch: s.batch,
          channels: s.made,
          made: s.channels,
          height: s.outHeight,
          width: s.outWidth,
          out_height: s.height,
          out_width: s.width,
          kernel: s.kernel,
          pad,
          stride_out: taps,
          stride_in: s.channels * taps,
        } satisfies ReturnType<typeof convSizes> & Record<"stride_out" | "stride_in", number>,
        bind: { x: dy, w, bias: w, y: dx! },
        grid: convGrid(s.batch * s.height * s.width, s.channels),
      },
    ];
  },
  reference(inputs, attrs) {
    const s = forwardShape(inputs, attrs);
    const [dy, w] = [inputs[0]!.data, inputs[1]!.data];
    const dx = zeros(s.batch, s.channels, s.height, s.width);
    convolve(s, (x, weight, y) => {
      dx.data[x]! += dy[y]! * w[weight]!;
    });
    return [dx];
  },
  samples: [
    { inputs: [f32(2, 5, 4, 5), f32(5, 3, 3, 3)], attrs: { padding: 0, height: 6, width: 7 } },
    { inputs: [f32(2, 3, 5, 4), f32(3, 9, 3, 3)], attrs: { padding: 1, height: 5, width: 4 } },
    { inputs: [f32(1, 2, 3, 3), f32(2, 1, 2, 2)], attrs: { padding: 1, height: 2, width: 2 } },
    { inputs: [f32(1, 2, 3, 3), f32(2, 4, 1, 1)], attrs: { padding: 0, height: 3, width: 3 } },
    {
      inputs: [f32(32, 50, 8, 8), f32(50, 20, 5, 5)],
      attrs: { padding: 0, height: 12, width: 12 },
      bench: true,
      tolerance: sumTolerance(1250),
    },
  ].map((sample) => ({ tolerance: sumTolerance(50), ...sample })) as OpDef<Conv2dGradInputAttrs>["samples"],
};
