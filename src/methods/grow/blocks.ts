/**
 * What the two ways of adding a block of LSTM cells have in common (grow-prune §4.2): when it is refused, which cell
 * copies which, the columns that others read the new cells by, the move of optimizer slots and ages, the copy lines.
 */
import type { Schema, Values } from "../../config/schema.ts";
import type { ParamSpec, Params, Tensor, Trace } from "../../engine/types.ts";
import { type Block, blockRanges, cellsOf } from "../../models/layers/blocks.ts";
import { BLOCK_CELLS, MAX_BLOCKS, MIN_CELLS } from "../../models/lstm-anatomy.ts";
import type { Model } from "../../models/types.ts";
import { mayGrow } from "../gates/phase.ts";
import type { EventKey, Side } from "../types.ts";
import { cut, drawInts, eventDraw, filled, join, pick, scaleColumns, widen } from "./tools.ts";

/** Fields of both methods. */
export const blockSchema = {
  cells: {
    kind: "int",
    label: "Cells per block",
    symbol: "k",
    default: BLOCK_CELLS,
    min: MIN_CELLS,
    max: 256,
    unit: "cells",
  },
  noise: {
    kind: "float",
    label: "Noise on copies",
    symbol: "ν",
    help: "Spread of the noise, as a share of the copied weights' own spread. At 0 a copy differs only by its readout.",
    default: 0.1,
    min: 0,
    max: 1,
    unit: "σ",
  },
  donor: {
    kind: "choice",
    label: "Copies block",
    symbol: "d",
    default: "newest",
    help: "Most used: the block whose cells move the scores most, by its readout and by how far it swings.",
    options: ["newest", "most used", "1", "2", "3", "4", "5", "6", "7", "8"],
  },
  handoff: {
    kind: "choice",
    label: "Handoff",
    help: "None: the new cells' readout starts at 0. Split: donor and copy share the donor's readout.",
    default: "none",
    options: ["none", "split"],
  },
  rho: {
    kind: "float",
    label: "Donor's share",
    symbol: "ρ",
    help: "Of a split readout. At .5 with no noise, donor and copy stay alike for ever.",
    default: 0.7,
    min: 0.05,
    max: 0.95,
  },
} as const satisfies Schema;

type BlockValues = Values<typeof blockSchema>;

/** The values of a model in blocks that growth reads. */
export interface LstmSide {
  readonly blocks: readonly number[];
  readonly layers: number;
  readonly connectivity: string;
  readonly maxCells: number;
}

export const lstmOf = (arch: Values): LstmSide => arch as unknown as LstmSide;

/** One block more; null when not even the smallest fits; or the sentence why not. */
export function nextBlocks(
  model: Model,
  arch: Values,
  c: BlockValues,
  connectivity: string,
): Values | null | string {
  const may = mayGrow(model, arch);
  if (may !== true) return may;
  const { blocks, maxCells } = lstmOf(arch);
  const cells = cellsOf(blocks);
  if (blocks.length >= MAX_BLOCKS || cells + MIN_CELLS > maxCells) return null;
  if (cells + c.cells > maxCells) {
    return `Not grown: the next block makes ${cells + c.cells} cells, the config allows ${maxCells}. Training goes on.`;
  }
  if (Number(c.donor) > blocks.length) {
    const there = blocks.length === 1 ? "1 block" : `${blocks.length} blocks`;
    return `Not grown: there is no block ${c.donor} to copy, the network has ${there}. Training goes on.`;
  }
  const grown = { ...arch, blocks: [...blocks, c.cells] };
  return "connectivity" in arch ? { ...grown, connectivity } : grown;
}

/** True for models whose layers are blocks of cells. */
export const hasBlocks = (model: Model): true | string =>
  "blocks" in model.schema || `not for ${model.label}`;

/** Whether a parameter makes cells (rows, axis 1 behind the gates) and whether it reads them (columns, the last axis). */
export function cellAxes({ axes }: ParamSpec): { readonly makes: boolean; readonly reads: boolean } {
  const makes = axes[0] === "gate" && axes[1] === "cells";
  return { makes, reads: axes.at(-1) === "cells" && !(makes && axes.length === 2) };
}

/** Who is copied: the donor block and π, the place in it that each new cell copies. */
export interface Copying {
  readonly donor: Block;
  readonly index: number;
  readonly pi: readonly number[];
  /** How many new cells copy each cell of the donor. */
  readonly copies: readonly number[];
}

