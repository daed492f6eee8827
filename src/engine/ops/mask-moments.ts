/** Spread of the active weights of each group: σ of Han et al.'s threshold q·σ, population form (grow-prune §2.1). */
import type { OpDef } from "../types.ts";
import { MASKED } from "./mask-samples.ts";
import { checkMasked, everyEntry, isActive, type TileAttrs } from "./mask-tiles.ts";
import { filled } from "./strided.ts";

/** Columns of the result. */
export const MOMENTS = ["entries", "mean", "deviation", "largest"] as const;

/**
 * Inputs score f32 [P], age u32 [P], tiles u32 [T, 3]; gives f32 [groups, 4]: entries that are active, their mean, their
 * population standard deviation (ddof 0) and the largest |score|. All 0 for a group without active entries.
 */
export const maskMoments: OpDef<TileAttrs> = {
  name: "mask-moments",
  infer(inputs, { groups }) {
    checkMasked("mask-moments", inputs);
    return [{ shape: [groups, MOMENTS.length], dtype: "f32" }];
  },
  lower([score, age, tiles], [moments], { groups }, temp) {
    const count = tiles!.shape[0]!;
    const partial = temp({ shape: [count, 3], dtype: "f32" });
    const frame = { shader: "mask-moments" };
    const entries = { score: score!, age: age!, tiles: tiles!, partial };
    const join = { tiles: tiles!, partial, moments: moments! };
    const perTile = [count, 1, 1] as const;
    const perGroup = [groups, 1, 1] as const;
    const sizes = { tiles: count };
    return [
      { ...frame, entry: "sums", bind: entries, grid: perTile },
      { ...frame, entry: "means", sizes, bind: join, grid: perGroup },
      { ...frame, entry: "squares", bind: { ...entries, moments: moments! }, grid: perTile },
      { ...frame, entry: "deviations", sizes, bind: join, grid: perGroup },
    ];
  },
  reference([score, age, tiles], { groups }) {
    const out = filled([groups, MOMENTS.length], "f32");
    const of = (group: number): number[] => {
      const values: number[] = [];
      everyEntry(tiles!, (i, g) => {
        if (g === group && isActive(age!.data[i]!)) values.push(score!.data[i]!);
      });
      return values;
    };
    for (let g = 0; g < groups; g++) {
      const values = of(g);
      const n = Math.max(1, values.length);
      const mean = values.reduce((s, v) => s + v, 0) / n;
      const spread = values.reduce((s, v) => s + (v - mean) ** 2, 0) / n;
      const largest = values.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
      out.data.set([values.length, mean, Math.sqrt(spread), largest], g * MOMENTS.length);
    }
    return [out];
  },
  samples: MASKED.map((sample) => ({
    inputs: sample.specs,
    attrs: sample.tiles.attrs,
    wrt: [],
    values: sample.values,
  })),
};
