/**
 * Net2WiderNet (arXiv 1511.05641 §2.3; transformer-growth §3.1) on the feed-forward parts: their hidden units are copied
 * and what reads them is divided by the number of copies. No norm stands between, so any map keeps the function.
 * Net2DeeperNet is the action *Identity layers*.
 */
import type { EventKey, GrowMethod, Side } from "../types.ts";
import { deeperFeeds } from "./feeds.ts";
import { each, eventDraw } from "./tools.ts";
import { agesAlong, isWide, limitOf, SYMMETRY_FIELD, sizesOf, WIDER_FIELDS } from "./wider.ts";
import { broken, drawnMap, tiled, type UnitMaps, widened } from "./width.ts";

const schema = {
  ffn: {
    kind: "int",
    label: "Feed-forward afterwards",
    help: "Hidden units as a multiple of the width. 0 doubles.",
    symbol: "k",
    default: 0,
    min: 0,
    max: 8,
    unit: "× width",
  },
  map: {
    kind: "choice",
    label: "Unit map",
    help: "Random is the paper's: each new unit copies one drawn at random. Tile copies all equally often.",
    default: "random",
    options: ["random", "tile"],
  },
  symmetry: SYMMETRY_FIELD,
  rewarm: WIDER_FIELDS.rewarm,
} as const;

export const net2net: GrowMethod<typeof schema> = {
  kind: "grow",
  id: "net2net",
  label: "Net2Net",
  summary: "Widens the feed-forward parts by copying hidden units; the function stays.",
  schema,
  paper: {
    title: "Net2Net: Accelerating Learning via Knowledge Transfer",
    authors: "Chen, Goodfellow, Shlens",
    year: 2016,
    arxiv: "1511.05641",
  },
  applies: isWide,

  next(model, arch, c) {
    const { ffn } = sizesOf(arch);
    const most = limitOf(model, "ffn");
    if (ffn >= most) return null;
    const target = c.ffn === 0 ? 2 * ffn : c.ffn;
    const refuse = (reason: string) => `Not grown: ${reason}. Training goes on.`;
    if (target === ffn) return refuse(`the feed-forward parts are ${ffn} × the width already`);
    if (target < ffn)
      return refuse(`${target} × the width is less than the ${ffn} there is; pruning takes away`);
    if (target > most) return refuse(`this makes ${target} × the width, the most is ${most}`);
    return { ...arch, ffn: target };
  },

  map(t, from, to, old, c, key) {
    const maps = unitMaps(from, to, c, key);
    return new Map(
      from.specs.map((spec) => {
        const x = old.get(spec.path)!;
        return [spec.path, broken(t, widened(t, x, spec, maps, key), x, spec, maps, c.symmetry, key)];
      }),
    );
  },

  slots: () => "reset",
  rewarm: (c) => c.rewarm,

  carry(t, from, to, old, c, fill, key) {
    const wide = agesAlong(t, from, old, unitMaps(from, to, c, key), fill);
    return new Map(from.specs.map((spec) => [spec.path, wide(spec)]));
  },

  preserving: (c) => c.symmetry !== "additive",

  /** Each layer is itself, and the trunk stays: what grows lies inside the layers. */
  feeds: (from) => deeperFeeds(from, each(sizesOf(from.arch).layers)),
};

function unitMaps(from: Side, to: Side, c: { readonly map: string }, key: EventKey): UnitMaps {
  const [a, b] = [sizesOf(from.arch), sizesOf(to.arch)];
  const [small, large] = [a.ffn * a.width, b.ffn * b.width];
  const map = c.map === "tile" ? tiled(small, large) : drawnMap(eventDraw(key, "hidden"), small, large);
  return new Map([["hidden", map]]);
}
