/** The histogram of |w| on which a person drags the threshold (grow-prune §1.5), made where the weights are. */
import type { OpDef, TensorSpec } from "../types.ts";
import { MASKED } from "./mask-samples.ts";
import { checkMasked, checkPerGroup, everyEntry, isActive, type TileAttrs } from "./mask-tiles.ts";
import { filled } from "./strided.ts";

export interface MaskHistogramAttrs extends TileAttrs {
  /** 1 … 256, of one width, from 0 to the group's largest. */
  readonly bins: number;
}

/** Inputs score f32 [P], age u32 [P], tiles u32 [T, 3], moments f32 [groups, 4]; gives u32 [groups, bins]. */
export const maskHistogram: OpDef<MaskHistogramAttrs> = {
  name: "mask-histogram",
  infer(inputs, { groups, bins }) {
    checkMasked("mask-histogram", inputs);
    checkPerGroup("mask-histogram", "row of moments", inputs[3], 4 * groups);
    if (!(Number.isInteger(bins) && bins >= 1 && bins <= 256)) {
      throw new Error(`mask-histogram: ${bins} bins; 1 to 256 are possible`);
    }
    return [{ shape: [groups, bins], dtype: "u32" }];
  },
  lower([score, age, tiles, moments], [bins], { groups, bins: BINS }) {
    const frame = { shader: "mask-histogram", constants: { BINS } };
    return [
      {
        ...frame,
        entry: "begin",
        sizes: { groups },
        bind: { bins: bins! },
        grid: [Math.ceil((groups * BINS) / 256), 1, 1],
      },
      {
        ...frame,
        entry: "count",
        bind: { score: score!, age: age!, tiles: tiles!, moments: moments!, bins: bins! },
        grid: [tiles!.shape[0]!, 1, 1],
      },
    ];
  },
  reference([score, age, tiles, moments], { groups, bins }) {
    const out = filled([groups, bins], "u32");
    everyEntry(tiles!, (i, group) => {
      if (!isActive(age!.data[i]!)) return;
      const largest = moments!.data[4 * group + 3]!;
      const bin = largest > 0 ? Math.floor((Math.abs(score!.data[i]!) * bins) / largest) : 0;
      out.data[group * bins + Math.min(bin, bins - 1)]! += 1;
    });
    return [out];
  },
  // The largest is given so that the planted magnitudes, multiples of the grain, lie inside bins and not on their borders.
  samples: [
    { sample: MASKED[2]!, bins: 7, largest: 7.1 },
    { sample: MASKED[3]!, bins: 64, largest: 7.13 },
    // Two groups of 256 bins are set to 0 by two workgroups.
    { sample: MASKED[2]!, bins: 256, largest: 7.13 },
    { sample: MASKED[4]!, bins: 16, largest: 0 },
  ].map(({ sample, bins, largest }) => {
    const { groups } = sample.tiles.attrs;
    const moments: TensorSpec = { shape: [groups, 4], dtype: "f32" };
    return {
      inputs: [...sample.specs, moments],
      attrs: { ...sample.tiles.attrs, bins },
      wrt: [],
      values: (input: number) =>
        input === 3 ? Array.from({ length: 4 * groups }, () => largest) : sample.values(input),
    };
  }),
};
