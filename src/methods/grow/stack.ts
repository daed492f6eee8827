/**
 * Progressive stacking (StackBERT, Algorithm 1; transformer-growth §3.2): train shallow, then copy the trained layers on
 * top of themselves. The loss jumps and is soon paid back; the early steps were cheap. Weights are copied, not shared.
 */
import type { GrowMethod } from "../types.ts";
import {
  copiesOf,
  DEPTH_FIELDS,
  type DepthMapName,
  deepen,
  depthMap,
  depthOf,
  isDeep,
  isPostNorm,
  mapLayers,
  nextDepth,
  plural,
} from "./depth.ts";
import { deeperFeeds } from "./feeds.ts";
import { filled } from "./tools.ts";

const schema = {
  ...DEPTH_FIELDS,
  slots: {
    kind: "choice",
    label: "Optimizer state",
    help: "Reset: moments start at 0, as in the paper. Carry: each layer's moments are copied with it.",
    default: "reset",
    options: ["reset", "carry"],
  },
  rewarm: {
    kind: "int",
    label: "Warm-up afterwards",
    help: "Updates over which the learning rate rises again after the optimizer was reset. 0: at once.",
    default: 20,
    min: 0,
    max: 1000,
    unit: "steps",
  },
} as const;

type Chosen = { readonly map: string; readonly sources: readonly number[] };

const sourcesOf = (from: number, to: number, { map, sources }: Chosen) =>
  depthMap(map as DepthMapName, from, to, sources);

export const stack: GrowMethod<typeof schema> = {
  kind: "grow",
  id: "stack",
  label: "Stacking",
  summary: "Makes the network deeper by copying its trained layers on top of themselves.",
  schema,
  paper: {
    title: "Efficient Training of BERT by Progressively Stacking",
    authors: "Gong, He, Li, Qin, Wang, Liu",
    year: 2019,
  },
  applies: isDeep,

  next(_model, arch, c) {
    const depth = depthOf(arch);
    if (depth.layers >= depth.maxLayers) return null;
    const target = nextDepth(depth, c.map, c.to, c.sources);
    const wrong = target === depth.layers ? `the network already has ${plural(depth.layers)}` : target;
    return typeof wrong === "string"
      ? `Not grown: ${wrong}. Training goes on.`
      : { ...arch, layers: target as number };
  },

  map(t, from, to, old, c) {
    const { layers } = depthOf(from.arch);
    const sources = sourcesOf(layers, depthOf(to.arch).layers, c);
    return deepen(t, to, old, c.map as DepthMapName, sources, layers);
  },

  slots: (c) => (c.slots === "carry" ? "carry" : "reset"),
  rewarm: (c) => c.rewarm,

  /** Layers that start silent are new ones: they begin with empty moments. */
  carry(t, from, to, old, c, fill) {
    const { layers } = depthOf(from.arch);
    const sources = sourcesOf(layers, depthOf(to.arch).layers, c);
    const { dtype } = old.get(from.specs[0]!.path)!;
    const known = sources.map((source, m) => (c.map === "identity" && m >= layers ? null : source));
    return mapLayers(to, old, known, ({ shape }) => filled(t, shape, fill, dtype));
  },

  preserving: (c, from) => c.map === "identity" && !isPostNorm(from.arch),

  copies: (from, to, c) => copiesOf(sourcesOf(depthOf(from.arch).layers, depthOf(to.arch).layers, c)),

  feeds(from, to, c) {
    const { layers } = depthOf(from.arch);
    const sources = sourcesOf(layers, depthOf(to.arch).layers, c);
    return deeperFeeds(
      from,
      sources.map((source, m) => (c.map === "identity" && m >= layers ? null : source)),
    );
  },
};
