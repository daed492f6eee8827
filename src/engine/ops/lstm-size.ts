/** The sizes of shaders/lstm.wgsl's workgroups, which both directions share. */

/** What a workgroup's memory holds. */
export const MOST_CELLS = 512;

/** Invocations of a workgroup, two cells each: a few fixed sizes, so that growth finds its pipeline among five. */
export const lstmWorkgroup = (hidden: number): number =>
  [16, 32, 64, 128].find((size) => hidden <= 2 * size) ?? 256;
