/**
 * Another variant mid-run (grow-prune §4.6). Cascade to Fully Connected: the weights that did not exist come to life at 0,
 * which changes nothing. Fully Connected to Cascade: what older blocks read from newer ones goes. As long as any of it is
 * other than 0 that is refused with the change of the loss it would bring, and done when asked to.
 */
import type { Schema } from "../../config/schema.ts";
import { mul } from "../../engine/ops/binary.ts";
import { concat } from "../../engine/ops/layout.ts";
import { reduce } from "../../engine/ops/reduce.ts";
import { square } from "../../engine/ops/unary.ts";
import type { Params, Tensor, Trace } from "../../engine/types.ts";
import { blockRanges, cellsOf } from "../../models/layers/blocks.ts";
import type { Side, StructureAt, StructureMethod, StructurePlan } from "../types.ts";
import { hasBlocks, lstmOf, upperAs } from "./blocks.ts";

const schema = {
  to: {
    kind: "choice",
    label: "To",
    default: "fully-connected",
    options: ["cascade", "fully-connected"],
  },
  zero: {
    kind: "flag",
    label: "Zero what would be cut",
    help: "To Cascade: removes what older blocks read from newer ones, even though the loss changes.",
    default: false,
  },
} as const satisfies Schema;

const NAMES: Readonly<Record<string, string>> = { cascade: "Cascade", "fully-connected": "Fully Connected" };

function can({ arch }: Side, to: string): true | string {
  const { blocks, connectivity } = lstmOf(arch);
  if (blocks.length < 2) return "Not swapped: with one block both are the same. Training goes on.";
  return connectivity !== to || `Not swapped: this network is ${NAMES[to]} already.`;
}

export const connectivity: StructureMethod<typeof schema> = {
  kind: "structure",
  does: "swap",
  id: "connectivity",
  label: "Switch connectivity",
  summary:
    "Makes a Cascade fully connected, which changes nothing, or cuts a fully connected network to a Cascade.",
  schema,
  paper: null,
  applies(model) {
    const blocks = hasBlocks(model);
    return blocks !== true || "connectivity" in model.schema ? blocks : `not for ${model.label}`;
  },
  can: (_model, at, c) => can(at, c.to),

  async plan(at, c) {
    const { from } = at;
    const possible = can(from, c.to);
    if (possible !== true) return possible;
    const arch = { ...from.arch, connectivity: c.to };
    if (c.to === "fully-connected") {
      const change = (t: Trace, old: { readonly age: Params }) => ({ age: upper(t, from, old.age, 1) });
      return { arch, preserving: true, change };
    }
    const read = await cut(at);
    const plan: StructurePlan = {
      arch,
      preserving: !read,
      change: (t, old) => ({
        params: upper(t, from, old.params, 0),
        slots: old.slots.map((slot) => upper(t, from, slot, 0)),
        age: upper(t, from, old.age, 0),
      }),
    };
    if (!read || c.zero) return plan;
    return {
      ...plan,
      judge({ lossBefore, lossAfter }) {
        const [by, sign] = [
          Math.abs(lossAfter - lossBefore).toFixed(4),
          lossAfter < lossBefore ? "lower" : "raise",
        ];
        return `Not swapped: older blocks read newer ones. Zeroing what they read would ${sign} the loss by ${by}. Ask for it with "Zero what would be cut".`;
      },
    };
  },
};

const paths = ({ arch }: Side): readonly string[] =>
  Array.from({ length: lstmOf(arch).layers }, (_, k) => `layers.${k}.h.weight`);

/** The recurrent matrices with everything above the block diagonal set to `value`; nothing else. */
const upper = (t: Trace, from: Side, old: Params, value: number): Params =>
  new Map(paths(from).map((path) => [path, upperAs(t, old.get(path)!, lstmOf(from.arch).blocks, value)]));

/** Whether any weight above the block diagonal is other than 0. */
async function cut({ from, look }: StructureAt): Promise<boolean> {
  const { blocks } = lstmOf(from.arch);
  const cells = cellsOf(blocks);
  const blockOf = blockRanges(blocks).flatMap(({ size }, j) => new Array<number>(size).fill(j));
  const mask = Array.from({ length: cells * cells }, (_, i) =>
    blockOf[i % cells]! > blockOf[Math.floor(i / cells)]! ? 1 : 0,
  );
  const { sums } = await look((t, old) => {
    const above = t.constant({ shape: [cells, cells], dtype: "f32" }, mask);
    const total = (path: string): Tensor => {
      const squares = t.call(square, [t.call(mul, [old.params.get(path)!, above], {})[0]!], {})[0]!;
      return t.call(reduce, [squares], { axes: [0, 1, 2], keepDims: true, how: "sum" })[0]!;
    };
    const all = paths(from).map(total);
    return { sums: all.length === 1 ? all[0]! : t.call(concat, all, { axis: 0 })[0]! };
  });
  return sums.some((sum) => sum > 0);
}
