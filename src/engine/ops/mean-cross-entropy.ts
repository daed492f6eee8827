/**
 * The training loss of a classifier with its gradient: the mean of the cross-entropies over the rows that have a target,
 * each row's loss, and dLogits of that mean, all from one look at the logits. As a chain of ops (`cross-entropy`, then
 * `masked-mean`) the gradient took two dispatches more, on as few numbers as these are.
 */
import { isSeed } from "../seed.ts";
import type { OpDef, TensorSpec } from "../types.ts";
import { mul } from "./binary.ts";
import { crossEntropy, crossEntropyGrad, crossEntropyGrid } from "./cross-entropy.ts";
import { maskedMean, maskedMeanGrad } from "./masked-mean.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const u32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "u32" });

/** Inputs logits [N, V] and N targets (u32, of any shape; 0xffffffff: ignored); gives mean [1], losses [N], dLogits [N, V]. */
export const meanCrossEntropy: OpDef = {
  name: "mean-cross-entropy",

  infer(inputs) {
    const [losses] = crossEntropy.infer(inputs, {});
    return [f32(1), losses!, f32(...inputs[0]!.shape)];
  },

  /** A training step needs the mean only as what its gradient is of: `norm` reports it without a dispatch. */
  lower([logits, targets], [mean, losses, dlogits], _attrs, temp, lanes, wanted) {
    const { sizes, narrow, grid } = crossEntropyGrid(logits!, targets!);
    return [
      {
        shader: "cross-entropy",
        entry: narrow ? "mean_narrow" : "mean_wide",
        sizes,
        bind: { logits: logits!, targets: targets!, losses: losses!, dlogits: dlogits! },
        grid,
      },
      ...(wanted?.[0] === false ? [] : maskedMean.lower([losses!, targets!], [mean!], {}, temp, lanes)),
    ];
  },

  /** Of the mean alone; where the mean is the loss itself, there is nothing left to do. */
  vjp(t, { outputs: [, , dLogits] }, [dMean, ...dKept]) {
    if (dKept.some(Boolean)) {
      throw new Error("mean-cross-entropy: no gradient flows through the losses; cross-entropy has one");
    }
    if (!dMean) return [null, null];
    return [isSeed(dMean) ? dLogits! : t.call(mul, [dLogits!, dMean], {})[0]!, null];
  },

  reference([logits, targets]) {
    const [losses] = crossEntropy.reference([logits!, targets!], {});
    const [mean] = maskedMean.reference([losses!, targets!], {});
    const one = { ...f32(1), data: Float64Array.of(1) };
    const [dLosses] = maskedMeanGrad.reference([targets!, one], { shape: losses!.shape });
    const [dLogits] = crossEntropyGrad.reference([logits!, targets!, losses!, dLosses!], {});
    return [mean!, losses!, dLogits!];
  },

  samples: [
    { inputs: [f32(9, 5), u32(9)], attrs: {}, values, wrt: [0] },
    { inputs: [f32(130, 67), u32(10, 13)], attrs: {}, values, wrt: [], bench: true },
    { inputs: [f32(3, 301), u32(3)], attrs: {}, values, wrt: [0] },
    { inputs: [f32(70, 260), u32(70)], attrs: {}, values, wrt: [] },
    // In two workgroups.
    { inputs: [f32(66, 5), u32(66)], attrs: {}, values, wrt: [] },
    // None has a target.
    {
      inputs: [f32(2, 3), u32(2)],
      attrs: {},
      values: (i) => (i === 1 ? [2 ** 32 - 1, 2 ** 32 - 1] : [1, 2, 3, 4, 5, 6]),
    },
  ],
};

/** Input 1: targets, every fourth ignored, one past the columns. Small ids fit any width. */
function values(input: number, { shape }: TensorSpec): number[] {
  const count = shape.reduce((n, d) => n * d, 1);
  if (input === 0) return Array.from({ length: count }, (_, i) => 3 * Math.sin(1.7 * i + 1));
  return Array.from({ length: count }, (_, i) => (i % 4 === 1 ? 2 ** 32 - 1 : i === 2 ? 1000 : (i * 3) % 5));
}
