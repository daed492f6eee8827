/**
 * Fully Connected (grow-prune §4.2): every cell reads every cell, so all recurrent weights change shape and are trained.
 * New cells start as fresh ones; what others read them by starts at zero, so the network computes what it computed.
 *
 * With the handoff `split` fresh cells would have nothing to hand off: they copy the donor instead, and every column by
 * which the donor was read is divided between it and them, recurrent ones included (Net2Net's widening).
 */
import { lstm } from "../../models/lstm.ts";
import type { GrowMethod } from "../types.ts";
import {
  blockCopies,
  blockSchema,
  carryBlocks,
  copiedRows,
  copying,
  donorRows,
  lstmOf,
  nextBlocks,
  readNewCells,
} from "./blocks.ts";
import { between, eventDraw, join, noisy } from "./tools.ts";

export const fullyConnected: GrowMethod<typeof blockSchema> = {
  kind: "grow",
  id: "fully-connected",
  label: "Fully Connected",
  summary:
    "Adds a block of fresh cells; every block reads every block, and all recurrent weights are trained.",
  schema: blockSchema,
  paper: null,
  applies: (model) => model.id === lstm.id || `not for ${model.label}`,

  next: (_model, arch, c) => nextBlocks(arch, c, "fully-connected"),

  map(t, from, to, old, c, key) {
    const copy = copying(from, to, c, key);
    const split = c.handoff === "split";
    const { layers } = lstmOf(from.arch);
    const shapes = new Map(to.specs.map(({ path, shape }) => [path, shape]));
    const more = copy.pi.length;
    const grown = new Map(old);
    for (let layer = 0; layer < layers; layer++) {
      for (const part of ["x.weight", "h.weight"]) {
        const path = `layers.${layer}.${part}`;
        const w = old.get(path)!;
        const [, cells, inputs] = shapes.get(path)! as [number, number, number];
        const readsCells = part === "h.weight" || layer > 0;
        if (split) {
          const rows = noisy(t, copiedRows(t, w, copy), donorRows(t, w, copy), c.noise, eventDraw(key, path));
          const tall = join(t, [w, rows], 1);
          grown.set(path, readsCells ? readNewCells(t, tall, copy, c) : tall);
        } else {
          const rows = between(t, [4, more, inputs], 1 / Math.sqrt(cells), eventDraw(key, path));
          grown.set(path, join(t, [readsCells ? readNewCells(t, w, copy, c) : w, rows], 1));
        }
      }
      const path = `layers.${layer}.bias`;
      const bias = old.get(path)!;
      const forgetOpen = Array.from({ length: 4 * more }, (_, i) => (Math.floor(i / more) === 1 ? 1 : 0));
      const fresh = split
        ? copiedRows(t, bias, copy)
        : t.constant({ shape: [4, more], dtype: "f32" }, forgetOpen);
      grown.set(path, join(t, [bias, fresh], 1));
    }
    grown.set("head.weight", readNewCells(t, old.get("head.weight")!, copy, c));
    return grown;
  },

  slots: (c) => (c.handoff === "split" ? "reset" : "carry"),
  carry: (t, from, to, old, _c, fill) => carryBlocks(t, from, to, old, fill),
  preserving: (c) => c.handoff === "none" || c.noise === 0,
  copies: (from, _to, c) => (c.handoff === "split" ? blockCopies(from, c) : {}),
};
