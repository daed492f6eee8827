/**
 * Exact-count selection on the device (grow-prune §0, §1.3): drop the least, or wake the largest, ties by lowest index.
 * Thirteen dispatches whatever the number of parameters; six of them look at each entry once, one copies the ages.
 */
import { sizeOf } from "../layout.ts";
import type { KernelCall, OpDef, Tensor, TensorSpec } from "../types.ts";
import { elementGrid } from "./grid.ts";
import { LARGE, MASKED, type MaskedSample } from "./mask-samples.ts";
import {
  checkMasked,
  checkPerGroup,
  everyEntry,
  isDormant,
  isDroppable,
  type TileAttrs,
} from "./mask-tiles.ts";

export interface MaskSelectAttrs extends TileAttrs {
  /**
   * "drop": the least |score| among entries that are active, not frozen and at least `grace` updates old get age 0.
   * "wake": the largest |score| among dormant entries get age 1.
   */
  readonly what: "drop" | "wake";
  readonly grace: number;
}

const BINS = 256;

/**
 * Inputs score f32 [P], age u32 [P], tiles u32 [T, 3], wanted u32 [groups]; gives the ages afterwards, u32 [P].
 * A group of fewer eligible entries than wanted gives all of them. Scores must be finite: see mask-count.
 */
export const maskSelect: OpDef<MaskSelectAttrs> = {
  name: "mask-select",
  infer(inputs, { groups }) {
    checkMasked("mask-select", inputs);
    checkPerGroup("mask-select", "number of entries", inputs[3], groups);
    return [{ shape: inputs[1]!.shape, dtype: "u32" }];
  },
  lower([score, age, tiles, wanted], [marked], attrs, temp) {
    const { groups, stretch, what, grace } = attrs;
    const count = tiles!.shape[0]!;
    const u32 = (...shape: number[]): Tensor => temp({ shape, dtype: "u32" });
    const [bins, state, ties] = [u32(groups, BINS), u32(groups, 3), u32(count)];
    // The bits above this round's byte are settled; a shift by 32 would be a shift by 0.
    const known = (shift: number): number => (shift === 24 ? 0 : (-1 << (shift + 8)) >>> 0);
    const sizesAt = (shift: number) => ({
      tiles: count,
      grace,
      stretch,
      known: known(shift),
      shift,
      count: sizeOf(age!.shape),
    });
    const call = (entry: string, bind: Readonly<Record<string, Tensor>>, shift = 0): KernelCall => ({
      shader: "mask-select",
      entry,
      constants: { WAKE: what === "wake" ? 1 : 0 },
      ...(entry === "begin" ? {} : { sizes: sizesAt(shift) }),
      bind,
      grid: [["begin", "pick", "cut"].includes(entry) ? groups : count, 1, 1],
    });
    const entries = { score: score!, age: age!, tiles: tiles! };
    return [
      call("begin", { wanted: wanted!, bins, state }),
      ...[24, 16, 8, 0].flatMap((shift) => [
        call("histogram", { ...entries, bins, state }, shift),
        call("pick", { bins, state }, shift),
      ]),
      call("count_ties", { ...entries, state, ties }),
      call("cut", { ...entries, state, ties }),
      { ...call("carry", { age: age!, marked: marked! }), grid: elementGrid(sizeOf(age!.shape)) },
      call("mark", { ...entries, state, marked: marked! }),
    ];
  },
  reference([score, age, tiles, wanted], { groups, what, grace }) {
    const marked = { ...age!, data: age!.data.slice() };
    const eligible: number[][] = Array.from({ length: groups }, () => []);
    everyEntry(tiles!, (i, group) => {
      const a = age!.data[i]!;
      if (what === "drop" ? isDroppable(a, grace) : isDormant(a)) eligible[group]!.push(i);
    });
    const size = (i: number): number => Math.abs(score!.data[i]!);
    eligible.forEach((list, group) => {
      list.sort((a, b) => (what === "drop" ? size(a) - size(b) : size(b) - size(a)) || a - b);
      for (const i of list.slice(0, wanted!.data[group]!)) marked.data[i] = what === "drop" ? 0 : 1;
    });
    return [marked];
  },
  // Integer work: 4 rounds of about 8 operations an entry, 8 more to count ties and mark.
  flops: (inputs) => 40 * sizeOf(inputs[0]!.shape),
  samples: [
    ...(["drop", "wake"] as const).flatMap((what) =>
      MASKED.flatMap((sample) => [selectSample(sample, what, 3), selectSample(sample, what, 17)]),
    ),
    selectSample(MASKED[2]!, "drop", 0),
    selectSample(MASKED[2]!, "drop", 100_000),
    selectSample(MASKED[2]!, "wake", 100_000),
    selectSample(MASKED[3]!, "drop", 1500),
    { ...selectSample(LARGE, "drop", 100_000), bench: true },
  ],
};

/** Group g wants `first` · (g + 1) entries. */
function selectSample(sample: MaskedSample, what: "drop" | "wake", first: number) {
  const { groups } = sample.tiles.attrs;
  const wanted: TensorSpec = { shape: [groups], dtype: "u32" };
  return {
    inputs: [...sample.specs, wanted],
    attrs: { ...sample.tiles.attrs, what, grace: 50 },
    wrt: [],
    values: (input: number) =>
      input === 3 ? Array.from({ length: groups }, (_, g) => first * (g + 1)) : sample.values(input),
  };
}
