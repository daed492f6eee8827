/** What the three ops of a convolution share: sizes of [N, C, H, W] by [O, C, k, k], and the sum itself in float64. */
import type { NdArray, TensorSpec } from "../types.ts";
import { filled } from "./strided.ts";

export interface ConvShape {
  readonly batch: number;
  readonly channels: number;
  /** Channels of the output. */
  readonly made: number;
  readonly height: number;
  readonly width: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernel: number;
  /** Rows and columns of zeros around each map. */
  readonly pad: number;
}

export function convShape(x: TensorSpec, w: TensorSpec, pad: number): ConvShape {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const [made, from, kernel, square] = w.shape as [number, number, number, number];
  if (x.shape.length !== 4 || w.shape.length !== 4 || x.dtype !== "f32" || w.dtype !== "f32") {
    throw new Error(`conv2d: needs f32 [N, C, H, W] and [O, C, k, k], not [${x.shape}] and [${w.shape}]`);
  }
  if (from !== channels || kernel !== square) {
    throw new Error(
      `conv2d: a kernel of [${w.shape}] does not fit [${x.shape}]: [O, ${channels}, k, k] is needed`,
    );
  }
  if (!(pad >= 0 && pad < kernel))
    throw new Error(`conv2d: padding is ${pad}, allowed are 0 to ${kernel - 1}`);
  const [outHeight, outWidth] = [height + 2 * pad - kernel + 1, width + 2 * pad - kernel + 1];
  if (outHeight < 1 || outWidth < 1) {
    throw new Error(`conv2d: a kernel of ${kernel} × ${kernel} does not fit into ${height} × ${width}`);
  }
  return { batch, channels, made, height, width, outHeight, outWidth, kernel, pad };
}

/** 2 per multiply-add; taps that fall on padding count, since the kernels run over them. */
export const convFlops = ({ batch, channels, made, outHeight, outWidth, kernel }: ConvShape): number =>
  2 * batch * made * outHeight * outWidth * channels * kernel ** 2;

/** Calls `visit(place in x, place in w, place in y)` for every product of the sum, padding left out. */
export function convolve(s: ConvShape, visit: (x: number, w: number, y: number) => void): void {
  const { batch, channels, made, height, width, outHeight, outWidth, kernel, pad } = s;
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < made; o++) {
      for (let c = 0; c < channels; c++) {
        for (let i = 0; i < kernel; i++) {
          for (let j = 0; j < kernel; j++) {
            const w = ((o * channels + c) * kernel + i) * kernel + j;
            for (let r = Math.max(0, pad - i); r < Math.min(outHeight, height + pad - i); r++) {
              const x = ((n * channels + c) * height + r + i - pad) * width + j - pad;
              const y = ((n * made + o) * outHeight + r) * outWidth;
              const to = Math.min(outWidth, width + pad - j);
              for (let q = Math.max(0, pad - j); q < to; q++) visit(x + q, w, y + q);
            }
          }
        }
      }
    }
  }
}

export const zeros = (...shape: number[]): NdArray => filled(shape, "f32");

/** The fields of `struct Sizes` that the shaders have in common. */
export const convSizes = (s: ConvShape) => ({
  batch: s.batch,
  channels: s.channels,
  made: s.made,
  height: s.height,
  width: s.width,
  out_height: s.outHeight,
  out_width: s.outWidth,
  kernel: s.kernel,
  pad: s.pad,
});

/** Outputs of one invocation along positions, and invocations of a workgroup. */
const TILE = 8;
const LANES = 32;

export const convGrid = (positions: number, made: number): readonly [number, number, number] => [
  Math.ceil(positions / (TILE * LANES)),
  Math.ceil(made / TILE),
  1,
];
