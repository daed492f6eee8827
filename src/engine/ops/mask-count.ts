/** Counts by kind of entry, a row a group: what grow-prune §0 needs to turn a share into a number of entries. */

import type { OpDef, TensorSpec } from "../types.ts";
import { MASKED, OF_MANY_GROUPS } from "./mask-samples.ts";
import {
  checkMasked,
  checkPerGroup,
  everyEntry,
  FORBIDDEN,
  FROZEN,
  isActive,
  isDormant,
  isDroppable,
  type TileAttrs,
} from "./mask-tiles.ts";
import { filled } from "./strided.ts";

/**
 * Columns of the result. `bad`: scores of entries that exist and are not finite. `below`: droppable and |score| < limit.
 * `oldest`: no count but the largest age of entries that are not frozen, 1 + updates received.
 */
export const COUNTED = ["active", "droppable", "dormant", "frozen", "bad", "below", "oldest"] as const;
export type Counted = (typeof COUNTED)[number];

export interface MaskCountAttrs extends TileAttrs {
  /** Updates an entry must have received before it may be dropped. */
  readonly grace: number;
}

const KINDS = COUNTED.length;
const MAX_F32 = 3.4028234663852886e38;

/** Inputs score f32 [P], age u32 [P], tiles u32 [T, 3], limits f32 [groups]; gives u32 [groups, 7], see COUNTED. */
export const maskCount: OpDef<MaskCountAttrs> = {
  name: "mask-count",
  infer(inputs, { groups }) {
    checkMasked("mask-count", inputs);
    checkPerGroup("mask-count", "limit", inputs[3], groups);
    return [{ shape: [groups, KINDS], dtype: "u32" }];
  },
  lower([score, age, tiles, limits], [counts], { groups, grace }) {
    const sizes = { groups, grace };
    return [
      {
        shader: "mask-count",
        entry: "begin",
        sizes,
        bind: { counts: counts! },
        grid: [Math.ceil((groups * KINDS) / 256), 1, 1],
      },
      {
        shader: "mask-count",
        entry: "count",
        sizes,
        bind: { score: score!, age: age!, tiles: tiles!, limits: limits!, counts: counts! },
        grid: [tiles!.shape[0]!, 1, 1],
      },
    ];
  },
  reference([score, age, tiles, limits], { groups, grace }) {
    const counts = filled([groups, KINDS], "u32");
    everyEntry(tiles!, (i, group) => {
      const a = age!.data[i]!;
      const size = Math.abs(score!.data[i]!);
      const old = isDroppable(a, grace);
      const kinds = [
        isActive(a),
        old,
        isDormant(a),
        a > FROZEN,
        a !== FORBIDDEN && !(size <= MAX_F32),
        old && size < limits!.data[group]!,
      ];
      kinds.forEach((is, k) => {
        if (is) counts.data[group * KINDS + k]! += 1;
      });
      const oldest = group * KINDS + KINDS - 1;
      if (a < FROZEN) counts.data[oldest] = Math.max(counts.data[oldest]!, a);
    });
    return [counts];
  },
  samples: [
    ...[...MASKED, OF_MANY_GROUPS].map((sample) => ({ sample, bad: null as number | null })),
    { sample: MASKED[1]!, bad: Number.NaN },
    { sample: MASKED[1]!, bad: Number.NEGATIVE_INFINITY },
  ].map(({ sample, bad }) => {
    const { groups } = sample.tiles.attrs;
    const limits: TensorSpec = { shape: [groups], dtype: "f32" };
    return {
      inputs: [...sample.specs, limits],
      attrs: { ...sample.tiles.attrs, grace: 50 },
      wrt: [],
      values(input: number) {
        if (input === 3) return Array.from({ length: groups }, (_, g) => 1.01 + g);
        const values = Array.from(sample.values(input));
        if (input === 0 && bad !== null) values[200] = bad;
        return values;
      },
    };
  }),
};
