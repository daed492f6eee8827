/**
 * A layer's arm joins the trunk by a factor that changes from step to step: y = x + s·a, where s is the scale of a gate in the
 * control block (layer dropping: 1 over the chance that the layer runs). At s = 1 it is the plain sum, bit for bit.
 */
import { CONTROL_WORDS, control, gateValues, setGate } from "../control.ts";
import { sizeOf } from "../layout.ts";
import type { OpDef, TensorSpec } from "../types.ts";
import { elementGrid } from "./grid.ts";
import { filled } from "./strided.ts";

export interface GateAttrs {
  /** 1 … GATES */
  readonly gate: number;
}

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const CONTROL: TensorSpec = { shape: [CONTROL_WORDS], dtype: "u32" };

function checkControl(name: string, words: TensorSpec | undefined): void {
  if (words?.dtype !== "u32" || sizeOf(words.shape) < CONTROL_WORDS) {
    throw new Error(`${name}: the last input must be the control block`);
  }
}

const samples = (inputs: number) =>
  // The last one in two workgroups.
  [1.25, 1, 0.5].map((scale, k) => ({
    inputs: [...Array.from({ length: inputs }, () => f32(7, k < 2 ? 9 + k : 40)), CONTROL],
    attrs: { gate: 1 + 5 * k },
    values(input: number, { shape }: TensorSpec) {
      if (input < inputs) return Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i + input + 1));
      const words = control({ step: 3 });
      setGate(words, 1 + 5 * k, [scale, 0.1, 0.001]);
      return words;
    },
    wrt: k < 2 ? Array.from({ length: inputs }, (_, i) => i) : [],
  }));

/** Inputs a and the control block; s·a. */
export const gated: OpDef<GateAttrs> = {
  name: "gated",
  infer([a, words]) {
    if (a!.dtype !== "f32") throw new Error("gated: needs f32");
    checkControl("gated", words);
    return [f32(...a!.shape)];
  },
  lower([a, words], [y], { gate }) {
    const count = sizeOf(a!.shape);
    const bind = { a: a!, control: words!, y: y! };
    return [{ shader: "gated-sum", entry: "scale", sizes: { count, gate }, bind, grid: elementGrid(count) }];
  },
  vjp: (t, { inputs: [, words], attrs }, [dy]) => [dy ? t.call(gated, [dy, words!], attrs)[0]! : null, null],
  reference([a, words], { gate }) {
    const [scale] = gateValues(words!.data, gate);
    const y = filled(a!.shape, "f32");
    a!.data.forEach((value, i) => {
      y.data[i] = scale! * value;
    });
    return [y];
  },
  samples: samples(1),
};

/** Inputs a, x of one shape, and the control block; x + s·a. */
export const gatedSum: OpDef<GateAttrs> = {
  name: "gated-sum",
  infer([a, x, words]) {
    if (a!.dtype !== "f32" || x!.dtype !== "f32" || a!.shape.join() !== x!.shape.join()) {
      throw new Error(`gated-sum: [${a!.shape}] and [${x!.shape}] must be f32 of one shape`);
    }
    checkControl("gated-sum", words);
    return [f32(...a!.shape)];
  },
  lower([a, x, words], [y], { gate }) {
    const count = sizeOf(a!.shape);
    const bind = { a: a!, x: x!, control: words!, y: y! };
    return [{ shader: "gated-sum", entry: "sum", sizes: { count, gate }, bind, grid: elementGrid(count) }];
  },
  vjp: (t, { inputs: [, , words], attrs }, [dy]) => [
    dy ? t.call(gated, [dy, words!], attrs)[0]! : null,
    dy ?? null,
    null,
  ],
  reference([a, x, words], { gate }) {
    const [scale] = gateValues(words!.data, gate);
    const y = filled(a!.shape, "f32");
    a!.data.forEach((value, i) => {
      y.data[i] = x!.data[i]! + scale! * value;
    });
    return [y];
  },
  samples: samples(2),
};
