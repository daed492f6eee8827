/**
 * bert2BERT's advanced knowledge initialisation (AKI, arXiv 2110.07143 §3.3.2; transformer-growth §3.5): widened as FPI
 * widens, but the new units of a layer are those of the layer above it. The function is given up; learning goes faster,
 * since no two units are equal. The top layer has none above and is widened by FPI.
 */

import type { ParamSpec, Tensor, Trace } from "../../engine/types.ts";
import type { GrowMethod, Side } from "../types.ts";
import { renamed } from "./depth.ts";
import { fpi } from "./fpi.ts";
import {
  agesAlong,
  grownBy,
  isWide,
  mapsOf,
  nextWider,
  sizesOf,
  WIDER_FIELDS,
  widerCopies,
  widerFeeds,
  widerNotes,
} from "./wider.ts";
import { fromAbove, type UnitMaps, widened } from "./width.ts";

export const aki: GrowMethod<typeof WIDER_FIELDS> = {
  kind: "grow",
  id: "aki",
  label: "bert2BERT AKI",
  summary: "Makes the network wider; a layer's new units are copied from the layer above it.",
  schema: WIDER_FIELDS,
  paper: fpi.paper,
  applies: isWide,
  next: nextWider,

  map(t, from, to, old, c, key) {
    const maps = mapsOf(from, to, c, key);
    const wide = (spec: ParamSpec) => widened(t, old.get(spec.path)!, spec, maps, key);
    return grownBy(t, from, to, c, joined(t, from, maps, wide));
  },

  slots: () => "reset",
  rewarm: (c) => c.rewarm,

  carry(t, from, to, old, c, fill, key) {
    const maps = mapsOf(from, to, c, key);
    const wide = agesAlong(t, from, old, maps, fill);
    return grownBy(t, from, to, c, joined(t, from, maps, wide), fill);
  },

  preserving: () => false,
  notes: (from, to, c) => [
    ...widerNotes(from, to, c),
    ...(sizesOf(from.arch).layers === 1
      ? ["The network has one layer and none above it: widened by FPI."]
      : []),
  ],
  copies: widerCopies,

  /** New units of a layer are those of the layer above. */
  feeds(from, to, c, key) {
    const feeds = widerFeeds(from, to, c, key);
    const [old, wide] = [sizesOf(from.arch), sizesOf(to.arch)];
    const own = old.width / wide.width;
    const shared = (row: readonly number[]) => {
      const above = [0, ...row].slice(0, row.length);
      return row.map((x, l) => (l === row.length - 1 ? x : x * own) + above[l]! * (1 - own));
    };
    return { ...feeds, layers: feeds.layers.map(shared) };
  },
};

/** Each parameter with the new units of the layer above, where there is one. */
function joined(
  t: Trace,
  { specs }: Side,
  maps: UnitMaps,
  wide: (spec: ParamSpec) => Tensor,
): (spec: ParamSpec) => Tensor {
  const byPath = new Map(specs.map((spec) => [spec.path, spec]));
  return (spec) => {
    const above = spec.layer === undefined ? undefined : byPath.get(renamed(spec.path, spec.layer + 1));
    if (above === undefined || spec.norm !== undefined) return wide(spec);
    return fromAbove(t, wide(spec), wide(above), spec, maps);
  };
}
