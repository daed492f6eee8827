/**
 * Adding layers (transformer-growth §2.3). A depth map says for each layer of the target which layer of the source it
 * is; everything outside the layers stays. Any model whose layers are named `blocks.<i>.…` and are counted by its
 * `growth.depth` field can grow so.
 */
import type { Values } from "../../config/schema.ts";
import type { ParamSpec, Params, Tensor, Trace } from "../../engine/types.ts";
import type { Model } from "../../models/types.ts";
import type { Side } from "../types.ts";
import { filled } from "./tools.ts";

/** Maps that a rule makes; `manual` is any list of a person's. */
export const RULES = ["stack", "interpolate", "bert2bert", "appendTop"] as const;
export const DEPTH_MAPS = [...RULES, "identity", "manual"] as const;
export type DepthMapName = (typeof DEPTH_MAPS)[number];

/** src(m) for m = 0 … L2−1. `identity`: as `stack`, but what is added adds nothing at first (see `deepen`). */
export function depthMap(
  name: DepthMapName,
  from: number,
  to: number,
  sources: readonly number[] = [],
): readonly number[] {
  if (name === "manual") return sources.map((source) => source - 1);
  const whole = Math.floor(to / from) * from;
  const layer: Record<Exclude<DepthMapName, "manual">, (m: number) => number> = {
    stack: (m) => m % from,
    interpolate: (m) => Math.floor((m * from) / to),
    // ⌊L2/L1⌋ whole copies, then the top layers, not the bottom ones.
    bert2bert: (m) => (m < whole ? m % from : m - to + from),
    appendTop: (m) => Math.min(m, from - 1),
    identity: (m) => m % from,
  };
  return Array.from({ length: to }, (_, m) => layer[name](m));
}

export const isDeep = (model: Model): true | string =>
  model.growth.depth === "layers" || `not for ${model.label}`;

/** The depth of a side, and the most its config allows. */
export const depthOf = (arch: Values): { readonly layers: number; readonly maxLayers: number } =>
  arch as unknown as { layers: number; maxLayers: number };

export const blockId = (layer: number): string => `blocks.${layer}`;

/** Behind a norm each arm's sum is normed again, so that a silent layer is no identity (post-LN). */
export const isPostNorm = (arch: Values): boolean => arch.norm === "post";

/**
 * Every parameter of `to`: those of layer m from layer `sources[m]`, or from `newborn` where that is null; the others
 * from their own name.
 */
export function mapLayers(
  to: Side,
  old: Params,
  sources: readonly (number | null)[],
  newborn: (spec: ParamSpec) => Tensor,
): Params {
  return new Map(
    to.specs.map((spec): [string, Tensor] => {
      if (spec.layer === undefined) return [spec.path, old.get(spec.path)!];
      const source = sources[spec.layer]!;
      return [spec.path, source === null ? newborn(spec) : old.get(renamed(spec.path, source))!];
    }),
  );
}

/** The path of the same parameter in another layer. */
export const renamed = (path: string, layer: number): string => path.replace(/^blocks\.\d+/, blockId(layer));

/** The parameters that are zero in a new layer of an identity: WO, bO, WOUT, bOUT. */
export const SILENT = /\.(attn\.out|mlp\.proj)\.(weight|bias)$/;

/** Every parameter of `to` from `old` of its width, by a map; under `identity` the layers added are silent. */
export function deepen(
  t: Trace,
  to: Side,
  old: Params,
  name: DepthMapName,
  map: readonly number[],
  layers: number,
  value = 0,
): Params {
  const copied = mapLayers(to, old, map, () => {
    throw new Error("a depth map left a layer without a source");
  });
  if (name !== "identity") return copied;
  const silent = to.specs.filter(({ path, layer = 0 }) => layer >= layers && SILENT.test(path));
  return new Map([
    ...copied,
    ...silent.map(
      ({ path, shape }) => [path, filled(t, shape, value, old.get(to.specs[0]!.path)!.dtype)] as const,
    ),
  ]);
}

/** The first layer that is a copy of a source counts as that source; the later ones are newborn. */
export const copiesOf = (map: readonly number[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    map.flatMap((source, m) => {
      const first = map.indexOf(source);
      return first === m ? [] : [[blockId(m), blockId(first)]];
    }),
  );

/** Layers afterwards, or a clause saying why this map cannot make them. `asked`: 0 doubles. */
export function nextDepth(
  { layers, maxLayers }: { readonly layers: number; readonly maxLayers: number },
  name: string,
  asked: number,
  sources: readonly number[],
): number | string {
  if (name === "manual") {
    if (sources.length === 0) return "a manual map needs a source layer for each layer afterwards";
    const wrong = sources.findIndex((source) => source > layers);
    if (wrong >= 0) {
      return `entry ${wrong + 1} of the manual map is layer ${sources[wrong]}, and there are ${layers}`;
    }
  }
  const target = name === "manual" ? sources.length : asked === 0 ? 2 * layers : asked;
  if (target < layers)
    return `${plural(target)} is fewer than the ${layers} there are; growth only adds, pruning takes away`;
  if (target > maxLayers) return `this makes ${plural(target)}, the config allows ${maxLayers}`;
  if (name === "stack" && !isDoubling(layers, target)) {
    return `stacking doubles, and ${target} is not ${layers} doubled; the other layer maps can`;
  }
  return target;
}

export const plural = (layers: number): string => `${layers} ${layers === 1 ? "layer" : "layers"}`;

/** L1·2ˢ. */
const isDoubling = (from: number, to: number): boolean => Number.isInteger(Math.log2(to / from));

/** Fields of a depth map, for the schemas of the methods that deepen. */
export const DEPTH_FIELDS = {
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
  sources: {
    kind: "list",
    of: "int",
    label: "Sources by hand",
    help: "For the map manual: which layer each layer afterwards copies, the lowest first, counted from 1.",
    default: [],
    min: 1,
    max: 12,
    minLength: 0,
    maxLength: 12,
  },
} as const;
