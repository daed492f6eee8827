/**
 * Areas of a convolution over the image: which part of its map each kernel is used on (NeST's partial-area convolution).
 * Where a kernel is left out the image is veiled; where all of them are, hatched too. Arithmetic and paint, no state.
 */
import type { Anatomy, AreaMaps, Part, RunView } from "../../../run/messages.ts";
import { type Scheme, tokens } from "../../tokens.ts";

export type AreaPlaces = NonNullable<Part["area"]>;

/** One slice, or all where null. */
export interface Slices {
  readonly map: number | null;
  readonly reads: number | null;
}

export const EVERY_SLICE: Slices = { map: null, reads: null };

/** Of each place the share of these slices that are used there. */
export function sharesOf({ made, reads, rows, columns, on }: AreaMaps, of: Slices): Float32Array {
  const places = rows * columns;
  const shares = new Float32Array(places);
  let slices = 0;
  for (let o = 0; o < made; o++) {
    for (let m = 0; m < reads; m++) {
      if ((of.map !== null && of.map !== o) || (of.reads !== null && of.reads !== m)) continue;
      slices++;
      const at = (o * reads + m) * places;
      for (let i = 0; i < places; i++) shares[i]! += on[at + i]!;
    }
  }
  return shares.map((n) => n / Math.max(1, slices));
}

export interface Rectangle {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** The place under a pixel of the image, moved onto the map where it is outside. */
export function placeAt(
  { origin, pitch, rows, columns }: AreaPlaces,
  x: number,
  y: number,
): readonly [number, number] {
  const along = (pixel: number, most: number) =>
    Math.max(0, Math.min(most - 1, Math.floor((pixel - origin) / pitch)));
  return [along(y, rows), along(x, columns)];
}

/** From one place to another, both included. */
export const between = ([a, b]: readonly [number, number], [c, d]: readonly [number, number]): Rectangle => ({
  top: Math.min(a, c),
  left: Math.min(b, d),
  height: Math.abs(a - c) + 1,
  width: Math.abs(b - d) + 1,
});

/** Places of these slices in the rectangle, and how many of them are on; without areas all are. */
export function countIn(
  maps: AreaMaps | null,
  { rows, columns }: AreaPlaces,
  of: Slices,
  { top, left, height, width }: Rectangle,
): { readonly share: number; readonly places: number } {
  const [bottom, right] = [Math.min(rows, top + height), Math.min(columns, left + width)];
  const places = Math.max(0, bottom - top) * Math.max(0, right - left);
  if (maps === null) return { share: 1, places };
  const shares = sharesOf(maps, of);
  let sum = 0;
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += shares[y * columns + x]!;
  return { share: places === 0 ? 0 : sum / places, places };
}

/** How far the veil hides the image where no kernel is used. */
const VEIL = 0.82;

/** `scale`: pixels of the canvas for one of the image. */
export function paintAreas(
  context: CanvasRenderingContext2D,
  { origin, pitch, rows, columns }: AreaPlaces,
  shares: Float32Array,
  scale: number,
  scheme: Scheme,
): void {
  const { surface, edge, leaf } = tokens[scheme];
  const side = pitch * scale;
  const start = origin * scale;
  const cell = (i: number): readonly [number, number] => [
    start + (i % columns) * side,
    start + Math.floor(i / columns) * side,
  ];
  context.fillStyle = surface;
  shares.forEach((share, i) => {
    if (share >= 1) return;
    context.globalAlpha = VEIL * (1 - share);
    context.fillRect(...cell(i), side, side);
  });
  context.fillStyle = leaf;
  shares.forEach((share, i) => {
    if (share <= 0) return;
    context.globalAlpha = 0.22 * share;
    context.fillRect(...cell(i), side, side);
  });
  context.globalAlpha = 1;
  context.save();
  context.beginPath();
  shares.forEach((share, i) => {
    if (share === 0) context.rect(...cell(i), side, side);
  });
  context.clip();
  context.strokeStyle = edge;
  context.lineWidth = 1;
  context.beginPath();
  const [wide, high] = [columns * side, rows * side];
  for (let x = -high; x < wide; x += 6) {
    context.moveTo(start + x, start + high);
    context.lineTo(start + x + high, start);
  }
  context.stroke();
  context.restore();
}

/** The areas that the worker sends, and where they lie on the image. */
export function shownAreas({ tiers }: Anatomy, view: RunView | null) {
  const maps = view?.areas ?? null;
  if (maps === null) return null;
  const tier = tiers.find(({ left }) => left.some(({ id }) => id === maps.part));
  const places = tier?.left.find(({ id }) => id === maps.part)?.area;
  return tier === undefined || places === undefined ? null : { maps, places, of: tier.name.toLowerCase() };
}
