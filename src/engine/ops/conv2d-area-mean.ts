/** What each slice of a convolution says at each place of its map: by this NeST chooses the areas (grow-prune §3.7). */
import { sizeOf } from "../layout.ts";
import type { OpDef, TensorSpec } from "../types.ts";
import { convFlops, convolve, convShape, convSizes, zeros } from "./conv2d-shape.ts";
import { elementGrid } from "./grid.ts";
import { sumTolerance } from "./matmul-tile.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const LANES = 64;

/** Inputs x [N, C, H, W] and w [O, C, k, k]; gives the mean over images of |x_c ∗ K_oc|, [O, C, h, w]. */
export const convAreaMean: OpDef<{ readonly padding: number }> = {
  name: "conv2d-area-mean",
  infer([x, w], { padding }) {
    const { made, channels, outHeight, outWidth } = convShape(x!, w!, padding);
    return [f32(made, channels, outHeight, outWidth)];
  },
  flops: ([x, w], _outputs, { padding }) => convFlops(convShape(x!, w!, padding)),
  lower([x, w], [y], { padding }) {
    return [
      {
        shader: "conv2d-area",
        entry: "mean",
        sizes: convSizes(convShape(x!, w!, padding)),
        bind: { x: x!, w: w!, y: y! },
        grid: elementGrid(sizeOf(y!.shape), LANES),
      },
    ];
  },
  reference([x, w], { padding }) {
    const s = convShape(x!, w!, padding);
    const mean = zeros(s.made, s.channels, s.outHeight, s.outWidth);
    const one = { ...s, batch: 1, made: 1, channels: 1 };
    const [plane, kernel, here] = [s.height * s.width, s.kernel ** 2, s.outHeight * s.outWidth];
    for (let slice = 0; slice < s.made * s.channels; slice++) {
      for (let n = 0; n < s.batch; n++) {
        const map = (n * s.channels + (slice % s.channels)) * plane;
        const made = new Float64Array(here);
        convolve(one, (from, weight, to) => {
          made[to]! += x!.data[map + from]! * w!.data[slice * kernel + weight]!;
        });
        made.forEach((v, i) => {
          mean.data[slice * here + i]! += Math.abs(v) / s.batch;
        });
      }
    }
    return [mean];
  },
  samples: [
    {
      inputs: [f32(3, 2, 5, 6), f32(4, 2, 3, 3)],
      attrs: { padding: 1 },
      wrt: [],
      tolerance: sumTolerance(9),
    },
    {
      inputs: [f32(2, 1, 4, 4), f32(2, 1, 2, 2)],
      attrs: { padding: 0 },
      wrt: [],
      tolerance: sumTolerance(4),
    },
  ],
};
