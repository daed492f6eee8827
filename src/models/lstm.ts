/**
 * Character LSTM, 1-4 stacked layers, each of the same blocks of cells (grow-prune §4.1). A block is only a range of
 * rows and columns: the kernels run over all cells at once, and Cascade is a matrix whose upper blocks stay exactly 0
 * (`lowerBlocks`), so growing changes sizes and compiles nothing.
 *
 * One bias a gate: two, as PyTorch has them, are one number drawn twice. The gates' weights are PyTorch's U(±1/√H).
 */
import type { Schema, Values } from "../config/schema.ts";
import { dropout } from "../engine/ops/dropout.ts";
import { lstm as lstmOp } from "../engine/ops/lstm.ts";
import { lstmTokens } from "../engine/ops/lstm-tokens.ts";
import type { ParamSpec, Tensor } from "../engine/types.ts";
import { cellsOf, dormantEntries } from "./layers/blocks.ts";
import { applyNet, embedded, embedSpec, forgetOpen, headSpecs } from "./layers/character-net.ts";
import { dense, view } from "./layers/dense.ts";
import { windowRow } from "./layers/taps.ts";
import { lstmAnatomy, MIN_CELLS } from "./lstm-anatomy.ts";
import type { DataShape, Model } from "./types.ts";

const schema = {
  blocks: {
    kind: "list",
    of: "int",
    label: "Cells per block",
    help: "One number a block, oldest first; every layer has the same blocks.",
    default: [128],
    min: 4,
    max: 256,
    minLength: 1,
    maxLength: 8,
    unit: "cells",
  },
  layers: { kind: "int", label: "Layers", default: 1, min: 1, max: 4 },
  input: {
    kind: "choice",
    label: "Input",
    help: "Embedding: a character enters as some numbers. One-hot: each character has its own column of W_x.",
    default: "embedding",
    options: ["embedding", "one-hot"],
  },
  embed: {
    kind: "int",
    label: "Embedding",
    help: "Numbers by which a character enters; not used by a one-hot input.",
    default: 64,
    min: 4,
    max: 256,
  },
  connectivity: {
    kind: "choice",
    label: "Connectivity",
    help: "Cascade: newer blocks read older ones, never the reverse. Fully connected: every block reads every block.",
    default: "cascade",
    options: ["cascade", "fully-connected"],
  },
  maxCells: {
    kind: "int",
    label: "At most",
    help: "Growth ends at this many cells a layer.",
    default: 256,
    min: 16,
    max: 512,
    unit: "cells",
  },
  dropout: {
    kind: "float",
    label: "Dropout",
    help: "Share of a layer's outputs left out at each training step.",
    default: 0,
    min: 0,
    max: 0.9,
    live: true,
  },
} as const satisfies Schema;

export type LstmArch = Values<typeof schema>;

const isOneHot = (arch: LstmArch): boolean => arch.input === "one-hot";

function params(arch: LstmArch, { vocab }: DataShape): readonly ParamSpec[] {
  const cells = cellsOf(arch.blocks);
  const uniform = { law: "uniform", scale: 1 / Math.sqrt(cells) } as const;
  const cascade = arch.connectivity === "cascade" && arch.blocks.length > 1;
  const [width, entering] = isOneHot(arch) ? [vocab, "vocab"] : [arch.embed, "embed"];
  const layers = Array.from({ length: arch.layers }, (_, layer): readonly ParamSpec[] => [
    {
      path: `layers.${layer}.x.weight`,
      shape: [4, cells, layer === 0 ? width : cells],
      axes: ["gate", "cells", layer === 0 ? entering : "cells"],
      ...(layer === 0 && isOneHot(arch) ? { macs: 0 } : {}),
      layer,
      init: uniform,
      decay: true,
    },
    {
      path: `layers.${layer}.h.weight`,
      shape: [4, cells, cells],
      axes: ["gate", "cells", "cells"],
      layer,
      init: uniform,
      decay: true,
      ...(cascade ? { lowerBlocks: arch.blocks } : {}),
    },
    {
      path: `layers.${layer}.bias`,
      shape: [4, cells],
      axes: ["gate", "cells"],
      layer,
      init: { law: "constant", values: forgetOpen(cells) },
      decay: false,
    },
  ]);
  const embed = isOneHot(arch) ? [] : [embedSpec(vocab, arch.embed)];
  return [...embed, ...layers.flat(), ...headSpecs(vocab, cells)];
}

/** The cells of every layer. One that reads nothing is no constant: its memory still moves. */
export function cellUnits<A extends { readonly blocks: readonly number[] }>(arch: A) {
  return {
    axes: [{ axis: "cells", groups: arch.blocks, least: MIN_CELLS, constant: null }],
    resized: (sizes: ReadonlyMap<string, readonly number[]>): A => ({
      ...arch,
      blocks: sizes.get("cells") ?? arch.blocks,
    }),
  };
}

export const lstm: Model<typeof schema> = {
  id: "lstm",
  label: "LSTM",
  schema,
  task: "next-token",
  bos: false,
  growth: { width: ["blocks"] },
  params,

  /** Dropout at 0 is left out of the trace, so a run without it pays nothing: crossing 0 needs a new trace. */
  apply(t, arch, _data, p, batch, options) {
    const [windows, time] = batch.inputs.shape as [number, number];
    const cells = cellsOf(arch.blocks);
    const taps = new Map<string, Tensor>();
    const at = (path: string) => p.get(path)!;
    const below = isOneHot(arch) ? null : embedded(t, p, batch);
    return applyNet(t, arch.layers, p, batch, below, taps, (layer, x) => {
      const [wx, bias, wh] = ["x.weight", "bias", "h.weight"].map((name) => at(`layers.${layer}.${name}`));
      const [h, gates] =
        x === null
          ? t.call(lstmTokens, [wx!, bias!, wh!, batch.inputs], {})
          : t.call(lstmOp, [view(t, dense(t, x, wx!, bias!), [windows, time, 4, cells]), wh!], {});
      const flat = view(t, h!, [windows * time, cells]);
      if (options.taps) {
        taps.set(`layers.${layer}.gates`, windowRow(t, gates!));
        taps.set(`layers.${layer}.h`, flat);
      }
      return options.training && arch.dropout > 0
        ? t.call(dropout, [flat, t.control], { site: layer })[0]!
        : flat;
    });
  },

  flops(arch, { vocab }) {
    const cells = cellsOf(arch.blocks);
    // Rows of tables are looked up: 0.
    const inputs = (isOneHot(arch) ? 0 : arch.embed) + (arch.layers - 1) * cells;
    const executed = 8 * cells * (inputs + arch.layers * cells) + 2 * cells * vocab;
    const dormant = arch.connectivity === "cascade" ? 8 * arch.layers * dormantEntries(arch.blocks) : 0;
    return { executed, active: executed - dormant };
  },

  units: cellUnits,

  check(arch) {
    const cells = cellsOf(arch.blocks);
    return cells > arch.maxCells
      ? `model.blocks holds ${cells} cells, model.maxCells allows ${arch.maxCells}`
      : null;
  },

  anatomy: (arch, data) => lstmAnatomy(arch, data, (grown) => params({ ...arch, blocks: grown }, data)),

  describe({ blocks, layers }) {
    const size = `${cellsOf(blocks)} cells in ${blocks.length} ${blocks.length === 1 ? "block" : "blocks"}`;
    return layers === 1 ? size : `${layers} layers of ${size}`;
  },
};
