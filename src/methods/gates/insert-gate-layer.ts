/**
 * One hidden layer more inside every gate (grow-prune §5.2), between what W reads now (width w) and W itself.
 *
 * Paired identity, which keeps the function: U_new = [I; −I] of 2w rows, d = 0, W' = [W, −W] / (1 + s). Exact for every
 * slope, because φ(z) − φ(−z) = (1 + s) z. Of U_new only the 2w entries of its two diagonals are active, all others are
 * dormant, for connection growth to fill in. W' is parametrised anew: its moments start at 0, its age at 1.
 *
 * Random: a fresh layer of any width, active throughout, and a fresh W. The output changes.
 *
 * All hidden layers of the model are of one width. Where an older layer (or the new one) is narrower than that, what is
 * left of it is dormant and reads and feeds nothing: the function and the counts are those of layers of unlike width.
 */
import type { Schema, Values } from "../../config/schema.ts";
import { markAges } from "../../engine/ops/ages.ts";
import { pad } from "../../engine/ops/layout.ts";
import { reshape } from "../../engine/ops/reshape.ts";
import type { DType, ParamSpec, Params, Tensor, Trace } from "../../engine/types.ts";
import { type HLstmArch, MOST_GATE_LAYERS, MOST_WIDTH } from "../../models/hlstm.ts";
import { cellsOf } from "../../models/layers/blocks.ts";
import type { Model } from "../../models/types.ts";
import { between, cut, eventDraw, filled, join, scaleColumns } from "../grow/tools.ts";
import type { EventKey, Side, StructureMethod, StructureState } from "../types.ts";
import { mayGrow } from "./phase.ts";

const schema = {
  how: {
    kind: "choice",
    label: "How",
    help: "Paired: two units for each number that the gates read now, so that the function stays. Random: a fresh layer.",
    default: "paired",
    options: ["paired", "random"],
  },
  width: {
    kind: "int",
    label: "Width",
    symbol: "G",
    help: "0: paired takes what it needs, random takes as many units as there are cells, or as older layers have.",
    default: 0,
    min: 0,
    max: MOST_WIDTH,
    unit: "units",
  },
} as const satisfies Schema;

type Choice = Values<typeof schema>;

const NOT = "Not inserted";

/** w of each stacked layer: how many numbers W reads there. */
function widths({ arch }: Side): readonly number[] {
  const { blocks, embed, layers, gateLayers, gateWidth } = arch as unknown as HLstmArch;
  const cells = cellsOf(blocks);
  return Array.from({ length: layers }, (_, k) =>
    gateLayers > 0 ? gateWidth : (k === 0 ? embed : cells) + cells,
  );
}

/** Units of the new layer, or why there is none. */
function widthOf(model: Model, at: Side, c: Choice): number | string {
  const { blocks, gateLayers, gateWidth } = at.arch as unknown as HLstmArch;
  const may = mayGrow(model, at.arch, NOT);
  if (may !== true) return may;
  if (gateLayers >= MOST_GATE_LAYERS) {
    return `${NOT}: the gates have ${MOST_GATE_LAYERS} hidden layers, the most there can be.`;
  }
  if (c.how === "random") {
    return c.width || (gateLayers > 0 ? gateWidth : cellsOf(blocks));
  }
  const needed = 2 * Math.max(...widths(at));
  if (c.width !== 0 && c.width !== needed) {
    return `${NOT}: it needs width ${needed} to preserve the function. Choose ${needed} or 0, or random insertion, which takes any width and does not preserve it.`;
  }
  if (needed > MOST_WIDTH) {
    return `${NOT}: it needs width ${needed} to preserve the function, and ${MOST_WIDTH} are the most. Random insertion takes any width and does not preserve it.`;
  }
  return needed;
}

export const insertGateLayer: StructureMethod<typeof schema> = {
  kind: "structure",
  does: "insert",
  id: "insert-gate-layer",
  label: "Insert gate layer",
  summary: "Adds a hidden layer inside every gate; paired units make it pass on exactly what it is told.",
  schema,
  paper: {
    title: "Grow and Prune Compact, Fast, and Accurate LSTMs",
    authors: "Dai, Yin, Jha",
    year: 2020,
    arxiv: "1805.11797",
  },
  applies: (model) => "gateLayers" in model.schema || `not for ${model.label}`,

  can(model, at, c) {
    const width = widthOf(model, at, c);
    return typeof width === "string" ? width : true;
  },

  async plan(at, c) {
    const { from, model, key } = at;
    const width = widthOf(model, from, c);
    if (typeof width === "string") return width;
    const { gateLayers, gateWidth } = from.arch as unknown as HLstmArch;
    const arch = {
      ...from.arch,
      gateLayers: gateLayers + 1,
      gateWidth: gateLayers > 0 ? Math.max(gateWidth, width) : width,
    };
    return {
      arch,
      preserving: c.how === "paired",
      figures: { width },
      change: (t, old, to) => {
        const made = (part: Part) => inserted(t, { part, from, to, width, how: c.how, key });
        return {
          params: made({ what: "weights", at: old.params }),
          slots: old.slots.map((slot) => made({ what: "slots", at: slot })),
          age: made({ what: "ages", at: old.age }),
        };
      },
    };
  },
};

