/**
 * Adding layers (transformer-growth §2.3). A depth map says for each layer of the target which layer of the source it
 * is; everything outside the layers stays. Any model whose layers are named `blocks.<i>.…` and are counted by its
 * `growth.depth` field can grow so.
 */
import type { Values } from "../../config/schema.ts";
import type { ParamSpec, Params, Tensor } from "../../engine/types.ts";
import type { Model } from "../../models/types.ts";
import type { Side } from "../types.ts";

export const DEPTH_MAPS = ["stack", "interpolate", "bert2bert", "appendTop"] as const;
export type DepthMapName = (typeof DEPTH_MAPS)[number];

/** src(m) for m = 0 … L2−1. */
export function depthMap(name: DepthMapName, from: number, to: number): readonly number[] {
  const whole = Math.floor(to / from) * from;
  const layer: Record<DepthMapName, (m: number) => number> = {
    stack: (m) => m % from,
    interpolate: (m) => Math.floor((m * from) / to),
    // ⌊L2/L1⌋ whole copies, then the top layers, not the bottom ones.
    bert2bert: (m) => (m < whole ? m % from : m - to + from),
    appendTop: (m) => Math.min(m, from - 1),
  };
  return Array.from({ length: to }, (_, m) => layer[name](m));
}

export const isDeep = (model: Model): true | string =>
  model.growth.depth === "layers" || `not for ${model.label}`;

/** The depth of a side, and the most its config allows. */
export const depthOf = (arch: Values): { readonly layers: number; readonly maxLayers: number } =>
  arch as unknown as { layers: number; maxLayers: number };

export const blockId = (layer: number): string => `blocks.${layer}`;

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
