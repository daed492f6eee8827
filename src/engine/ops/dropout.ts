/**
 * Inverted dropout whose mask is a function of (run seed, step, site, element): nothing is stored for the backward pass,
 * which draws the same mask again, and a step replays bit for bit. The probability is read from the control block, so it
 * can change while a run goes on; at 0 values pass through unchanged, bit for bit.
 */
import { STREAM, threefry2x32, uniform } from "../../random/threefry.ts";
import { CONTROL_WORDS, control, controlValue } from "../control.ts";
import { sizeOf } from "../layout.ts";
import type { OpDef, TensorSpec } from "../types.ts";
import { elementGrid } from "./grid.ts";
import { filled } from "./strided.ts";

export interface DropoutAttrs {
  /** A number of its own for every place in a model where dropout stands. */
  readonly site: number;
}

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const CONTROL: TensorSpec = { shape: [CONTROL_WORDS], dtype: "u32" };

/** Inputs x and the control block. */
export const dropout: OpDef<DropoutAttrs> = {
  name: "dropout",
  infer([x, words]) {
    if (x!.dtype !== "f32") throw new Error("dropout: needs f32");
    if (words!.dtype !== "u32" || sizeOf(words!.shape) < CONTROL_WORDS) {
      throw new Error("dropout: the second input must be the control block");
    }
    return [f32(...x!.shape)];
  },
  lower([x, words], [y], { site }) {
    const count = sizeOf(x!.shape);
    const bind = { x: x!, control: words!, y: y! };
    return [
      {
        shader: "dropout",
        entry: "apply",
        sizes: { count, site },
        bind,
        grid: elementGrid(Math.ceil(count / 2)),
      },
    ];
  },
  vjp: (t, { inputs: [, words], attrs }, [dy]) => [
    dy ? t.call(dropout, [dy, words!], attrs)[0]! : null,
    null,
  ],
  reference([x, words], { site }) {
    const drop = controlValue(words!.data, "dropout");
    const step = controlValue(words!.data, "step");
    const y = filled(x!.shape, "f32");
    const seed = [controlValue(words!.data, "seed0"), controlValue(words!.data, "seed1")] as const;
    const key = threefry2x32(seed[0], seed[1], STREAM.dropout, site);
    x!.data.forEach((value, i) => {
      const bits = threefry2x32(key[0], key[1], step, i >> 1)[i & 1]!;
      if (drop === 0) y.data[i] = value;
      else if (uniform(bits) >= drop) y.data[i] = value / (1 - drop);
    });
    return [y];
  },
  // The last one in several workgroups.
  samples: [0.25, 0.5, 0, 1, 0.125].map((probability, k) => ({
    inputs: [k < 4 ? f32(7, 9 + k) : f32(9, 230), CONTROL],
    attrs: { site: k },
    values: (input: number, { shape }: TensorSpec) =>
      input === 1
        ? control({ step: 41 + k, seed0: 5, seed1: 0xdeadbeef, dropout: probability })
        : Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i + 1)),
    wrt: k < 4 ? [0] : [],
  })),
};
