/** The training loss: the mean over the places that have a target. 0 when none has. */
import { sizeOf } from "../layout.ts";
import type { NdArray, OpDef, TensorSpec } from "../types.ts";
import { IGNORED } from "./cross-entropy.ts";
import { filled } from "./strided.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const u32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "u32" });

/** At least 1, so that nothing divides by 0. */
const counted = (targets: NdArray): number =>
  Math.max(
    1,
    targets.data.reduce((n, id) => n + (id === IGNORED ? 0 : 1), 0),
  );

/** Inputs losses and as many u32 targets, 0xffffffff: ignored; gives [1]. */
export const maskedMean: OpDef = {
  name: "masked-mean",
  infer([losses, targets]) {
    if (losses!.dtype !== "f32" || targets!.dtype !== "u32") {
      throw new Error("masked-mean: needs f32 losses and u32 targets");
    }
    if (sizeOf(losses!.shape) !== sizeOf(targets!.shape)) {
      throw new Error(`masked-mean: losses are [${losses!.shape}] and targets [${targets!.shape}]`);
    }
    return [f32(1)];
  },
  lower: ([losses, targets], [mean]) => [
    {
      shader: "masked-mean",
      entry: "forward",
      sizes: { count: sizeOf(losses!.shape) },
      bind: { losses: losses!, targets: targets!, mean: mean! },
      grid: [1, 1, 1],
    },
  ],
  vjp: (t, { inputs: [losses, targets] }, [dMean]) => [
    dMean ? t.call(maskedMeanGrad, [targets!, dMean], { shape: losses!.shape })[0]! : null,
    null,
  ],
  reference([losses, targets]) {
    const sum = losses!.data.reduce((s, loss, i) => s + (targets!.data[i] === IGNORED ? 0 : loss), 0);
    return [filled([1], "f32", sum / counted(targets!))];
  },
  samples: [
    { inputs: [f32(7), u32(7)], attrs: {}, values: sampleValues, wrt: [0] },
    { inputs: [f32(1030), u32(10, 103)], attrs: {}, values: sampleValues, wrt: [], bench: true },
    { inputs: [f32(1), u32(1)], attrs: {}, values: () => [IGNORED], wrt: [] },
  ],
};

export interface MaskedMeanGradAttrs {
  /** Of the losses. */
  readonly shape: readonly number[];
}

/** Inputs targets and dMean [1]; gives dLosses. */
export const maskedMeanGrad: OpDef<MaskedMeanGradAttrs> = {
  name: "masked-mean-grad",
  infer: (_, { shape }) => [f32(...shape)],
  lower: ([targets, dmean], [dlosses]) => [
    {
      shader: "masked-mean",
      entry: "backward",
      sizes: { count: sizeOf(targets!.shape) },
      bind: { targets: targets!, dmean: dmean!, dlosses: dlosses! },
      grid: [1, 1, 1],
    },
  ],
  reference([targets, dMean], { shape }) {
    const dLosses = filled(shape, "f32", dMean!.data[0]! / counted(targets!));
    targets!.data.forEach((id, i) => {
      if (id === IGNORED) dLosses.data[i] = 0;
    });
    return [dLosses];
  },
  samples: [
    { inputs: [u32(7), f32(1)], attrs: { shape: [7] }, values: (i, s) => sampleValues(1 - i, s) },
    { inputs: [u32(3, 101), f32(1)], attrs: { shape: [303] }, values: (i, s) => sampleValues(1 - i, s) },
  ],
};

/** Input 0: losses; input 1: targets, every third ignored. */
function sampleValues(input: number, { shape }: TensorSpec): number[] {
  return Array.from({ length: sizeOf(shape) }, (_, i) =>
    input === 0 ? 2 + Math.sin(i + 1) : i % 3 === 1 ? IGNORED : i,
  );
}
