/**
 * H-LSTM (Dai, Yin, Jha 2020; grow-prune §5): an LSTM whose four gates are small networks of their own, L hidden layers of G
 * leaky ReLUs before each gate. U¹ is kept in two parts, its columns for x and those for h, so that the inputs' share is
 * one matmul over the whole window; with L = 0 the parameters are the LSTM's, by the same names, and so is the kernel:
 * the runs are equal, to the bit.
 *
 *   pᵏ = Uᵏ aᵏ⁻¹ + dᵏ    aᵏ = dropout(φ(pᵏ))    v = W aᴸ + b    a⁰ = [x_t; h_{t−1}], each gate with its own U, d, W, b
 *
 * All hidden layers are G wide. The slope of φ is a value of the model: a growing network has s = .01, and at the swap to
 * ReLU it becomes 0. Hidden layers start at U(±√(6/fan-in)), which keeps the size of what they are told (He 2015), W at
 * U(±1/√G).
 */
import type { Schema, Values } from "../config/schema.ts";
import { hLstm } from "../engine/ops/h-lstm.ts";
import { lstm as lstmOp } from "../engine/ops/lstm.ts";
import type { ParamSpec, Tensor } from "../engine/types.ts";
import { hlstmAnatomy } from "./hlstm-anatomy.ts";
import { cellsOf } from "./layers/blocks.ts";
import { applyNet, embedded, embedSpec, forgetOpen, headSpecs } from "./layers/character-net.ts";
import { dense, view } from "./layers/dense.ts";
import { windowRow } from "./layers/taps.ts";
import { cellUnits, lstm } from "./lstm.ts";
import type { DataShape, Model } from "./types.ts";

/** G at most: what the kernel's workgroup holds. */
export const MOST_WIDTH = 512;
export const MOST_GATE_LAYERS = 3;
/** s of the leaky ReLU while a network grows. */
export const LEAKY = 0.01;

const { blocks, layers, embed, maxCells } = lstm.schema;

const schema = {
  blocks: { ...blocks, help: "One number a block, oldest first; all blocks share the gates' hidden layers." },
  gateLayers: {
    kind: "int",
    label: "Hidden layers a gate",
    symbol: "L",
    help: "0 is a plain LSTM.",
    default: 1,
    min: 0,
    max: MOST_GATE_LAYERS,
    unit: "layers",
  },
  gateWidth: {
    kind: "int",
    label: "Width of a gate",
    symbol: "G",
    help: "Units of each hidden layer inside a gate.",
    default: 128,
    min: 1,
    max: MOST_WIDTH,
    unit: "units",
  },
  slope: {
    kind: "float",
    label: "Slope below zero",
    symbol: "s",
    help: "Of the leaky ReLU in the gates: .01 while a network grows, 0 (a ReLU) after the swap.",
    default: LEAKY,
    min: 0,
    max: 1,
  },
  layers,
  embed: { ...embed, default: 32 },
  maxCells,
  dropout: {
    kind: "float",
    label: "Dropout in the gates",
    help: "Share of the gates' hidden units left out at each training step. Cells and their state are never dropped.",
    default: 0,
    min: 0,
    max: 0.9,
    live: true,
  },
} as const satisfies Schema;

export type HLstmArch = Values<typeof schema>;

/** The same cells without hidden layers in their gates: what the `lstm` model calls fully connected. */
export const plainOf = (arch: HLstmArch) => ({
  blocks: arch.blocks,
  layers: arch.layers,
  input: "embedding",
  embed: arch.embed,
  connectivity: "fully-connected",
  maxCells: arch.maxCells,
  dropout: 0,
});

function layerSpecs(arch: HLstmArch, layer: number): readonly ParamSpec[] {
  const cells = cellsOf(arch.blocks);
  const { gateLayers, gateWidth: width } = arch;
  const [below, axis] = layer === 0 ? [arch.embed, "embed"] : [cells, "cells"];
  const he = (fanIn: number) => ({ law: "uniform", scale: Math.sqrt(6 / fanIn) }) as const;
  const spec = (path: string, shape: number[], axes: string[], init: ParamSpec["init"]): ParamSpec => ({
    path: `layers.${layer}.${path}`,
    shape,
    axes,
    layer,
    init,
    decay: path.endsWith("weight"),
  });
  const inner =
    gateLayers > 1
      ? [
          spec(
            "inner.weight",
            [gateLayers - 1, 4, width, width],
            ["inner", "gate", "hidden", "hidden"],
            he(width),
          ),
          spec("inner.bias", [gateLayers - 1, 4, width], ["inner", "gate", "hidden"], { law: "zeros" }),
        ]
      : [];
  return [
    spec("x.weight", [4, width, below], ["gate", "hidden", axis], he(below + cells)),
    spec("h.weight", [4, width, cells], ["gate", "hidden", "cells"], he(below + cells)),
    spec("x.bias", [4, width], ["gate", "hidden"], { law: "zeros" }),
    ...inner,
    {
      ...spec("gates.weight", [4, cells, width], ["gate", "cells", "hidden"], {
        law: "uniform",
        scale: 1 / Math.sqrt(width),
      }),
      keepsRows: true,
    },
    spec("bias", [4, cells], ["gate", "cells"], { law: "constant", values: forgetOpen(cells) }),
  ];
}

