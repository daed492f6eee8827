/**
 * Neuron growth, the second policy of NeST (Dai, Yin, Jha; grow-prune §3.4): a newborn stands between the two units, one
 * below and one above its layer, that would gain most from being connected. It reads and is read only where the bridging
 * gradient says so; see bridging.ts. Where several pairs share a newborn the loss can rise: then its strength is halved.
 */
import { check, objectType, shapeOf } from "../../config/check.ts";
import type { Schema, Values } from "../../config/schema.ts";
import type { ParamSpec, Params, Tensor, Trace } from "../../engine/types.ts";
import type { Model } from "../../models/types.ts";
import { NEST } from "../papers.ts";
import { take } from "../prune/amounts.ts";
import { regionsOf } from "../target.ts";
import type { Side, StructureAt, StructureMethod, StructurePlan } from "../types.ts";
import {
  BRIDGE_PAIRS,
  birth,
  bridging,
  type Layer,
  layersOf,
  nz,
  sign,
  sizes,
  strengthened,
} from "./bridging.ts";
import { between, eventDraw, join } from "./tools.ts";

const schema = {
  target: {
    kind: "path",
    label: "Layer",
    help: "The layer that gains a unit. Empty: each hidden layer gains one.",
    default: "",
  },
  share: {
    kind: "float",
    label: "Pairs",
    symbol: "β",
    help: "Share of all pairs of a unit below and a unit above that the newborn joins.",
    default: 0.005,
    min: 0.00001,
    max: 1,
  },
  most: {
    kind: "int",
    label: "At most",
    help: "The share may mean fewer pairs, never more.",
    default: BRIDGE_PAIRS,
    min: 1,
    max: 100_000,
    unit: "pairs",
  },
  strength: {
    kind: "float",
    label: "Birth strength",
    symbol: "α",
    help: "Mean size of the newborn's weights, as a share of its neighbours'.",
    default: 0.3,
    min: 0.001,
    max: 10,
  },
  signs: {
    kind: "choice",
    label: "Signs",
    help: "paper: each pair's at random. rectified: the newborn reads positively, so it is alive behind rectifiers. auto: that, where it helps.",
    default: "auto",
    options: ["auto", "paper", "rectified"],
  },
  backtrack: {
    kind: "flag",
    label: "Halve while the loss rises",
    help: "Up to six times, judged on the probe batch.",
    default: true,
  },
} as const satisfies Schema;

type Choice = Values<typeof schema>;

const not = (why: string): string => `Not grown: ${why}.`;

/** Halvings of α before the last birth is kept as it is. */
const HALVINGS = 6;

export const neurons: StructureMethod<typeof schema> = {
  kind: "structure",
  does: "grow",
  id: "neurons",
  label: "Grow neurons",
  summary: "Adds a unit where a connection past its layer would lower the loss most.",
  schema,
  paper: NEST,
  applies: (model) =>
    (model.bridges !== undefined && model.units !== undefined) ||
    `not for ${model.label}: no gradient leads past one layer of its units`,
  can(model, from, c) {
    const chosen = chosenLayers(model, from, c.target);
    if (typeof chosen === "string") return chosen;
    const grown = check(objectType(shapeOf(model.schema)), archOf(model, from, chosen));
    return grown.ok || not(grown.message);
  },
  plan: planNeurons,
};

/** The layers that gain a unit, or the sentence why none does. */
function chosenLayers(model: Model, from: Side, target: string): readonly Layer[] | string {
  const layers = layersOf(model, from);
  if (layers.length === 0) return not("there is no hidden layer");
  const regions = regionsOf(model, from, target);
  if (typeof regions === "string") return not(regions);
  const chosen = layers.filter(({ maker }) => regions.some(({ spec }) => spec === maker));
  return chosen.length > 0 ? chosen : not(`"${target}" makes no hidden units that are fully connected`);
}

function archOf(model: Model, from: Side, layers: readonly Layer[]): Values {
  const { axes, resized } = model.units!(from.arch, from.data);
  const grown = new Set(layers.map(({ axis }) => axis));
  return resized(
    new Map(axes.map(({ axis, groups }) => [axis, grown.has(axis) ? [groups[0]! + 1] : groups])),
  );
}

/** What a newborn reads and is read by, before its strength; and nz of the matrices it joins. */
interface Newborn extends Layer {
  readonly reads: readonly number[];
  readonly readBy: readonly number[];
  readonly nzMaker: number;
  readonly nzReader: number;
  readonly pairs: number;
}

