/** dPre = activate′(pre) · dy, once, where both products of a layer's gradient would otherwise each work it out. */
import { sizeOf } from "../layout.ts";
import type { OpDef, TensorSpec } from "../types.ts";
import { ACTIVATIONS, type Activation, activateGrad } from "./activations.ts";
import { elementGrid } from "./grid.ts";

export interface ActivationGradAttrs {
  readonly activation: Activation;
}

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });

export const activationGrad: OpDef<ActivationGradAttrs> = {
  name: "activation-grad",

  infer([pre, dy]) {
    if (sizeOf(pre!.shape) !== sizeOf(dy!.shape)) {
      throw new Error(`activation-grad: [${pre!.shape}] and [${dy!.shape}] differ`);
    }
    return [{ shape: pre!.shape, dtype: "f32" }];
  },

  lower([pre, dy], [dx], { activation }) {
    const count = sizeOf(pre!.shape);
    return [
      {
        shader: "activation-grad",
        entry: "backward",
        constants: { ACT: ACTIVATIONS.indexOf(activation) },
        sizes: { count },
        bind: { pre: pre!, dy: dy!, dx: dx! },
        grid: elementGrid(count),
      },
    ];
  },

  reference([pre, dy], { activation }) {
    const data = pre!.data.map((x, i) => activateGrad(activation, x) * dy!.data[i]!);
    return [{ shape: pre!.shape, dtype: "f32", data }];
  },

  samples: ACTIVATIONS.map((activation) => ({
    inputs: [f32(7, 43), f32(7, 43)],
    attrs: { activation },
  })),
};
