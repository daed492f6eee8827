/**
 * Cascade (grow-prune §4.2): the new block copies a donor block, with noise, and may read all older blocks; older blocks
 * never read it. Its readout starts at zero, so the network computes what it computed, whatever the noise.
 */
import type { Tensor, Trace } from "../../engine/types.ts";
import type { EventKey, GrowMethod } from "../types.ts";
import {
  blockCopies,
  blockSchema,
  type Copying,
  carryBlocks,
  copiedRows,
  copying,
  donorRows,
  hasBlocks,
  lstmOf,
  nextBlocks,
  readNewCells,
} from "./blocks.ts";
import { settleDonor } from "./donor.ts";
import { cut, eventDraw, join, noisy, pick, scaleColumns, widen } from "./tools.ts";

const schema = {
  ...blockSchema,
  freezeOld: {
    kind: "flag",
    label: "Freeze old blocks",
    help: "Older blocks and the embedding get no updates after the growth; only the new block and the readout train.",
    default: false,
  },
} as const;

export const cascade: GrowMethod<typeof schema> = {
  kind: "grow",
  id: "cascade",
  label: "Cascade",
  summary: "Adds a block of cells that copies an older block and reads all older ones; they never read it.",
  schema,
  paper: null,
  applies(model) {
    const blocks = hasBlocks(model);
    if (blocks !== true || "connectivity" in model.schema) return blocks;
    return `not for ${model.label}, where every hidden layer in a gate reads all cells`;
  },

  next(model, arch, c) {
    const { blocks, connectivity } = lstmOf(arch);
    if (connectivity !== "cascade" && blocks.length > 1) {
      return "Not grown: this network is Fully Connected, and Cascade would cut what its older blocks read from newer ones. Switch its connectivity first. Training goes on.";
    }
    return nextBlocks(model, arch, c, "cascade");
  },

  settle: settleDonor,

  map(t, from, to, old, c, key) {
    const copy = copying(from, to, c, key);
    const { layers } = lstmOf(from.arch);
    const grown = new Map(old);
    const at = (path: string) => old.get(path)!;
    for (let layer = 0; layer < layers; layer++) {
      const name = (part: string) => `layers.${layer}.${part}`;
      const x = at(name("x.weight"));
      const rows = noisy(
        t,
        copiedRows(t, x, copy),
        donorRows(t, x, copy),
        c.noise,
        eventDraw(key, name("x.weight")),
      );
      const tall = join(t, [x, rows], 1);
      grown.set(name("x.weight"), layer === 0 ? tall : readNewCells(t, tall, copy, c));
      grown.set(name("h.weight"), recurrent(t, at(name("h.weight")), copy, c.noise, key, name("h.weight")));
      const bias = at(name("bias"));
      grown.set(name("bias"), join(t, [bias, copiedRows(t, bias, copy)], 1));
    }
    grown.set("head.weight", readNewCells(t, at("head.weight"), copy, c));
    return grown;
  },

  slots: (c) => (c.handoff === "split" ? "reset" : "carry"),
  carry: (t, from, to, old, _c, fill) => carryBlocks(t, from, to, old, fill),
  preserving: (c) => c.handoff === "none" || c.noise === 0,
  frozen: (from, c) =>
    c.freezeOld ? from.specs.filter(({ path }) => !path.startsWith("head.")).map(({ path }) => path) : [],
  copies: (from, _to, c) => blockCopies(from, c),
};

/**
 * W_h [4, H, H] → [4, H', H']. A new cell reads other blocks as its donor cell does, and in place of the donor block its
 * own. With n_d = k that is a copy of the donor's own square and zeros under the donor. Otherwise a donor cell with
 * several copies is read through all of them, each by its share, and one without a copy is read itself, so that at ν = 0
 * a new cell still computes what its donor cell does.
 */
function recurrent(t: Trace, w: Tensor, copy: Copying, nu: number, key: EventKey, path: string): Tensor {
  const { donor, pi, copies } = copy;
  const cells = w.shape[2]!;
  const rows = copiedRows(t, w, copy);
  const square = cut(t, rows, 2, donor.start, donor.end)!;
  const own = scaleColumns(
    t,
    pick(t, square, 2, pi),
    pi.map((cell) => 1 / copies[cell]!),
  );
  const uncopied = pick(
    t,
    square,
    2,
    copies.map((n, cell) => (n === 0 ? cell : null)),
  );
  const parts = [cut(t, rows, 2, 0, donor.start), uncopied, cut(t, rows, 2, donor.end, cells), own];
  const mayVary = Array.from({ length: cells + pi.length }, (_, v) => {
    const underDonor = v >= donor.start && v < donor.end;
    return underDonor && copies[v - donor.start]! > 0 ? 0 : 1;
  });
  // The donor has no columns beyond its own block: the zeros there are no part of its spread.
  const like = cut(t, donorRows(t, w, copy), 2, 0, donor.end)!;
  const grown = noisy(t, join(t, parts, 2), like, nu, eventDraw(key, path), mayVary);
  return join(t, [widen(t, w, 2, pi.length), grown], 1);
}
