/** The inputs of `h-lstm` by name, and what they must be: how many there are depends on L, the state and dropout. */
import type { TensorSpec } from "../types.ts";
import {
  checkAttrs,
  checkSize,
  expectControl,
  expectShape,
  expectWeights,
  type HLstmAttrs,
  type HLstmSize,
  type HLstmWeights,
} from "./h-lstm-shape.ts";

export interface HLstmInputs<T> {
  readonly xproj: T;
  readonly weights: HLstmWeights<T>;
  readonly lastBias: T;
  readonly innerBias: T | undefined;
  readonly h0: T | undefined;
  readonly c0: T | undefined;
  readonly control: T | undefined;
}

/** Inputs before the state. */
const weightInputs = (layers: number): number => 2 * Math.min(layers, 2) + 2;

/** By name; for L ≥ 1. */
export function named<T>(inputs: readonly T[], { layers, site }: HLstmAttrs): HLstmInputs<T> {
  const rest = inputs.slice(weightInputs(layers));
  const control = site === null ? undefined : rest.pop();
  const [xproj, first, last, lastBias, inner, innerBias] = inputs.slice(0, weightInputs(layers));
  return {
    xproj: xproj!,
    weights: { first: first!, inner, last: last! },
    lastBias: lastBias!,
    innerBias,
    h0: rest[0],
    c0: rest[1],
    control,
  };
}

export function sizeOfInputs([xproj, , w]: readonly TensorSpec[]): HLstmSize {
  const [batch, time, four, width] = xproj!.shape as readonly number[];
  const hidden = w?.shape[1];
  if (xproj!.shape.length !== 4 || four !== 4) {
    throw new Error(`h-lstm: xproj [B, T, 4, G] expected, got [${xproj!.shape}]`);
  }
  return { batch: batch!, time: time!, hidden: hidden ?? 0, width: width! };
}

/** What `lstm` takes of a gate without hidden layers. */
export const plain = <T>(inputs: readonly T[], { site }: HLstmAttrs): readonly T[] =>
  site === null ? inputs : inputs.slice(0, -1);

/** The sizes of inputs that fit (all 0 for L = 0, which `lstm` checks); an Error with one sentence for others. */
export function checked(inputs: readonly TensorSpec[], attrs: HLstmAttrs): HLstmSize {
  const { layers, site } = attrs;
  checkAttrs(attrs);
  if (site !== null) expectControl(inputs.at(-1));
  const state = inputs.length - weightInputs(layers) - (site === null ? 0 : 1);
  if (state !== 0 && state !== 2) {
    throw new Error(
      `h-lstm: ${layers} hidden layers take ${weightInputs(layers)} inputs${site === null ? "" : " and the control block"}, with h0 and c0 two more; got ${inputs.length}`,
    );
  }
  if (layers === 0) return { batch: 0, time: 0, hidden: 0, width: 0 };
  const size = sizeOfInputs(inputs);
  const { weights, lastBias, innerBias, h0, c0 } = named(inputs, attrs);
  checkSize(size);
  expectWeights(weights, layers, size);
  expectShape("biases of the gates of", lastBias, 4, size.hidden);
  if (layers > 1) expectShape("inner biases of", innerBias, layers - 1, 4, size.width);
  if (h0) expectShape("h0 of", h0, size.batch, size.hidden);
  if (c0) expectShape("c0 of", c0, size.batch, size.hidden);
  return size;
}
