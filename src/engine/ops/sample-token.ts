/**
 * One more token of generated text, chosen and written on the device: a sampling run is a chain of replays that nobody
 * waits for. Drawing at temperature τ takes the largest of logit/τ + Gumbel noise, which has exactly the probabilities
 * softmax(logits/τ) and needs no sum.
 */
import { STREAM, streamKey, threefry2x32 } from "../../random/threefry.ts";
import { CONTROL_WORDS, control, controlValue } from "../control.ts";
import { sizeOf } from "../layout.ts";
import type { NdArray, OpDef, TensorSpec } from "../types.ts";

export interface SampleTokenAttrs {
  /** Place 0 holds [BOS] and stays when the window moves on. */
  readonly bos: boolean;
}

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const u32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "u32" });

/** −ln(−ln u) of u = (k + ½)/2²³, k the high 23 bits: never 0 or 1. */
export const gumbel = (bits: number): number => -Math.log(-Math.log(((bits >>> 9) + 0.5) * 2 ** -23));

/** The token that follows place `position`; ties go to the lowest id. */
function choose(logits: NdArray, words: ArrayLike<number>): number {
  const [length, vocab] = logits.shape as [number, number];
  const row = Math.min(controlValue(words, "position"), length - 1) * vocab;
  const temperature = controlValue(words, "temperature");
  const key = streamKey(controlValue(words, "seed0"), controlValue(words, "seed1"), STREAM.sample);
  let best = 0;
  let highest = Number.NEGATIVE_INFINITY;
  for (let v = 0; v < vocab; v++) {
    let score = logits.data[row + v]!;
    if (temperature > 0) {
      const [bits] = threefry2x32(key[0], key[1], controlValue(words, "written"), v);
      score = score / temperature + gumbel(bits);
    }
    if (score > highest) {
      highest = score;
      best = v;
    }
  }
  return best;
}

/**
 * Inputs logits [T, V], window u32 [T], written u32 [M] and the control block. The token chosen from row `position` goes
 * to the next place of the window, which moves left by one when it is full, and to written[control.written].
 */
export const sampleToken: OpDef<SampleTokenAttrs> = {
  name: "sample-token",
  alias: [1, 2],
  infer([logits, window, written, words]) {
    if (logits!.dtype !== "f32" || logits!.shape.length !== 2 || sizeOf(window!.shape) !== logits!.shape[0]) {
      throw new Error(`sample-token: logits [${logits!.shape}] do not fit a window of [${window!.shape}]`);
    }
    if ([window!, written!, words!].some(({ dtype }) => dtype !== "u32")) {
      throw new Error("sample-token: window, written and the control block are u32");
    }
    if (sizeOf(words!.shape) < CONTROL_WORDS) {
      throw new Error("sample-token: the fourth input must be the control block");
    }
    return [window!, written!].map(({ shape, dtype }) => ({ shape, dtype }));
  },
  lower([logits, window, written, words], _, { bos }) {
    const [length, vocab] = logits!.shape as [number, number];
    return [
      {
        shader: "sample-token",
        entry: "forward",
        sizes: { length, vocab, written: sizeOf(written!.shape), keep: Number(bos) },
        bind: { logits: logits!, window: window!, written: written!, control: words! },
        grid: [1, 1, 1],
      },
    ];
  },
  reference([logits, window, written, words], { bos }) {
    const token = choose(logits!, words!.data);
    const text = window!.data.slice();
    const list = written!.data.slice();
    const last = text.length - 1;
    const place = Math.min(controlValue(words!.data, "position"), last);
    if (place === last) text.copyWithin(Number(bos), Number(bos) + 1);
    text[place === last ? last : place + 1] = token;
    const number = controlValue(words!.data, "written");
    if (number < list.length) list[number] = token;
    return [
      { shape: window!.shape, dtype: "u32", data: text },
      { shape: written!.shape, dtype: "u32", data: list },
    ];
  },
  samples: [
    sample(5, 7, false, { position: 2, written: 3 }),
    sample(5, 7, false, { position: 4, written: 0 }),
    sample(9, 130, true, { position: 8, written: 5, temperature: 0.8 }),
    sample(150, 90, true, { position: 149, written: 99, temperature: 1.5 }),
    sample(150, 3, false, { position: 149, written: 1, temperature: 0.1 }),
  ],
};

function sample(length: number, vocab: number, bos: boolean, words: Parameters<typeof control>[0]) {
  return {
    inputs: [f32(length, vocab), u32(length), u32(8), u32(CONTROL_WORDS)],
    attrs: { bos },
    values: (input: number, { shape }: TensorSpec): ArrayLike<number> => {
      if (input === 3) return control({ seed0: 8, seed1: 9, ...words });
      const n = sizeOf(shape);
      // Rounded, so that the greedy samples have ties.
      if (input === 0) return Array.from({ length: n }, (_, i) => Math.round(2 * Math.sin(i * 0.37)));
      return Array.from({ length: n }, (_, i) => i % 6);
    },
    tolerance: 0, // integers
  };
}
