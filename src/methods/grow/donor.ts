/**
 * The donor of a new block where the choice is *most used* (grow-prune §4.2): the block with the largest
 *   Σ_{cells v} ‖W_y[:, v]‖₁ · rms(h_v),
 * which is how far its cells move the scores. h runs over the fixed probe batch, rms over all its positions.
 */
import type { Values } from "../../config/schema.ts";
import { mul } from "../../engine/ops/binary.ts";
import { reduce } from "../../engine/ops/reduce.ts";
import { sqrt, square } from "../../engine/ops/unary.ts";
import type { Tensor, Trace } from "../../engine/types.ts";
import { blockRanges } from "../../models/layers/blocks.ts";
import type { StructureAt } from "../types.ts";
import { type LstmSide, lstmOf } from "./blocks.ts";

export const MOST_USED = "most used";

/** The usage of each block of the last layer, oldest first. */
export async function usageOf({ model, from, look }: StructureAt): Promise<readonly number[]> {
  const { blocks, layers } = lstmOf(from.arch) as LstmSide;
  const { usage } = await look((t, old) => {
    const batch = { ...old.batch(), targets: null };
    const options = { training: false, taps: true };
    const { taps } = model.apply(t, from.arch, from.data, old.params, batch, options);
    const h = taps.get(`layers.${layers - 1}.h`)!;
    const absolute = root(t, t.call(square, [old.params.get("head.weight")!], {})[0]!);
    const size = over(t, absolute, "sum");
    const rms = root(t, over(t, t.call(square, [h], {})[0]!, "mean"));
    return { usage: t.call(mul, [size, rms], {})[0]! };
  });
  return blockRanges(blocks).map(({ start, end }) =>
    Array.from(usage.subarray(start, end)).reduce((sum, u) => sum + u, 0),
  );
}

/** The method's values with a numbered donor in place of *most used*; of equals the oldest. */
export async function settleDonor<C extends Values>(at: StructureAt, c: C): Promise<C> {
  if (c.donor !== MOST_USED) return c;
  const usage = await usageOf(at);
  return { ...c, donor: String(usage.indexOf(Math.max(...usage)) + 1) };
}

const root = (t: Trace, x: Tensor): Tensor => t.call(sqrt, [x], {})[0]!;

/** x [N, H] → [H] */
const over = (t: Trace, x: Tensor, how: "sum" | "mean"): Tensor =>
  t.call(reduce, [x], { axes: [0], keepDims: false, how })[0]!;
