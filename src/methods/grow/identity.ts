/**
 * Identity depth (Net2DeeperNet's idea, arXiv 1511.05641 §2.2, in the form transformers allow; transformer-growth §2.3):
 * new layers whose two output projections are zero. In a pre-LN network such a layer adds nothing to the trunk, so the
 * function is the same; the projections get gradient at once, the rest of the layer one update later.
 */
import { sizeOf } from "../../engine/layout.ts";
import type { ParamSpec, Tensor, Trace } from "../../engine/types.ts";
import { initial } from "../../random/init.ts";
import type { EventKey, GrowMethod } from "../types.ts";
import { blockId, depthOf, isDeep, isPostNorm, mapLayers, renamed, SILENT } from "./depth.ts";
import { deeperFeeds } from "./feeds.ts";
import { between, eventDraw, filled, normal } from "./tools.ts";

const schema = {
  count: { kind: "int", label: "New layers", default: 1, min: 1, max: 11, unit: "layers" },
  position: {
    kind: "choice",
    label: "Where",
    default: "top",
    options: ["top", "middle", "bottom"],
  },
  others: {
    kind: "choice",
    label: "Other weights",
    help: "What a new layer holds besides its zero projections: a copy of a trained layer, or a fresh start.",
    default: "copy",
    options: ["copy", "fresh"],
  },
  slots: {
    kind: "choice",
    label: "Optimizer state",
    help: "Reset: moments start at 0. Carry: trained layers keep theirs.",
    default: "reset",
    options: ["reset", "carry"],
  },
} as const;

/** For each layer of the target: its source, or null where it is new. */
function sourcesOf(from: number, to: number, position: string): (number | null)[] {
  const start = { bottom: 0, middle: Math.floor(from / 2) }[position] ?? from;
  const old = Array.from({ length: from }, (_, m) => m);
  return [...old.slice(0, start), ...new Array<null>(to - from).fill(null), ...old.slice(start)];
}

/** The layer that new layer m copies: the map `stack`, counted over the new ones. */
function copiedBy(sources: readonly (number | null)[], layer: number): number {
  const born = sources.slice(0, layer).filter((source) => source === null).length;
  return born % sources.filter((source) => source !== null).length;
}

export const identity: GrowMethod<typeof schema> = {
  kind: "grow",
  id: "identity",
  label: "Identity layers",
  summary: "Adds layers that at first change nothing: their output projections start at zero.",
  schema,
  paper: {
    title: "Net2Net: Accelerating Learning via Knowledge Transfer",
    authors: "Chen, Goodfellow, Shlens",
    year: 2016,
    arxiv: "1511.05641",
  },
  applies: isDeep,

  next(_model, arch, c) {
    const { layers, maxLayers } = depthOf(arch);
    if (layers >= maxLayers) return null;
    const target = layers + c.count;
    return target > maxLayers
      ? `Not grown: this makes ${target} layers, the config allows ${maxLayers}. Training goes on.`
      : { ...arch, layers: target };
  },

  map(t, from, to, old, c, key) {
    const sources = sourcesOf(depthOf(from.arch).layers, depthOf(to.arch).layers, c.position);
    return mapLayers(to, old, sources, (spec) => {
      if (SILENT.test(spec.path)) return filled(t, spec.shape, 0, "f32");
      return c.others === "fresh"
        ? fresh(t, spec, key)
        : old.get(renamed(spec.path, copiedBy(sources, spec.layer!)))!;
    });
  },

  slots: (c) => (c.slots === "carry" ? "carry" : "reset"),

  carry(t, from, to, old, c, fill) {
    const sources = sourcesOf(depthOf(from.arch).layers, depthOf(to.arch).layers, c.position);
    const { dtype } = old.get(from.specs[0]!.path)!;
    return mapLayers(to, old, sources, (spec) => filled(t, spec.shape, fill, dtype));
  },

  preserving: (_c, from) => !isPostNorm(from.arch),

  /** New layers are fed by nothing: what they hold is silent at first. */
  feeds: (from, to, c) =>
    deeperFeeds(from, sourcesOf(depthOf(from.arch).layers, depthOf(to.arch).layers, c.position)),

  copies(from, to, c) {
    if (c.others === "fresh") return {};
    const sources = sourcesOf(depthOf(from.arch).layers, depthOf(to.arch).layers, c.position);
    return Object.fromEntries(
      sources.flatMap((source, m) =>
        source === null ? [[blockId(m), blockId(sources.indexOf(copiedBy(sources, m)))]] : [],
      ),
    );
  },
};

/** A parameter as a new model would start it. */
function fresh(t: Trace, spec: ParamSpec, key: EventKey): Tensor {
  const { shape, init } = spec;
  const name = eventDraw(key, spec.path);
  if (init.law === "normal") return normal(t, shape, init.scale, name);
  if (init.law === "uniform") return between(t, shape, init.scale, name);
  return t.constant({ shape, dtype: "f32" }, initial(init, sizeOf(shape), name));
}
