/** LSTMs spread out (spread.ts): a row of the batch a workgroup, a cell an invocation. */
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

export const LSTM: Readonly<Record<string, (dispatch: Dispatch) => Change | null>> = {
  "lstm:forward": (dispatch) => lstm(dispatch, dispatch.sizes.batch!),
  "lstm-tokens:forward": (dispatch) => lstm(dispatch, dispatch.sizes.batch!),
  "lstm-grad:backward": (dispatch) => lstm(dispatch, dispatch.sizes.batch!),
  "lstm-steps:forward": lstmStep,
  "lstm-grad-steps:backward": lstmStep,
};