/** What of the state is being rewritten, and how it stood. */
interface Part {
  readonly what: "weights" | "slots" | "ages";
  readonly at: StructureState["params"];
}

interface Insertion {
  readonly part: Part;
  readonly from: Side;
  readonly to: Side;
  /** Units of the new layer. */
  readonly width: number;
  readonly how: string;
  readonly key: EventKey;
}

/** Every parameter of `to`: weights, one optimizer slot or ages. */
function inserted(t: Trace, given: Insertion): Params {
  const { part, from, to } = given;
  const out = new Map<string, Tensor>();
  for (const spec of to.specs) if (spec.layer === undefined) out.set(spec.path, part.at.get(spec.path)!);
  widths(from).forEach((told, layer) => {
    for (const [path, value] of insertedLayer(t, given, layer, told)) out.set(path, value);
  });
  return out;
}

/** One stacked layer. `told`: the numbers that W read, w. */
function insertedLayer(t: Trace, given: Insertion, layer: number, told: number): Map<string, Tensor> {
  const { part, from, to, width, how, key } = given;
  const { what, at } = part;
  const { gateLayers, slope } = from.arch as unknown as HLstmArch;
  const name = (short: string) => `layers.${layer}.${short}`;
  const was = (short: string) => at.get(name(short))!;
  const spec = (short: string): ParamSpec => to.specs.find(({ path }) => path === name(short))!;
  const sized = (short: string, x: Tensor) => padded(t, x, spec(short).shape);
  const dtype: DType = what === "ages" ? "u32" : "f32";
  const nothing = (shape: readonly number[]) => filled(t, shape, 0, dtype);
  const units = how === "paired" ? 2 * told : width;

  /** U_new [4, units, w]. */
  const fresh = (): Tensor => {
    const shape = [4, units, told];
    if (what === "slots") return nothing(shape);
    if (how === "paired") return join(t, new Array<Tensor>(4).fill(paired(t, told, dtype)), 0);
    if (what === "ages") return filled(t, shape, 1, "u32");
    return between(t, shape, Math.sqrt(6 / told), eventDraw(key, name("inserted")));
  };
  /** W' [4, H, units] from what W was, [4, H, w]. */
  const last = (w: Tensor): Tensor => {
    const shape = [4, w.shape[1]!, units];
    if (what === "slots") return nothing(shape);
    if (how === "random") {
      if (what === "ages") return filled(t, shape, 1, "u32");
      return between(t, shape, 1 / Math.sqrt(units), eventDraw(key, name("gates.weight")));
    }
    if (what === "ages") {
      const renewed = t.call(markAges, [w], { how: "renew" })[0]!;
      return join(t, [renewed, renewed], 2);
    }
    const half = new Array<number>(told).fill(1 / (1 + slope));
    return scaleColumns(t, join(t, [w, w], 2), [...half, ...half.map((v) => -v)]);
  };

  const out = new Map<string, Tensor>([[name("bias"), was("bias")]]);
  const put = (short: string, x: Tensor) => out.set(name(short), sized(short, x));
  // Biases are connections of no kind: those of units that are there are active, at 0.
  const noBias = (shape: readonly number[]) => filled(t, shape, what === "ages" ? 1 : 0, dtype);
  if (gateLayers === 0) {
    const [x, h] = [was("x.weight"), was("h.weight")];
    const u = fresh();
    const inputs = x.shape[2]!;
    put("x.weight", cut(t, u, 2, 0, inputs)!);
    put("h.weight", cut(t, u, 2, inputs, told)!);
    put("x.bias", noBias([4, units]));
    put("gates.weight", last(join(t, [x, h], 2)));
    return out;
  }
  for (const short of ["x.weight", "h.weight", "x.bias"]) put(short, was(short));
  const [, , g] = spec("inner.bias").shape as [number, number, number];
  const older = (short: string, shape: readonly number[]): Tensor | null =>
    gateLayers > 1 ? padded(t, was(short), [gateLayers - 1, ...shape]) : null;
  const one = (x: Tensor, shape: readonly number[]) =>
    t.call(reshape, [padded(t, x, shape)], { shape: [1, ...shape] })[0]!;
  out.set(name("inner.weight"), join(t, [older("inner.weight", [4, g, g]), one(fresh(), [4, g, g])], 0));
  out.set(name("inner.bias"), join(t, [older("inner.bias", [4, g]), one(noBias([4, units]), [4, g])], 0));
  put("gates.weight", last(was("gates.weight")));
  return out;
}

/** x with zeros behind it on every axis that is longer in `shape`; leading axes must match. */
function padded(t: Trace, x: Tensor, shape: readonly number[]): Tensor {
  const after = shape.map((d, k) => d - x.shape[k]!);
  if (after.every((n) => n === 0)) return x;
  return t.call(pad, [x], { before: shape.map(() => 0), after, value: 0 })[0]!;
}

/** [I; −I] of one gate, [1, 2w, w], or which of its entries are active. */
function paired(t: Trace, told: number, dtype: DType): Tensor {
  const values = new Float32Array(2 * told * told);
  for (let i = 0; i < told; i++) {
    values[i * told + i] = 1;
    values[(told + i) * told + i] = dtype === "u32" ? 1 : -1;
  }
  return t.constant({ shape: [1, 2 * told, told], dtype }, values);
}