function params(arch: HLstmArch, data: DataShape): readonly ParamSpec[] {
  if (arch.gateLayers === 0) return lstm.params(plainOf(arch), data);
  return [
    embedSpec(data.vocab, arch.embed),
    ...Array.from({ length: arch.layers }, (_, layer) => layerSpecs(arch, layer)).flat(),
    ...headSpecs(data.vocab, cellsOf(arch.blocks)),
  ];
}

export const hlstm: Model<typeof schema> = {
  id: "hlstm",
  label: "H-LSTM",
  schema,
  task: "next-token",
  bos: false,
  growth: { depth: "gateLayers", width: ["blocks", "gateWidth"] },
  params,

  /** Dropout at 0 is left out of the trace, so a run without it pays nothing: crossing 0 needs a new trace. */
  apply(t, arch, _data, p, batch, options) {
    const [windows, time] = batch.inputs.shape as [number, number];
    const { gateLayers, gateWidth, slope } = arch;
    const cells = cellsOf(arch.blocks);
    const taps = new Map<string, Tensor>();
    const dropping = options.training && arch.dropout > 0;
    return applyNet(t, arch.layers, p, batch, embedded(t, p, batch), taps, (layer, x) => {
      const at = (part: string) => p.get(`layers.${layer}.${part}`)!;
      const width = gateLayers === 0 ? cells : gateWidth;
      const projected = dense(t, x, at("x.weight"), at(gateLayers === 0 ? "bias" : "x.bias"));
      const xproj = view(t, projected, [windows, time, 4, width]);
      const [h, gates, , acts] =
        gateLayers === 0
          ? t.call(lstmOp, [xproj, at("h.weight")], {})
          : t.call(
              hLstm,
              [
                xproj,
                at("h.weight"),
                at("gates.weight"),
                at("bias"),
                ...(gateLayers > 1 ? [at("inner.weight"), at("inner.bias")] : []),
                ...(dropping ? [t.control] : []),
              ],
              { layers: gateLayers, slope, site: dropping ? layer : null },
            );
      if (options.taps) {
        taps.set(`layers.${layer}.gates`, windowRow(t, gates!));
        taps.set(`layers.${layer}.h`, view(t, h!, [windows * time, cells]));
        // [L, 4, B, T, G] of the one window that is looked at.
        if (gateLayers > 0 && windows === 1) {
          taps.set(`layers.${layer}.hidden`, view(t, acts!, [gateLayers, 4, time, width]));
        }
      }
      return view(t, h!, [windows * time, cells]);
    });
  },

  /** grow-prune §1.4: 2 · 4[(D + H)G + (L − 1)G² + GH] a layer. */
  flops(arch, data) {
    if (arch.gateLayers === 0) return lstm.flops(plainOf(arch), data);
    const cells = cellsOf(arch.blocks);
    const { gateLayers, gateWidth: width } = arch;
    const inputs = arch.embed + (arch.layers - 1) * cells;
    const inner = (gateLayers - 1) * width * width;
    const perLayer = 2 * cells * width + inner;
    const executed = 8 * (inputs * width + arch.layers * perLayer) + 2 * cells * data.vocab;
    return { executed, active: executed };
  },

  units: cellUnits,

  check: (arch, data) => lstm.check(plainOf(arch), data),

  anatomy: (arch, data) =>
    arch.gateLayers === 0
      ? lstm.anatomy(plainOf(arch), data)
      : hlstmAnatomy(arch, data, (grown) => params({ ...arch, blocks: grown }, data)),

  describe(arch) {
    const { gateLayers, gateWidth, slope } = arch;
    const plain = lstm.describe(plainOf(arch));
    if (gateLayers === 0) return `${plain}, plain gates`;
    const units = slope > 0 ? "leaky ReLUs" : "ReLUs";
    const many = gateLayers === 1 ? "1 layer" : `${gateLayers} layers`;
    return `${plain}, ${many} of ${gateWidth} ${units} a gate`;
  },
};
