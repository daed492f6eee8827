/** How the kernels of an LSTM share it out, which both directions have in common. */

/** What a workgroup's memory holds. */
export const MOST_CELLS = 512;

/** Invocations of a workgroup, two cells each: a few fixed sizes, so that growth finds its pipeline among five. */
export const lstmWorkgroup = (hidden: number): number =>
  [16, 32, 64, 128].find((size) => hidden <= 2 * size) ?? 256;

/** Cells up to which one workgroup walks a few rows of the batch through all steps by itself. */
const MOST_WALKED = 256;

/**
 * Is a step a dispatch of its own? Where a layer is wide, each workgroup of the walk would read all of W_h again at every step,
 * and a batch of 32 keeps 8 of them busy. On a processor (`lanes` = 1) that is no loss and a dispatch is one.
 */
export const walksBySteps = (hidden: number, lanes?: number): boolean => hidden > MOST_WALKED && lanes !== 1;

/** Workgroups of one step: 64 cells of 4 rows each. */
export const stepGrid = ({ hidden, batch }: { hidden: number; batch: number }) =>
  [Math.ceil(hidden / 64), Math.ceil(batch / 4), 1] as const;
