/** The same bytes under another shape: a view, so it costs no dispatch and no memory. */
import { sizeOf } from "../layout.ts";
import type { OpDef, TensorSpec } from "../types.ts";

export interface ReshapeAttrs {
  readonly shape: readonly number[];
}

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });

export const reshape: OpDef<ReshapeAttrs> = {
  name: "reshape",
  view: true,
  infer([x], { shape }) {
    if (sizeOf(shape) !== sizeOf(x!.shape)) {
      throw new Error(`reshape: [${x!.shape}] has ${sizeOf(x!.shape)} elements, [${shape}] ${sizeOf(shape)}`);
    }
    return [{ shape, dtype: x!.dtype }];
  },
  lower() {
    throw new Error("reshape: a view is never lowered");
  },
  vjp(t, { inputs: [x] }, [dy]) {
    return dy ? t.call(reshape, [dy], { shape: x!.shape }) : [null];
  },
  reference: ([x], { shape }) => [{ ...x!, shape }],
  samples: [
    { inputs: [f32(6, 4)], attrs: { shape: [2, 3, 4] } },
    { inputs: [f32(1)], attrs: { shape: [] } },
  ],
};
