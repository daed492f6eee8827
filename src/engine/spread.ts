/**
 * The "spread" way of a dispatch: for devices with many cores, as graphics cards have them. The plain way gives an invocation
 * much to do, so that what it reads serves many outputs; a small model then keeps a few cores busy, each waiting for its memory.
 * Spread out, there are more invocations with fewer outputs each, which read together and share what they read through
 * workgroup memory. Each output is still added in the order of the plain way, so the bits are equal.
 *
 * Pure, and one entry a kernel: from a dispatch as an op lowered it to the one that stands for it, or null where it does not fit.
 */
import type { Change, Dispatch } from "./tiles.ts";

/** Invocations of a workgroup that has a row of an LSTM to itself, a cell each; above 256 cells two. */
function lstmCells(hidden = 0): { readonly WG: number; readonly TWO: number } {
  const WG = [32, 64, 128].find((size) => hidden <= size) ?? 256;
  return { WG, TWO: hidden > WG ? 1 : 0 };
}

/** An LSTM over a sequence: a workgroup for each row of the batch. */
function lstm({ shader, sizes, constants, bind, grid }: Dispatch, groups: number): Change {
  return {
    shader: `${shader}-spread`,
    constants: { ...constants, ...lstmCells(sizes.hidden) },
    sizes: sizes.groups === undefined ? sizes : { ...sizes, groups },
    // One more, which makes the lists, where there was one more.
    grid: [groups + grid[0] - (sizes.groups ?? grid[0]), 1, 1],
    bind: Object.keys(bind),
  };
}

/** One step of a wide LSTM: a workgroup for each row, and 64 cells. */
function lstmStep({ shader, sizes, constants, bind, grid }: Dispatch): Change {
  return {
    shader: `${shader}-spread`,
    constants,
    sizes,
    grid: [grid[0], sizes.batch!, 1],
    bind: Object.keys(bind),
  };
}

export const SPREAD: Readonly<Record<string, (dispatch: Dispatch) => Change | null>> = {
  "lstm:forward": (dispatch) => lstm(dispatch, dispatch.sizes.batch!),
  "lstm-tokens:forward": (dispatch) => lstm(dispatch, dispatch.sizes.batch!),
  "lstm-grad:backward": (dispatch) => lstm(dispatch, dispatch.sizes.batch!),
  "lstm-steps:forward": lstmStep,
  "lstm-grad-steps:backward": lstmStep,
};
