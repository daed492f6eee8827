/**
 * What the methods that widen a transformer share: their settings, the next size in words, the maps of trunk, heads and
 * feed-forward units, and deepening in the same event (the width first, then a depth map over the widened layers).
 */
import type { Values } from "../../config/schema.ts";
import type { ParamSpec, Params, Tensor, Trace } from "../../engine/types.ts";
import type { Model } from "../../models/types.ts";
import type { EventKey, Feeds, Side } from "../types.ts";
import {
  copiesOf,
  DEPTH_FIELDS,
  DEPTH_MAPS,
  type DepthMapName,
  deepen,
  depthMap,
  depthOf,
  isPostNorm,
  nextDepth,
  plural,
} from "./depth.ts";
import { groupFeeds, headSize, layerFeeds } from "./feeds.ts";
import { eventDraw, filled, join, pick } from "./tools.ts";
import { drawnMap, exactMap, isIdentity, mapOf, SYMMETRY, scaledEps, tiled, type UnitMaps } from "./width.ts";

export const WIDER_FIELDS = {
  width: {
    kind: "int",
    label: "Width afterwards",
    help: "0 doubles. A whole number of heads: their size stays, their number grows.",
    symbol: "D",
    default: 0,
    min: 0,
    max: 256,
    unit: "channels",
  },
  widthMap: {
    kind: "choice",
    label: "Width map",
    help: "Tile copies every channel equally often and keeps the function; exact keeps it for any width (pre-LN); random is the papers'.",
    default: "tile",
    options: ["tile", "random", "exact"],
  },
  depth: {
    kind: "choice",
    label: "Deeper as well",
    help: "A layer map applied to the widened layers, in the same event.",
    default: "none",
    options: ["none", ...DEPTH_MAPS],
  },
  layers: { ...DEPTH_FIELDS.to, help: "Only with a layer map. 0 doubles." },
  sources: DEPTH_FIELDS.sources,
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

export const SYMMETRY_FIELD = {
  kind: "choice",
  label: "Telling copies apart",
  help: "Equal copies would stay equal. Zero-sum noise keeps the function; additive noise is Net2Net's; none keeps them equal.",
  default: "zeroSum",
  options: SYMMETRY,
} as const;

export type WiderValues = Values<typeof WIDER_FIELDS>;

/** What the values of a transformer say about its size. */
export interface Sizes {
  readonly layers: number;
  readonly maxLayers: number;
  readonly width: number;
  readonly heads: number;
  readonly ffn: number;
  readonly eps: number;
}
export const sizesOf = (arch: Values): Sizes => arch as unknown as Sizes;

export const isWide = (model: Model): true | string =>
  ["width", "heads", "ffn"].every((field) => model.growth.width?.includes(field)) || `not for ${model.label}`;

/** The most that a model's schema allows. */
export function limitOf({ schema }: Model, field: string): number {
  const known = schema[field];
  return known?.kind === "int" ? known.max : Number.POSITIVE_INFINITY;
}

/** Which width map it is in truth: tile where it fits, else the one that keeps the function, if any does. */
export function widthMapOf(
  c: { readonly widthMap: string },
  from: Sizes,
  width: number,
  post: boolean,
): string {
  if (width % from.width === 0 && c.widthMap !== "random") return "tile";
  if (c.widthMap === "random") return "random";
  return post ? "random" : "exact";
}

/** Values afterwards, null when nothing more can grow, or the sentence of refusal. */
export function nextWider(model: Model, arch: Values, c: WiderValues): Values | null | string {
  const from = sizesOf(arch);
  const refuse = (reason: string) => `Not grown: ${reason}. Training goes on.`;
  const most = Math.min(limitOf(model, "width"), (from.width / from.heads) * limitOf(model, "heads"));
  if (from.width >= most && (c.depth === "none" || from.layers >= from.maxLayers)) return null;
  const width = c.width === 0 ? 2 * from.width : c.width;
  const head = from.width / from.heads;
  if (width < from.width) {
    return refuse(
      `width ${width} is less than the ${from.width} there is; growth only adds, pruning takes away`,
    );
  }
  if (width % head !== 0) {
    const below = Math.floor(width / head) * head;
    return refuse(
      `heads are ${head} channels, width ${width} is no whole number of them; ${below} and ${below + head} are`,
    );
  }
  if (width > most) return refuse(`this makes width ${width}, the most with heads of ${head} is ${most}`);
  const layers = c.depth === "none" ? from.layers : nextDepth(from, c.depth, c.layers, c.sources);
  if (typeof layers === "string") return refuse(layers);
  if (width === from.width && layers === from.layers) {
    return refuse(`the network has width ${width} and ${plural(layers)} already`);
  }
  if (c.widthMap === "exact" && width % from.width !== 0 && isPostNorm(arch)) {
    return refuse(
      "the map exact needs norms before the arms (pre-LN); random and whole multiples of the width can",
    );
  }
  const name = widthMapOf(c, from, width, isPostNorm(arch));
  const eps = name === "exact" ? scaledEps(from.eps, exactMap(from.width, width)) : from.eps;
  return { ...arch, width, heads: width / head, layers, eps };
}

/** The maps of every axis that grows. Draws: channels, then heads, then feed-forward units. */
export function mapsOf(from: Side, to: Side, c: { readonly widthMap: string }, key: EventKey): UnitMaps {
  const [a, b] = [sizesOf(from.arch), sizesOf(to.arch)];
  const name = widthMapOf(c, a, b.width, isPostNorm(from.arch));
  const drawn = (what: string, from: number, to: number) => drawnMap(eventDraw(key, what), from, to);
  const hidden = [a.ffn * a.width, b.ffn * b.width] as const;
  if (name === "random") {
    return new Map([
      ["width", drawn("width", a.width, b.width)],
      ["heads", drawn("heads", a.heads, b.heads)],
      ["hidden", drawn("hidden", ...hidden)],
    ]);
  }
  return new Map([
    ["width", name === "exact" ? exactMap(a.width, b.width) : tiled(a.width, b.width)],
    ["heads", tiled(a.heads, b.heads)],
    ["hidden", tiled(...hidden)],
  ]);
}

const depthSources = (from: Side, to: Side, c: WiderValues): readonly number[] => {
  const [a, b] = [depthOf(from.arch).layers, depthOf(to.arch).layers];
  return c.depth === "none"
    ? Array.from({ length: b }, (_, m) => m)
    : depthMap(c.depth as DepthMapName, a, b, c.sources);
};

/** Each parameter of `from` widened by `wide`, then as many layers as `to` has; `silent`: what silent ones hold. */
export function grownBy(
  t: Trace,
  from: Side,
  to: Side,
  c: WiderValues,
  wide: (spec: ParamSpec) => Tensor,
  silent = 0,
): Params {
  const widened = new Map(from.specs.map((spec) => [spec.path, wide(spec)]));
  const { layers } = depthOf(from.arch);
  const name = c.depth === "none" ? "manual" : (c.depth as DepthMapName);
  return deepen(t, to, widened, name, depthSources(from, to, c), layers, silent);
}

export const widerCopies = (from: Side, to: Side, c: WiderValues) => copiesOf(depthSources(from, to, c));

export function widerFeeds(from: Side, to: Side, c: WiderValues, key: EventKey): Feeds {
  const width = mapsOf(from, to, c, key).get("width")!;
  const sources = depthSources(from, to, c);
  const { layers } = depthOf(from.arch);
  const silent = c.depth === "identity" ? sources.map((l, m) => (m < layers ? l : null)) : sources;
  return {
    layers: layerFeeds(silent, layers),
    groups: isIdentity(width) ? null : groupFeeds(width, headSize(from)),
  };
}

/** Does the width map keep the function, by itself? */
export function keepsFunction(from: Side, to: Side, c: WiderValues): boolean {
  const post = isPostNorm(from.arch);
  const name = widthMapOf(c, sizesOf(from.arch), sizesOf(to.arch).width, post);
  const deep = c.depth === "none" || (c.depth === "identity" && !post);
  return deep && (name !== "random" || sizesOf(from.arch).width === sizesOf(to.arch).width);
}

/** That tile was asked for and could not be. */
export function widerNotes(from: Side, to: Side, c: WiderValues): readonly string[] {
  const [a, b] = [sizesOf(from.arch), sizesOf(to.arch)];
  const name = widthMapOf(c, a, b.width, isPostNorm(from.arch));
  if (c.widthMap !== "tile" || name === "tile") return [];
  const why = `Width ${b.width} is no multiple of ${a.width}, so the width map is ${name}, not tile`;
  return [name === "random" ? `${why}; the function is not kept exactly.` : `${why}.`];
}

/**
 * Slots are reset: copies, divisions and mixtures have no moments of their own. Ages go with what is copied, so that what
 * was pruned stays so in every copy.
 */
export function agesAlong(
  t: Trace,
  from: Side,
  old: Params,
  maps: UnitMaps,
  fill: number,
): (spec: ParamSpec) => Tensor {
  const { dtype } = old.get(from.specs[0]!.path)!;
  return (spec) => {
    let x = old.get(spec.path)!;
    for (let axis = 0; axis < spec.shape.length; axis++) {
      const map = mapOf(maps, spec, axis);
      if (map === null || isIdentity(map)) continue;
      const whole = map.of.filter((i) => i !== null);
      const copies = pick(t, x, axis, whole);
      const shape = x.shape.map((d, k) => (k === axis ? map.of.length - whole.length : d));
      const rest = shape[axis] === 0 ? null : filled(t, shape, fill, dtype);
      x = join(t, [copies, rest], axis);
    }
    return x;
  };
}
