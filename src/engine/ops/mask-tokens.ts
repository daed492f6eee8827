/**
 * Hiding symbols for a masked language model (BERT, Devlin et al. 2019 §3.1): each place of the text is chosen with
 * probability 15 %; of the chosen, 80 % become [MASK], 10 % a symbol drawn at random, 10 % stay. Targets are the symbols
 * that stood at the chosen places; elsewhere there is no loss. A function of (seed, step, place), or of the batch's
 * number where batches stand evenly, in integers alone, so that the reference has the kernel's bits.
 */
import { STREAM, threefry2x32, uniformInt } from "../../random/threefry.ts";
import { CONTROL_WORDS, control, controlValue } from "../control.ts";
import { sizeOf } from "../layout.ts";
import type { OpDef, TensorSpec } from "../types.ts";
import { IGNORED } from "./cross-entropy.ts";
import { elementGrid } from "./grid.ts";
import { filled } from "./strided.ts";

export interface MaskTokensAttrs {
  /** Symbols of the text. [CLS] has this id and is never chosen, [MASK] the next. */
  readonly vocab: number;
}

const u32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "u32" });

/** Of 2³²: chosen; and of the chosen [MASK], and [MASK] or drawn. */
export const CHOSEN = Math.round(0.15 * 2 ** 32);
export const HIDDEN = Math.round(0.8 * 2 ** 32);
export const CHANGED = Math.round(0.9 * 2 ** 32);

/** Inputs ids u32 [B, T] and the control block; gives inputs and targets u32 [B, T]. */
export const maskTokens: OpDef<MaskTokensAttrs> = {
  name: "mask-tokens",
  infer([ids, words]) {
    if (ids!.dtype !== "u32" || words!.dtype !== "u32" || sizeOf(words!.shape) < CONTROL_WORDS) {
      throw new Error("mask-tokens: ids u32 and the control block are needed");
    }
    return [u32(...ids!.shape), u32(...ids!.shape)];
  },
  lower([ids, words], [inputs, targets], { vocab }) {
    const count = sizeOf(ids!.shape);
    return [
      {
        shader: "mask-tokens",
        entry: "forward",
        sizes: { count, vocab },
        bind: { ids: ids!, control: words!, inputs: inputs!, targets: targets! },
        grid: elementGrid(count, 64),
      },
    ];
  },
  reference([ids, words], { vocab }) {
    const at = (slot: Parameters<typeof controlValue>[1]) => controlValue(words!.data, slot);
    const inputs = filled(ids!.shape, "u32");
    const targets = filled(ids!.shape, "u32");
    const number = at("drawMode") === 0 ? at("step") : at("drawIndex");
    const key = (purpose: number) => threefry2x32(at("seed0"), at("seed1"), STREAM.mask, purpose);
    const [which, what] = [key(0), key(1)];
    ids!.data.forEach((id, i) => {
      const [chosen, how] = threefry2x32(which[0], which[1], number, i);
      const hit = chosen < CHOSEN && id < vocab;
      targets.data[i] = hit ? id : IGNORED;
      inputs.data[i] = id;
      if (!hit) return;
      if (how < HIDDEN) inputs.data[i] = vocab + 1;
      else if (how < CHANGED) {
        inputs.data[i] = uniformInt(threefry2x32(what[0], what[1], number, i)[0], vocab);
      }
    });
    return [inputs, targets];
  },
  samples: [{ step: 3 }, { drawMode: 1, drawIndex: 2, step: 9 }].map((words) => ({
    inputs: [u32(7, 33), u32(CONTROL_WORDS)],
    attrs: { vocab: 30 },
    values: (input: number) =>
      input === 1
        ? control({ seed0: 17, seed1: 0xcafe, ...words })
        : Array.from({ length: 7 * 33 }, (_, i) => (i % 33 === 0 ? 30 : (i * 7) % 30)),
    tolerance: 0, // integers
  })),
};
