/**
 * What the ops of grow-and-prune are tested with: arenas in which every kind of age stands, gaps between the slices hold
 * numbers that would be the first to be picked, and many magnitudes are equal.
 */
import type { NdArray, TensorSpec } from "../types.ts";
import { FORBIDDEN, FROZEN, type MaskRange, maskTiles, type Tiles } from "./mask-tiles.ts";

export interface MaskedSample {
  readonly length: number;
  readonly tiles: Tiles;
  readonly specs: readonly [score: TensorSpec, age: TensorSpec, tiles: TensorSpec];
  /** Values of input 0, 1, 2. */
  values(input: number): ArrayLike<number>;
}

/** Active, newborn, dormant, frozen, non-existent, old. */
const AGES = [90, 91, 1, 0, 4, FROZEN + 70, 300, 0, FORBIDDEN, 51, 50, 1000];

/** `grain`: magnitudes are multiples of it, so ties are planted; 0 draws none. Outside the ranges all is 0 and active. */
export function maskedSample(length: number, ranges: readonly MaskRange[], grain = 0): MaskedSample {
  const tiles = maskTiles(ranges);
  const inside = new Uint8Array(length);
  for (const { offset, count } of ranges) inside.fill(1, offset, offset + count);
  const scoreAt = (i: number): number => {
    if (inside[i] === 0) return 0;
    const value = Math.sin(3 * i + 1) * (1 + (i % 7));
    return grain === 0 ? value : Math.round(value / grain) * grain;
  };
  const ageAt = (i: number): number => (inside[i] === 0 ? 99 : AGES[(i * 5 + (i >> 5)) % AGES.length]!);
  return {
    length,
    tiles,
    specs: [{ shape: [length], dtype: "f32" }, { shape: [length], dtype: "u32" }, tiles.spec],
    values(input) {
      if (input === 2) return tiles.table;
      return Array.from({ length }, (_, i) => (input === 0 ? scoreAt(i) : ageAt(i)));
    },
  };
}

/** One parameter of 5; three of two groups with gaps, one of them over several tiles; each with and without ties. */
export const MASKED: readonly MaskedSample[] = [
  maskedSample(64, [{ offset: 0, count: 5, group: 0 }]),
  maskedSample(1344, mixed(), 0),
  maskedSample(1344, mixed(), 0.5),
  maskedSample(6144, [{ offset: 64, count: 6000, group: 0 }], 0.25),
  maskedSample(6144, [{ offset: 64, count: 6000, group: 0 }], 100), // every magnitude is 0
];

function mixed(): readonly MaskRange[] {
  return [
    { offset: 64, count: 70, group: 1 },
    { offset: 192, count: 1025, group: 0 },
    { offset: 1280, count: 33, group: 1 },
  ];
}

/** So many groups that their counters are set to 0 by several workgroups. */
export const OF_MANY_GROUPS: MaskedSample = maskedSample(
  64 * 71,
  Array.from({ length: 70 }, (_, group) => ({ offset: 64 * group + 64, count: 5, group })),
);

/** Big enough to time: 2²⁰ entries of one group, magnitudes with ties. */
export const LARGE: MaskedSample = maskedSample(1 << 20, [{ offset: 0, count: 1 << 20, group: 0 }], 1e-4);

export const asArray = (spec: TensorSpec, values: ArrayLike<number>): NdArray => ({
  ...spec,
  data: Float64Array.from(values),
});
