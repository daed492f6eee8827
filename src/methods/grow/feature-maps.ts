/**
 * Feature-map growth, the third policy of NeST (Dai, Yin, Jha; grow-prune §3.5): several newborn maps are drawn, each with
 * the slice of the next layer that reads it, all are tried on the probe batch, and the best one joins the network. All of
 * that is one program: the grown network is run once a candidate, and a few losses are read.
 */
import { check, objectType, shapeOf } from "../../config/check.ts";
import type { Schema, Values } from "../../config/schema.ts";
import { sizeOf } from "../../engine/layout.ts";
import { reduce } from "../../engine/ops/reduce.ts";
import { reshape } from "../../engine/ops/reshape.ts";
import type { ParamSpec, Params, Tensor, Trace } from "../../engine/types.ts";
import type { Model } from "../../models/types.ts";
import { NEST } from "../papers.ts";
import { isConnection, readsFrom, regionsOf } from "../target.ts";
import type { Side, StructureAt, StructureMethod, StructurePlan } from "../types.ts";
import { eventDraw, filled, join, normal } from "./tools.ts";

const schema = {
  target: {
    kind: "path",
    label: "Layer",
    help: "The convolution that gains a map. Empty: each of them gains one.",
    default: "",
  },
  candidates: {
    kind: "int",
    label: "Candidates",
    symbol: "R",
    help: "Newborns that are drawn and tried; the best one stays.",
    default: 8,
    min: 1,
    max: 32,
  },
  strength: {
    kind: "float",
    label: "Birth strength",
    symbol: "α",
    help: "Of the weights by which the next layer reads the newborn, as a share of fresh ones.",
    default: 0.3,
    min: 0.001,
    max: 10,
  },
} as const satisfies Schema;

type Choice = Values<typeof schema>;

const not = (why: string): string => `Not grown: ${why}.`;

export const featureMaps: StructureMethod<typeof schema> = {
  kind: "structure",
  does: "grow",
  id: "feature-maps",
  label: "Grow feature maps",
  summary: "Draws several new feature maps and keeps the one that lowers the loss most.",
  schema,
  paper: NEST,
  applies: (model) => "channels" in model.schema || `not for ${model.label}: it has no feature maps`,
  can(model, from, c) {
    const axes = chosenAxes(model, from, c.target);
    if (typeof axes === "string") return axes;
    const arch = archOf(model, from, axes);
    const grown = check(objectType(shapeOf(model.schema)), arch);
    return grown.ok || not(grown.message);
  },
  plan: planMaps,
};

/** Axes of the maps that gain one, or the sentence why none does. */
function chosenAxes(model: Model, from: Side, target: string): readonly string[] | string {
  const regions = regionsOf(model, from, target);
  if (typeof regions === "string") return not(regions);
  const { axes } = model.units!(from.arch, from.data);
  const made = (axis: string) => regions.some(({ spec }) => isConnection(spec) && spec.axes[0] === axis);
  const chosen = axes.filter(({ map, axis }) => map && made(axis)).map(({ axis }) => axis);
  return chosen.length > 0 ? chosen : not(`"${target}" makes no feature maps`);
}

function archOf(model: Model, from: Side, grown: readonly string[]): Values {
  const { axes, resized } = model.units!(from.arch, from.data);
  return resized(
    new Map(axes.map(({ axis, groups }) => [axis, grown.includes(axis) ? [groups[0]! + 1] : groups])),
  );
}

async function planMaps(at: StructureAt, c: Choice): Promise<StructurePlan | string> {
  const { model, from } = at;
  const axes = chosenAxes(model, from, c.target);
  if (typeof axes === "string") return axes;
  const arch = archOf(model, from, axes);
  const to: Side = { ...from, arch, specs: model.params(arch, from.data) };
  const grown = (t: Trace, what: What, state: Params, candidate: number): Params =>
    widened(t, { what, state, to, axes, strength: c.strength, at, candidate });

  const { losses } = await at.look((t, old) => {
    const batch = old.batch();
    const each = Array.from({ length: c.candidates }, (_, candidate): Tensor => {
      const params = grown(t, "weights", old.params, candidate);
      const applied = model.apply(t, arch, from.data, params, batch, { training: false, taps: false });
      const all = applied.losses!.shape.map((_, k) => k);
      const [mean] = t.call(reduce, [applied.losses!], { axes: all, keepDims: false, how: "mean" });
      return t.call(reshape, [mean!], { shape: [1] })[0]!;
    });
    return { losses: join(t, each, 0) };
  });
  const tried = Array.from(losses, (loss) => (Number.isFinite(loss) ? loss : Number.POSITIVE_INFINITY));
  const best = tried.indexOf(Math.min(...tried));
  const none = not(
    `no candidate helped: of ${c.candidates} the best would change the loss by ${signed(tried[best]! - at.lossBefore)}`,
  );
  if (!(tried[best]! < at.lossBefore)) return none;
  return {
    arch,
    preserving: false,
    change: (t, old) => ({
      params: grown(t, "weights", old.params, best),
      slots: old.slots.map((slot) => grown(t, "slots", slot, best)),
      age: grown(t, "ages", old.age, best),
    }),
    figures: { maps: axes.length, candidates: c.candidates, best: best + 1 },
    judge: ({ lossBefore, lossAfter }) => lossAfter < lossBefore || none,
  };
}

const signed = (x: number): string => `${x < 0 ? "" : "+"}${x.toPrecision(3)}`;

type What = "weights" | "slots" | "ages";

interface Widening {
  readonly what: What;
  readonly state: Params;
  readonly to: Side;
  readonly axes: readonly string[];
  readonly strength: number;
  readonly at: StructureAt;
  readonly candidate: number;
}

/** Every parameter in its new shape: a fresh kernel, a fresh slice that reads it, and what else each map has. */
function widened(t: Trace, given: Widening): Params {
  const { state, to, axes } = given;
  const out = new Map<string, Tensor>();
  for (const spec of to.specs) {
    let x = state.get(spec.path)!;
    // Columns before rows: what a newborn reads of another newborn is part of its own fresh kernel.
    for (let axis = spec.axes.length - 1; axis >= 0; axis--) {
      if (!axes.includes(spec.axes[axis]!)) continue;
      const shape = x.shape.map((d, k) => (k === axis ? 1 : d));
      x = join(t, [x, line(t, given, spec, axis, shape, x)], axis);
    }
    out.set(spec.path, x);
  }
  return out;
}

/** The newborn's entries of one parameter, of this shape. */
function line(
  t: Trace,
  { what, strength, at, candidate }: Widening,
  spec: ParamSpec,
  axis: number,
  shape: readonly number[],
  like: Tensor,
): Tensor {
  if (what !== "weights") return filled(t, shape, what === "ages" ? 1 : 0, like.dtype);
  const { init, path } = spec;
  switch (init.law) {
    case "normal": {
      const scale = init.scale * (axis >= readsFrom(spec) ? strength : 1);
      return normal(t, shape, scale, eventDraw(at.key, `${path} ${axis} candidate ${candidate}`));
    }
    case "constant": {
      // Running mean and variance: those of a fresh norm.
      const size = spec.shape[axis]!;
      const values = init.values.filter((_, i) => i % size === size - 1);
      return t.constant({ shape, dtype: "f32" }, values.slice(0, sizeOf(shape)));
    }
    case "ones":
      return filled(t, shape, 1, "f32");
    default:
      return filled(t, shape, 0, "f32");
  }
}
