/**
 * A batch, drawn and cut on the device: the tokens lie there once, and a step uploads only its number. Which windows a
 * batch holds is a function of (seed, step) alone, in integers, so the reference has the same bits as the kernel.
 */
import { STREAM, streamKey, threefry2x32, uniformInt } from "../../random/threefry.ts";
import { CONTROL_WORDS, control, controlValue } from "../control.ts";
import { sizeOf } from "../layout.ts";
import type { OpDef, TensorSpec } from "../types.ts";
import { IGNORED } from "./cross-entropy.ts";
import { elementGrid } from "./grid.ts";
import { filled } from "./strided.ts";

export interface DrawWindowsAttrs {
  readonly batch: number;
  readonly context: number;
  /** [BOS] stands before each window, and the targets begin one place earlier. */
  readonly bos: boolean;
  /** Symbols of the tokenizer: the id of [BOS]. */
  readonly vocab: number;
  /** Windows begin at one of `starts`, else anywhere that leaves room for context + 1 tokens. */
  readonly listed: boolean;
}

const u32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "u32" });

/** On a token: it is never a target. */
const NEVER = 0x80000000;

/** How many places a window may begin at. */
const rangeOf = (tokens: TensorSpec, starts: TensorSpec, { context, listed }: DrawWindowsAttrs): number =>
  listed ? sizeOf(starts.shape) : sizeOf(tokens.shape) - context;

/** Number of the place (in `starts`, or in the tokens) where window b begins. */
export function windowPick(words: ArrayLike<number>, b: number, batch: number, range: number): number {
  const at = (slot: Parameters<typeof controlValue>[1]) => controlValue(words, slot);
  if (at("drawMode") === 0) {
    const key = streamKey(at("seed0"), at("seed1"), STREAM.order);
    return uniformInt(threefry2x32(key[0], key[1], at("step"), b)[0], range);
  }
  return evenPick(words, b, batch, range);
}

/** Place of item b when those of all batches stand evenly over the range. */
export function evenPick(words: ArrayLike<number>, b: number, batch: number, range: number): number {
  const all = Math.max(1, controlValue(words, "drawCount") * batch);
  const item = controlValue(words, "drawIndex") * batch + b;
  return Math.min(Number((BigInt(item) * BigInt(range)) / BigInt(all)), range - 1);
}

/**
 * Inputs tokens u32 [n], starts u32 [k] (one element that nobody reads, unless `listed`) and the control block; gives
 * inputs and targets u32 [B, T]. drawMode 0: window b of batch `step` begins at a uniform draw. drawMode 1: the places of
 * all drawCount · B windows stand evenly over the range, and this is batch drawIndex of them (drawCount · B ≤ 2³¹).
 */
export const drawWindows: OpDef<DrawWindowsAttrs> = {
  name: "draw-windows",
  infer([tokens, starts, words], attrs) {
    if ([tokens!, starts!, words!].some(({ dtype }) => dtype !== "u32")) {
      throw new Error("draw-windows: tokens, starts and the control block are u32");
    }
    if (sizeOf(words!.shape) < CONTROL_WORDS) {
      throw new Error("draw-windows: the third input must be the control block");
    }
    if (rangeOf(tokens!, starts!, attrs) < 1 || sizeOf(tokens!.shape) <= attrs.context) {
      const n = sizeOf(tokens!.shape);
      throw new Error(`draw-windows: no window of ${attrs.context} + 1 tokens fits into ${n}`);
    }
    const shape = [attrs.batch, attrs.context];
    return [u32(...shape), u32(...shape)];
  },
  lower([tokens, starts, words], [inputs, targets], attrs) {
    const { batch, context, bos, vocab, listed } = attrs;
    return [
      {
        shader: "draw-windows",
        entry: "forward",
        sizes: {
          batch,
          context,
          range: rangeOf(tokens!, starts!, attrs),
          bos: Number(bos),
          vocab,
          listed: Number(listed),
        },
        bind: { tokens: tokens!, starts: starts!, control: words!, inputs: inputs!, targets: targets! },
        grid: elementGrid(batch * context, 64),
      },
    ];
  },
  reference([tokens, starts, words], attrs) {
    const { batch, context, bos, vocab, listed } = attrs;
    const range = rangeOf(tokens!, starts!, attrs);
    const inputs = filled([batch, context], "u32");
    const targets = filled([batch, context], "u32");
    for (let b = 0; b < batch; b++) {
      const pick = windowPick(words!.data, b, batch, range);
      const begin = listed ? starts!.data[pick]! : pick;
      for (let t = 0; t < context; t++) {
        const i = b * context + t;
        const from = begin + t - Number(bos);
        inputs.data[i] = bos && t === 0 ? vocab : tokens!.data[from]! % NEVER;
        const goal = tokens!.data[from + 1]!;
        targets.data[i] = goal >= NEVER ? IGNORED : goal;
      }
    }
    return [inputs, targets];
  },
  samples: [
    sample({ batch: 5, context: 7, bos: false, vocab: 60, listed: false }, { step: 3 }),
    sample({ batch: 9, context: 8, bos: true, vocab: 60, listed: false }, { step: 0xfffffff0 }),
    sample({ batch: 4, context: 3, bos: false, vocab: 60, listed: true }, { step: 12 }),
    sample({ batch: 3, context: 5, bos: true, vocab: 60, listed: true }, { drawMode: 1, drawCount: 2 }),
    sample(
      { batch: 7, context: 4, bos: false, vocab: 60, listed: false },
      { drawMode: 1, drawIndex: 2, drawCount: 3 },
    ),
    // As many as there are places: each once; and products that leave 32 bits.
    sample(
      { batch: 9, context: 10, bos: false, vocab: 60, listed: false },
      { drawMode: 1, drawIndex: 9, drawCount: 10 },
    ),
    sample(
      { batch: 2, context: 10, bos: false, vocab: 60, listed: false },
      { drawMode: 1, drawIndex: 1e8, drawCount: 5e8 },
    ),
  ],
};

function sample(attrs: DrawWindowsAttrs, words: Parameters<typeof control>[0]) {
  const n = 100;
  const starts = attrs.listed ? [0, 11, 30, 31, 62, n - attrs.context - 1] : [0];
  return {
    inputs: [u32(n), u32(starts.length), u32(CONTROL_WORDS)],
    attrs,
    values: (input: number) => {
      if (input === 1) return starts;
      if (input === 2) return control({ seed0: 17, seed1: 0xcafe, ...words });
      return Array.from({ length: n }, (_, i) => ((i * 37) % 59) + (i % 5 === 2 ? NEVER : 0));
    },
    tolerance: 0, // integers
  };
}
