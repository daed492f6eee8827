/**
 * The "spread" way of a dispatch: for devices with many cores, as graphics cards have them. The plain way gives an invocation
 * much to do, so that what it reads serves many outputs; a small model then keeps a few cores busy, each waiting for its memory.
 * Spread out, there are more invocations with fewer outputs each, which read together and share what they read through
 * workgroup memory. Each output is still added in the order of the plain way, so the bits are equal.
 *
 * Pure, and one entry a kernel: from a dispatch as an op lowered it to the one that stands for it, or null where it does not fit.
 */
import { foldGrid as folded } from "./ops/grid.ts";
import { LSTM } from "./spread-lstm.ts";
import { SPREAD_PRODUCTS } from "./spread-products.ts";
import type { Change, Dispatch } from "./tiles.ts";

/**
 * A pass of attention: 16 tokens of one head a workgroup, or as many as have their rows of [T, T] in workgroup memory, of
 * which there are `most` floats. `parts`: of their columns, a workgroup each.
 */
function attention(
  { shader, sizes, constants: { VEC = 0, CAUSAL = 0 } }: Dispatch,
  most: number,
  bind: readonly string[],
  parts = 1,
): Change | null {
  const { batch = 0, time = 0, heads = 0 } = sizes;
  const tokens = [16, 8, 4].find((count) => count * Math.ceil(time / 32) * 32 <= most);
  if (VEC === 0 || tokens === undefined) return null;
  return {
    shader: `${shader}-spread`,
    constants: { WG: 8 * tokens },
    sizes: { ...sizes, causal: CAUSAL },
    grid: folded(batch * heads * Math.ceil(time / tokens) * parts),
    bind,
  };
}

/** Rows that a workgroup of a layer norm takes, and columns where it sums those. */
const NORM_ROWS = 4;
const NORM_COLUMNS = 4;

export const SPREAD: Readonly<Record<string, (dispatch: Dispatch) => Change | null>> = {
  ...LSTM,
  ...SPREAD_PRODUCTS,

  "attention:forward": (dispatch) => attention(dispatch, 2048, ["qkv4", "y", "p"]),
  "attention-grad:backward_query": (dispatch) =>
    attention(dispatch, 1024, ["qkv4", "dy4", "p", "ds", "dqkv"]),
  "attention-grad:backward_key": (dispatch) => {
    const parts = Math.ceil(dispatch.sizes.d! / 32);
    return attention(dispatch, Number.POSITIVE_INFINITY, ["qkv4", "dy4", "p", "slopes", "dqkv"], parts);
  },

  "layer-norm:forward": ({ sizes, bind }) => ({
    shader: "layer-norm-spread",
    constants: {},
    sizes,
    grid: folded(Math.ceil(sizes.rows! / NORM_ROWS)),
    bind: Object.keys(bind),
  }),
  "layer-norm:backward": ({ sizes, bind }) => ({
    shader: "layer-norm-spread",
    constants: {},
    sizes,
    grid: folded(Math.ceil(sizes.rows! / NORM_ROWS) + Math.ceil(sizes.width! / NORM_COLUMNS)),
    bind: Object.keys(bind),
  }),

  "embedding:backward": ({ sizes }) => ({
    shader: "embedding-spread",
    constants: {},
    sizes,
    grid: folded(sizes.rows! * Math.ceil(sizes.channels! / 64)),
    bind: ["ids", "dy", "dtable"],
  }),
  "cross-entropy:mean_narrow": ({ sizes, bind }) => ({
    shader: "cross-entropy-spread",
    constants: {},
    sizes,
    grid: folded(Math.ceil(sizes.rows! / 4)),
    bind: Object.keys(bind),
  }),
};
