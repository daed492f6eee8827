/**
 * Fully Connected (grow-prune §4.2): every cell reads every cell, so all recurrent weights change shape and are trained.
 * New cells start as fresh ones; what others read them by starts at zero, so the network computes what it computed.
 *
 * With the handoff `split` fresh cells would have nothing to hand off: they copy the donor instead, and every column by
 * which the donor was read is divided between it and them, recurrent ones included (Net2Net's widening).
 */
import type { ParamSpec, Tensor, Trace } from "../../engine/types.ts";
import type { EventKey, GrowMethod } from "../types.ts";
import {
  blockCopies,
  blockSchema,
  type Copying,
  carryBlocks,
  cellAxes,
  copiedRows,
  copying,
  donorRows,
  hasBlocks,
  nextBlocks,
  readNewCells,
} from "./blocks.ts";
import { settleDonor } from "./donor.ts";
import { between, eventDraw, join, noisy } from "./tools.ts";

export const fullyConnected: GrowMethod<typeof blockSchema> = {
  kind: "grow",
  id: "fully-connected",
  label: "Fully Connected",
  summary:
    "Adds a block of fresh cells; every block reads every block, and all recurrent weights are trained.",
  schema: blockSchema,
  paper: null,
  applies: hasBlocks,

  next: (model, arch, c) => nextBlocks(model, arch, c, "fully-connected"),

  settle: async (at, c) => (c.handoff === "split" ? settleDonor(at, c) : { ...c, donor: "newest" }),

  /** By the names of axes: what makes cells gains rows, what reads cells gains columns, whatever stands in between. */
  map(t, from, to, old, c, key) {
    const copy = copying(from, to, c, key);
    return new Map(
      to.specs.map((spec) => {
        const w = old.get(spec.path)!;
        const { makes, reads } = cellAxes(spec);
        if (!makes) return [spec.path, reads ? readNewCells(t, w, copy, c) : w];
        if (c.handoff === "split") {
          const rows = copiedRows(t, w, copy);
          const copied = spec.decay
            ? noisy(t, rows, donorRows(t, w, copy), c.noise, eventDraw(key, spec.path))
            : rows;
          const tall = join(t, [w, copied], 1);
          return [spec.path, reads ? readNewCells(t, tall, copy, c) : tall];
        }
        return [
          spec.path,
          join(t, [reads ? readNewCells(t, w, copy, c) : w, freshRows(t, spec, copy, key)], 1),
        ];
      }),
    );
  },

  slots: (c) => (c.handoff === "split" ? "reset" : "carry"),
  carry: (t, from, to, old, _c, fill) => carryBlocks(t, from, to, old, fill),
  preserving: (c) => c.handoff === "none" || c.noise === 0,
  copies: (from, _to, c) => (c.handoff === "split" ? blockCopies(from, c) : {}),
};

/** Rows [4, k, ..] of the new cells as a new network would start them. */
function freshRows(t: Trace, { path, shape, init }: ParamSpec, { pi }: Copying, key: EventKey): Tensor {
  const [gates, cells, ...inputs] = shape as [number, number, ...number[]];
  const more = pi.length;
  if (init.law === "uniform") return between(t, [gates, more, ...inputs], init.scale, eventDraw(key, path));
  if (init.law !== "constant") throw new Error(`${path}: rows of the law ${init.law} were never needed`);
  const values = init.values.filter((_, i) => i % cells >= cells - more);
  return t.constant({ shape: [gates, more], dtype: "f32" }, values);
}