/** π is the identity when the sizes are equal, else drawn uniformly with replacement. */
export function copying(from: Side, to: Side, c: BlockValues, key: EventKey): Copying {
  const ranges = blockRanges(lstmOf(from.arch).blocks);
  const index = c.donor === "newest" ? ranges.length - 1 : Number(c.donor) - 1;
  const donor = ranges[index]!;
  const size = lstmOf(to.arch).blocks.at(-1)!;
  const pi =
    size === donor.size
      ? Array.from({ length: size }, (_, i) => i)
      : drawInts(eventDraw(key, "donor cells"), size, donor.size);
  const copies = new Array<number>(donor.size).fill(0);
  for (const cell of pi) copies[cell]! += 1;
  return { donor, index, pi, copies };
}

/** Rows of the donor that the new cells copy, [4, k, ..]. */
export const copiedRows = (t: Trace, x: Tensor, { donor, pi }: Copying): Tensor =>
  pick(
    t,
    x,
    1,
    pi.map((cell) => donor.start + cell),
  );

/** Rows [4, n_d, ..] of the donor: what the noise is measured by. */
export const donorRows = (t: Trace, x: Tensor, { donor }: Copying): Tensor =>
  cut(t, x, 1, donor.start, donor.end)!;

/**
 * The columns by which the rest of the network reads the new cells, behind the old ones on the last axis. Zero and
 * active: the function stays. With a handoff the donor keeps ρ of each column and its copies share the rest.
 */
export function readNewCells(t: Trace, x: Tensor, { donor, pi, copies }: Copying, c: BlockValues): Tensor {
  const axis = x.shape.length - 1;
  if (c.handoff !== "split") return widen(t, x, axis, pi.length);
  const columns = Array.from({ length: x.shape[axis]! }, (_, v) => v);
  const kept = columns.map((v) => ((copies[v - donor.start] ?? 0) > 0 ? c.rho : 1));
  const copied = pick(
    t,
    x,
    axis,
    pi.map((cell) => donor.start + cell),
  );
  const shares = pi.map((cell) => (1 - c.rho) / copies[cell]!);
  return join(t, [scaleColumns(t, x, kept), scaleColumns(t, copied, shares)], axis);
}

/**
 * Slots and ages of old entries at their new (row, column); entries without a source get `fill`; structurally dormant
 * ones always 0. Upper blocks that come to life when Cascade turns Fully Connected have no source either.
 */
export function carryBlocks(t: Trace, from: Side, to: Side, old: Params, fill: number): Params {
  const sources = new Map(from.specs.map((spec) => [spec.path, spec]));
  return new Map(
    to.specs.map(({ path, shape, lowerBlocks }) => {
      const was = sources.get(path)!;
      let x = old.get(path)!;
      if (was.lowerBlocks && !lowerBlocks && fill !== 0) x = upperAs(t, x, was.lowerBlocks, fill);
      // Columns first: they belong to old rows, where Cascade has none.
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        const more = shape[axis]! - x.shape[axis]!;
        const none = lowerBlocks !== undefined && axis === shape.length - 1;
        if (more > 0) x = widen(t, x, axis, more, none ? 0 : fill);
      }
      return [path, x];
    }),
  );
}

/** x [4, H, H] with everything above the block diagonal set to `fill`. */
export function upperAs(t: Trace, x: Tensor, blocks: readonly number[], fill: number): Tensor {
  const cells = cellsOf(blocks);
  const rows = blockRanges(blocks).map(({ start, end, size }) => {
    const lower = cut(t, cut(t, x, 1, start, end)!, 2, 0, end);
    const upper = end < cells ? filled(t, [x.shape[0]!, size, cells - end], fill, x.dtype) : null;
    return join(t, [lower, upper], 2);
  });
  return join(t, rows, 1);
}

/** Newborn tier → the tier its weights came from, in every layer. */
export function blockCopies(from: Side, c: BlockValues): Readonly<Record<string, string>> {
  const { blocks, layers } = lstmOf(from.arch);
  const donor = c.donor === "newest" ? blocks.length - 1 : Number(c.donor) - 1;
  return Object.fromEntries(
    Array.from({ length: layers }, (_, k) => [
      `layers.${k}.block.${blocks.length}`,
      `layers.${k}.block.${donor}`,
    ]),
  );
}
