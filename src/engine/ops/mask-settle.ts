/** Dormant entries become a literal 0, in place: weights and optimizer slots alike (grow-prune §1.2). */
import { sizeOf } from "../layout.ts";
import type { OpDef } from "../types.ts";
import { elementGrid } from "./grid.ts";
import { MASKED } from "./mask-samples.ts";
import { isActive } from "./mask-tiles.ts";

/** Inputs values f32 [P] and age u32 [P]; values are written in place and are the output. */
export const maskSettle: OpDef = {
  name: "mask-settle",
  alias: [0],
  infer([values, age]) {
    if (values?.dtype !== "f32" || age?.dtype !== "u32" || sizeOf(values.shape) !== sizeOf(age.shape)) {
      throw new Error("mask-settle: needs f32 values and as many u32 ages");
    }
    return [{ shape: values.shape, dtype: "f32" }];
  },
  lower([, age], [values]) {
    const count = sizeOf(values!.shape);
    const bind = { age: age!, values: values! };
    return [{ shader: "mask-settle", entry: "settle", sizes: { count }, bind, grid: elementGrid(count) }];
  },
  reference: ([values, age]) => [
    { ...values!, data: values!.data.map((value, i) => (isActive(age!.data[i]!) ? value : 0)) },
  ],
  samples: MASKED.slice(0, 2).map((sample) => ({
    inputs: sample.specs.slice(0, 2),
    attrs: {},
    wrt: [],
    // A NaN and a −0 stand where a product with a mask would keep them.
    values: (input: number) =>
      input === 1
        ? sample.values(1)
        : Array.from(sample.values(0), (v, i) =>
            isActive(sample.values(1)[i]!) ? v : i % 2 === 0 ? Number.NaN : -0,
          ),
  })),
};