async function planNeurons(at: StructureAt, c: Choice): Promise<StructurePlan | string> {
  const chosen = chosenLayers(at.model, at.from, c.target);
  if (typeof chosen === "string") return chosen;
  const pairsOf = ({ shape }: Tensor) => Math.min(take(c.share, shape[0]! * shape[1]!), c.most);
  const pairs: number[] = [];
  const seen = await at.look((t, old) => {
    const bridges = bridging(t, at.model, at.from, old.params, old.batch(), chosen);
    return Object.fromEntries(
      chosen.flatMap(({ axis, maker, reader }, i) => {
        const bridge = bridges.get(axis)!;
        pairs[i] = pairsOf(bridge);
        const { reads, readBy } = birth(t, bridge, pairs[i]!, signsOf(t, at, c, chosen[i]!, bridge));
        const [makerSum, makerCount] = sizes(t, old.params.get(maker.path)!);
        const [readerSum, readerCount] = sizes(t, old.params.get(reader.path)!);
        return Object.entries({ reads, readBy, makerSum, makerCount, readerSum, readerCount }).map(
          ([name, x]) => [`${name}${i}`, x] as const,
        );
      }),
    );
  });
  const newborns = chosen.map((layer, i): Newborn => {
    const mean = (what: string) => (seen[`${what}Sum${i}`]![0] ?? 0) / (seen[`${what}Count${i}`]![0] || 1);
    return {
      ...layer,
      reads: [...seen[`reads${i}`]!],
      readBy: [...seen[`readBy${i}`]!],
      nzMaker: mean("maker"),
      nzReader: mean("reader"),
      pairs: pairs[i]!,
    };
  });
  const unborn = newborns.find(
    (n) => nz(n.reads) === 0 || nz(n.readBy) === 0 || n.nzMaker === 0 || n.nzReader === 0,
  );
  if (unborn !== undefined) {
    const zero = unborn.nzMaker === 0 || unborn.nzReader === 0;
    const why = zero ? "all weights beside it are 0" : "the bridging gradient is 0, or its pairs cancel";
    return not(`no unit can be born in ${unborn.maker.path.replace(/\.weight$/, "")}: ${why}`);
  }
  return planOf(at, c, newborns, c.strength, 0);
}

/** ε of each pair: null is sgn B. */
function signsOf(
  t: Trace,
  at: StructureAt,
  c: Choice,
  { axis, maker }: Layer,
  bridge: Tensor,
): Tensor | null {
  const { activation } = at.from.arch as { readonly activation?: string };
  // What rectifiers give is never negative; a normalised image is.
  const fromImage = maker.axes.includes("pixels");
  const rectified = (activation === "relu" || activation === "leaky-relu") && !fromImage;
  if (c.signs === "rectified" || (c.signs === "auto" && rectified)) return null;
  return sign(t, between(t, bridge.shape, 1, eventDraw(at.key, `${axis} signs`)));
}

function planOf(
  at: StructureAt,
  c: Choice,
  newborns: readonly Newborn[],
  alpha: number,
  halvings: number,
): StructurePlan {
  const grown = newborns.map((n) => ({
    ...n,
    reads: strengthened(n.reads, alpha, n.nzMaker),
    readBy: strengthened(n.readBy, alpha, n.nzReader),
  }));
  const { specs } = at.from;
  const plan: StructurePlan = {
    arch: archOf(at.model, at.from, newborns),
    preserving: false,
    change: (t, old) => {
      const made = (what: What, state: Params) => widened(t, what, specs, state, grown);
      return {
        params: made("weights", old.params),
        slots: old.slots.map((slot) => made("slots", slot)),
        age: made("ages", old.age),
      };
    },
    figures: {
      units: newborns.length,
      pairs: newborns.reduce((n, { pairs }) => n + pairs, 0),
      strength: alpha,
      halvings,
    },
  };
  if (!c.backtrack) return plan;
  return {
    ...plan,
    judge({ lossBefore, lossAfter }) {
      if (lossAfter <= lossBefore) return true;
      if (halvings < HALVINGS) return planOf(at, c, newborns, alpha / 2, halvings + 1);
      return { ...plan, notes: [`The loss rises even at a birth strength of ${alpha}.`] };
    },
  };
}

type What = "weights" | "slots" | "ages";

/** Every parameter with the rows, columns and bias entries of the newborns at the end of their axes. */
function widened(
  t: Trace,
  what: What,
  specs: readonly ParamSpec[],
  state: Params,
  newborns: readonly Newborn[],
): Params {
  const valued = (values: readonly number[]): readonly number[] => {
    if (what === "slots") return values.map(() => 0);
    return what === "ages" ? values.map((v) => (v === 0 ? 0 : 1)) : values;
  };
  const out = new Map<string, Tensor>();
  for (const spec of specs) {
    let x = state.get(spec.path)!;
    // Columns before rows: a newborn reads no newborn of the layer below.
    for (let axis = spec.axes.length - 1; axis >= 0; axis--) {
      const newborn = newborns.find((one) => one.axis === spec.axes[axis]);
      if (newborn === undefined) continue;
      const shape = x.shape.map((d, k) => (k === axis ? 1 : d));
      const values = shape.length === 1 ? [0] : spec === newborn.reader ? newborn.readBy : newborn.reads;
      // The bias of a unit is there from the start.
      const line = shape.length === 1 ? [what === "ages" ? 1 : 0] : padded(valued(values), shape);
      x = join(t, [x, t.constant({ shape, dtype: x.dtype }, line)], axis);
    }
    out.set(spec.path, x);
  }
  return out;
}

/** As many values as the shape has, with zeros for what was born in the same event. */
const padded = (values: readonly number[], shape: readonly number[]): readonly number[] => {
  const count = shape.reduce((n, d) => n * d, 1);
  return Array.from({ length: count }, (_, i) => values[i] ?? 0);
};
