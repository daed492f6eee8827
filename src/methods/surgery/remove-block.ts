/**
 * Taking the newest block of LSTM cells away again (grow-prune §4.5): its rows, and every column that reads it. The
 * weights that stay keep values, slots and ages. In Cascade no older cell reads the newest block, so only the readout
 * notices; in Fully Connected the older cells do, too. The loss says by how much.
 */
import { slice } from "../../engine/ops/layout.ts";
import type { ParamSpec, Params, Tensor, Trace } from "../../engine/types.ts";
import { hasBlocks, lstmOf } from "../grow/blocks.ts";
import type { StructureMethod } from "../types.ts";

const ONE = "Not removed: the network has one block only. Training goes on.";

export const removeBlock: StructureMethod<Record<never, never>> = {
  kind: "structure",
  does: "remove",
  id: "remove-block",
  label: "Remove newest block",
  summary: "Takes the newest block of cells away; older blocks keep their weights.",
  schema: {},
  paper: null,
  applies: hasBlocks,
  can: (_model, at) => lstmOf(at.arch).blocks.length > 1 || ONE,

  async plan({ from }) {
    const { blocks } = lstmOf(from.arch);
    if (blocks.length < 2) return ONE;
    return {
      arch: { ...from.arch, blocks: blocks.slice(0, -1) },
      preserving: false,
      change: (t, old, to) => ({
        params: first(t, old.params, to.specs),
        slots: old.slots.map((slot) => first(t, slot, to.specs)),
        age: first(t, old.age, to.specs),
      }),
    };
  },
};

/** The newest cells are the last rows and columns: what stays is the beginning of every axis. */
function first(t: Trace, old: Params, specs: readonly ParamSpec[]): Params {
  return new Map(
    specs.map(({ path, shape }): [string, Tensor] => {
      const x = old.get(path)!;
      if (x.shape.join() === shape.join()) return [path, x];
      return [path, t.call(slice, [x], { starts: shape.map(() => 0), sizes: shape })[0]!];
    }),
  );
}
