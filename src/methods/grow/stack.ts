/**
 * Progressive stacking (StackBERT, Algorithm 1; transformer-growth §3.2): train shallow, then copy the trained layers on
 * top of themselves. The loss jumps and is soon paid back; the early steps were cheap. Weights are copied, not shared.
 */
import type { GrowMethod } from "../types.ts";
import { blockId, DEPTH_MAPS, type DepthMapName, depthMap, depthOf, isDeep, mapLayers } from "./depth.ts";

const schema = {
  map: {
    kind: "choice",
    label: "Layer map",
    help: "Which trained layer each layer of the deeper network copies.",
    default: "stack",
    options: DEPTH_MAPS,
  },
  to: {
    kind: "int",
    label: "Layers afterwards",
    help: "0 doubles.",
    default: 0,
    min: 0,
    max: 12,
    unit: "layers",
  },
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

const sourcesOf = (from: number, to: number, map: string) => depthMap(map as DepthMapName, from, to);

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
    const { layers, maxLayers } = depthOf(arch);
    if (layers >= maxLayers) return null;
    const target = c.to === 0 ? 2 * layers : c.to;
    const refuse = (reason: string) => `Not grown: ${reason}. Training goes on.`;
    if (target === layers) return refuse(`the network already has ${plural(layers)}`);
    if (target < layers) return refuse(`${plural(target)} is fewer than the ${layers} there are`);
    if (target > maxLayers) return refuse(`this makes ${plural(target)}, the config allows ${maxLayers}`);
    if (c.map === "stack" && !isDoubling(layers, target)) {
      return refuse(`stacking doubles, and ${target} is not ${layers} doubled; the other layer maps can`);
    }
    return { ...arch, layers: target };
  },

  map(_t, from, to, old, c) {
    const sources = sourcesOf(depthOf(from.arch).layers, depthOf(to.arch).layers, c.map);
    return mapLayers(to, old, sources, noNewborn);
  },

  slots: (c) => (c.slots === "carry" ? "carry" : "reset"),
  rewarm: (c) => c.rewarm,

  carry(_t, from, to, old, c) {
    const sources = sourcesOf(depthOf(from.arch).layers, depthOf(to.arch).layers, c.map);
    return mapLayers(to, old, sources, noNewborn);
  },

  preserving: () => false,

  /** The first layer that is a copy of a source counts as that source; the later ones are newborn. */
  copies(from, to, c) {
    const sources = sourcesOf(depthOf(from.arch).layers, depthOf(to.arch).layers, c.map);
    return Object.fromEntries(
      sources.flatMap((source, m) => {
        const first = sources.indexOf(source);
        return first === m ? [] : [[blockId(m), blockId(first)]];
      }),
    );
  },
};

const plural = (layers: number): string => `${layers} ${layers === 1 ? "layer" : "layers"}`;

/** L1·2ˢ with s ≥ 1. */
const isDoubling = (from: number, to: number): boolean => Number.isInteger(Math.log2(to / from));

function noNewborn(): never {
  throw new Error("a depth map left a layer without a source");
}
