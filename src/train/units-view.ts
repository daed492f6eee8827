/**
 * The weights seen unit by unit, where tiles would pool them: the first layer as a picture of the image it reads, and small
 * networks as graphs. Pure, done in the worker from the same arrays as the tiles.
 */
import { sizeOf } from "../engine/layout.ts";
import type { Anatomy, Part } from "../models/types.ts";
import { type AreaMaps, type GraphLayer, type ImageMask, LIFE } from "../run/messages.ts";
import { lifeOf, type Seen } from "./view.ts";

export type WeightPart = Extract<Part, { kind: "weight" }>;

/** Units of a row that can be told from one another, and sources of one: the pixels of an image. */
export const GRAPH_UNITS = 64;
const GRAPH_SOURCES = 1024;
/** Entries of all units' pictures together: 300 units of 28 × 28. */
const UNIT_ENTRIES = 300_000;

export const size = (part: Part, axis: number): number => part.slice[axis]![1] - part.slice[axis]![0];

/** Every entry of a part's slice, with its value, its life (settled where there are no ages) and its place on each axis. */
export function each(
  seen: Seen,
  part: WeightPart,
  visit: (value: number, life: number, at: readonly number[]) => void,
): boolean {
  const entry = seen.layout.entries.get(part.path);
  if (entry === undefined) return false;
  const { offset, shape } = entry;
  const strides = shape.map((_, k) => sizeOf(shape.slice(k + 1)));
  const count = sizeOf(part.slice.map((_, k) => size(part, k)));
  const at = part.slice.map(() => 0);
  for (let i = 0; i < count; i++) {
    let place = offset;
    for (let k = 0; k < at.length; k++) place += (part.slice[k]![0] + at[k]!) * strides[k]!;
    visit(seen.params[place]!, seen.age === null ? LIFE.settled : lifeOf(seen.age[place]!), at);
    for (let k = at.length - 1; k >= 0; k--) {
      at[k]!++;
      if (at[k]! < size(part, k)) break;
      at[k] = 0;
    }
  }
  return true;
}

export const younger = (a: number, b: number): number => (a === LIFE.dormant || b < a ? b : a);

/** Null: the part does not read the image. */
export function imageMask(seen: Seen, part: Part): ImageMask | null {
  if (part.kind !== "weight" || part.reads === undefined) return null;
  const { channels, height, width, kernel } = part.reads;
  const pixels = height * width;
  const used = new Uint32Array(pixels);
  const life = new Uint8Array(pixels);
  const ages = seen.age !== null;
  if (kernel !== undefined) {
    const own = size(part, 0);
    slide(seen, part, part.reads, kernel, used, life);
    return {
      ...{ height, width, used, most: own * channels * kernel.size ** 2 },
      ...{ life: ages ? life : null, units: null },
    };
  }
  const count = size(part, 0);
  const fits = count * pixels <= UNIT_ENTRIES && channels === 1;
  const weights = new Float32Array(fits ? count * pixels : 0);
  const lives = new Uint8Array(weights.length);
  each(seen, part, (value, alive, at) => {
    const pixel = at[1]! % pixels;
    if (alive !== LIFE.dormant) {
      used[pixel]!++;
      life[pixel] = younger(life[pixel]!, alive);
    }
    if (!fits) return;
    weights[at[0]! * pixels + pixel] = value;
    lives[at[0]! * pixels + pixel] = alive;
  });
  return {
    ...{ height, width, used, most: count * channels, life: ages ? life : null },
    units: fits ? { count, weights, life: ages ? lives : null } : null,
  };
}

/** A kernel's weight is in use at every pixel that it comes over. */
function slide(
  seen: Seen,
  part: WeightPart,
  { height, width }: { readonly height: number; readonly width: number },
  { size: side, padding }: { readonly size: number; readonly padding: number },
  used: Uint32Array,
  life: Uint8Array,
): void {
  const counts = new Uint32Array(side * side);
  const young = new Uint8Array(side * side);
  each(seen, part, (_, alive, at) => {
    if (alive === LIFE.dormant) return;
    const place = at[2]! * side + at[3]!;
    counts[place]!++;
    young[place] = younger(young[place]!, alive);
  });
  const [down, across] = [height + 2 * padding - side + 1, width + 2 * padding - side + 1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let u = 0; u < side; u++) {
        for (let v = 0; v < side; v++) {
          const [top, left] = [y + padding - u, x + padding - v];
          const place = u * side + v;
          if (top < 0 || left < 0 || top >= down || left >= across || counts[place] === 0) continue;
          used[y * width + x]! += counts[place]!;
          life[y * width + x] = younger(life[y * width + x]!, young[place]!);
        }
      }
    }
  }
}

/** Places that are sent at most. */
const AREA_PLACES = 2 ** 18;

/** The areas of the convolution of this part, or of its tier; else of the first one. Null where there are none. */
export function areasOf(seen: Seen, { tiers }: Anatomy, id: string | null): AreaMaps | null {
  const of = tiers.find((tier) => tier.id === id || [...tier.left, ...tier.right].some((p) => p.id === id));
  const parts = [of, ...tiers].flatMap((tier) => tier?.left ?? []);
  const part = parts.find(({ area }) => area !== undefined);
  const entry = part?.area && seen.layout.entries.get(part.area.path);
  if (part === undefined || entry === undefined || entry.count > AREA_PLACES) return null;
  const [made, reads, rows, columns] = entry.shape as [number, number, number, number];
  const values = seen.params.subarray(entry.offset, entry.offset + entry.count);
  return { part: part.id, made, reads, rows, columns, on: Uint8Array.from(values) };
}

/** Layer over layer from the image up; null where a row has too many units, or what is drawn is no such stack. */
export function graphOf(seen: Seen, anatomy: Anatomy): readonly GraphLayer[] | null {
  const layers: GraphLayer[] = [];
  for (const { id, left } of anatomy.tiers) {
    const part = left.find((each) => each.kind === "weight");
    if (part?.kind !== "weight" || left.length !== 1 || part.strips.length > 0) return null;
    if (part.rows[0] !== 0 || part.cols[0] !== 1) return null;
    const [units, sources] = [size(part, 0), size(part, 1)];
    const onPixels = part.reads !== undefined && part.reads.kernel === undefined;
    if (units > GRAPH_UNITS || sources > (onPixels ? GRAPH_SOURCES : GRAPH_UNITS)) return null;
    const weights = new Float32Array(units * sources);
    const life = new Uint8Array(units * sources);
    const there = each(seen, part, (value, alive, at) => {
      if (alive === LIFE.dormant) return;
      const place = at[0]! * sources + at[1]!;
      if (Number.isNaN(value) || Math.abs(value) > Math.abs(weights[place]!)) weights[place] = value;
      life[place] = younger(life[place]!, alive);
    });
    if (!there) return null;
    const pixelsAcross = onPixels && part.reads!.channels === 1 ? part.reads!.width : null;
    layers.push({ tier: id, units, sources, pixelsAcross, weights, life: seen.age === null ? null : life });
  }
  return layers.length === 0 ? null : layers;
}
