/**
 * Everything that may stand for a dispatch, each under a name of its own: its ways (tiles.ts), and of a product that is spread
 * out every geometry. All add in the same order, so the bits are equal and a device may take whichever it is fastest with:
 * gpu/tile-timer.ts times them there. What is found for one dispatch holds for others of its kernel, constants and class of
 * shape, so that a network which gained a unit times nothing anew.
 */
import { fnv1a } from "../random/threefry.ts";
import { spreadsOf } from "./spread-products.ts";
import { changed, type Dispatch, waysOf } from "./tiles.ts";

export interface Variant {
  /** The way's id; "spread 32×16×2" with the tile, the depth of a slab and the groups of a workgroup (spread-products.ts). */
  readonly id: string;
  readonly dispatch: Dispatch;
}

/** As it was lowered, first. Of what is spread out, the one thought best first. */
export function variantsOf(dispatch: Dispatch): readonly Variant[] {
  return waysOf(dispatch).flatMap((way): readonly Variant[] => {
    const all = way.id === "spread" ? spreadsOf(dispatch) : [];
    if (all.length === 0) return [way];
    return all.map(({ geometry: { tile, deep, groups }, change }) => ({
      id: `spread ${tile}×${deep}×${groups}`,
      dispatch: changed(dispatch, change),
    }));
  });
}

/** Sizes within about a fifth of each other are of one class: steps of half a power of two. */
const classOf = (size: number): string =>
  size === 0 ? "0" : `${size < 0 ? "-" : ""}${Math.round(2 * Math.log2(Math.abs(size)))}`;

const inOrder = (values: Readonly<Record<string, number>>): [string, number][] =>
  Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));

/** Kernel, constants and class of shape of a dispatch as it was lowered: what a choice is remembered by. */
export function shapeClass({ shader, entry, constants, sizes, grid }: Dispatch): string {
  const switches = inOrder(constants).map(([name, value]) => `${name}=${value}`);
  const shape = inOrder(sizes).map(([name, value]) => `${name}~${classOf(value)}`);
  return [`${shader}:${entry}`, ...switches, ...shape, `z~${classOf(grid[2])}`].join(" ");
}

/** 64 bits of a text, as hex. */
export const digest = (text: string): string =>
  [text, `${text} `].map((each) => fnv1a(each).toString(16).padStart(8, "0")).join("");
