/** Active entries along one axis of a matrix: fan-in of its rows, fan-out of its columns (grow-prune §2.4). */
import { sizeOf } from "../layout.ts";
import type { OpDef, TensorSpec } from "../types.ts";
import { foldGrid } from "./grid.ts";
import { FORBIDDEN, FROZEN, isActive } from "./mask-tiles.ts";
import { filled } from "./strided.ts";

export interface MaskLinesAttrs {
  /** Axes from … to − 1 are counted over; they lie side by side. */
  readonly from: number;
  readonly to: number;
}

function parts(shape: readonly number[], { from, to }: MaskLinesAttrs) {
  const outer = sizeOf(shape.slice(0, from));
  const inner = sizeOf(shape.slice(to));
  return { outer, length: sizeOf(shape.slice(from, to)), inner };
}

/** Input age u32 [...]; gives u32 [outer, inner], the axes before and after those counted over. */
export const maskLines: OpDef<MaskLinesAttrs> = {
  name: "mask-lines",
  infer([age], attrs) {
    const { from, to } = attrs;
    if (age?.dtype !== "u32") throw new Error("mask-lines: needs u32 ages");
    if (!(from >= 0 && from < to && to <= age.shape.length)) {
      throw new Error(`mask-lines: axes ${from} to ${to} of [${age.shape}]`);
    }
    const { outer, inner } = parts(age.shape, attrs);
    return [{ shape: [outer, inner], dtype: "u32" }];
  },
  lower([age], [counts], attrs) {
    const sizes = parts(age!.shape, attrs);
    const bind = { age: age!, counts: counts! };
    return sizes.inner === 1
      ? [{ shader: "mask-lines", entry: "rows", sizes, bind, grid: foldGrid(sizes.outer) }]
      : [
          {
            shader: "mask-lines",
            entry: "columns",
            sizes,
            bind,
            grid: foldGrid(Math.ceil((sizes.outer * sizes.inner) / 64)),
          },
        ];
  },
  reference([age], attrs) {
    const { outer, length, inner } = parts(age!.shape, attrs);
    const counts = filled([outer, inner], "u32");
    age!.data.forEach((a, i) => {
      const line = Math.floor(i / (length * inner)) * inner + (i % inner);
      if (isActive(a)) counts.data[line]! += 1;
    });
    return [counts];
  },
  samples: [
    { shape: [7, 5], from: 1, to: 2 },
    { shape: [7, 5], from: 0, to: 1 },
    { shape: [4, 9, 70], from: 0, to: 2 },
    { shape: [3, 130, 11], from: 1, to: 3 },
    { shape: [2, 3, 5, 7], from: 1, to: 3 },
    { shape: [6], from: 0, to: 1 },
  ].map(({ shape, from, to }) => {
    const age: TensorSpec = { shape, dtype: "u32" };
    return { inputs: [age], attrs: { from, to }, wrt: [], values: () => ages(sizeOf(shape)) };
  }),
};

const ages = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => [0, 3, FORBIDDEN, 1, FROZEN + 2, 0, 77][(i + (i >> 3)) % 7]!);
