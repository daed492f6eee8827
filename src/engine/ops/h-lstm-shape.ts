/**
 * What the two directions of the H-LSTM share: its inputs by name, its sizes and limits, how its weights are packed for
 * the kernels, and the dropout inside its gates.
 */
import { STREAM, threefry2x32, uniform } from "../../random/threefry.ts";
import { CONTROL_WORDS, control, controlValue } from "../control.ts";
import { sizeOf } from "../layout.ts";
import type { KernelCall, NdArray, Tensor, TensorSpec } from "../types.ts";
import { elementGrid } from "./grid.ts";

export interface HLstmAttrs {
  /** L, the hidden layers inside each gate, 0 to 3. 0 is a plain LSTM. */
  readonly layers: number;
  /** Slope s ≥ 0 of the leaky ReLU below (and at) zero; 0 is a ReLU. */
  readonly slope: number;
  /** As `dropout`'s: the place's own number. Null: no dropout here, and no control block among the inputs. */
  readonly site: number | null;
}

export interface HLstmSize {
  readonly batch: number;
  readonly time: number;
  /** H, the cells. */
  readonly hidden: number;
  /** G, the width of the hidden layers inside the gates. */
  readonly width: number;
}

/** The weights of the gates, of which those that L has no place for are absent. */
export interface HLstmWeights<T> {
  /** U¹'s columns for h: [4, G, H]. */
  readonly first: T;
  /** U² … Uᴸ: [L − 1, 4, G, G]. */
  readonly inner: T | undefined;
  /** W: [4, H, G]. */
  readonly last: T;
}

const MOST_LAYERS = 3;
/** What a workgroup's memory holds: 4 rows of one gate's layer and of h, 16 bytes a unit. */
const MOST_UNITS = 512;

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
export const CONTROL: TensorSpec = { shape: [CONTROL_WORDS], dtype: "u32" };
export const quads = (n: number): number => Math.ceil(n / 4);

export function checkAttrs({ layers, slope }: HLstmAttrs): void {
  if (!Number.isInteger(layers) || layers < 0 || layers > MOST_LAYERS) {
    throw new Error(`h-lstm: ${layers} hidden layers in a gate; 0 to ${MOST_LAYERS} are possible`);
  }
  // Below 0 the sign of an activation would not tell on which side of the bend it lies.
  if (!(slope >= 0)) throw new Error(`h-lstm: a slope of ${slope}; it must be 0 or more`);
}

export function checkSize({ hidden, width }: HLstmSize): void {
  if (hidden > MOST_UNITS) throw new Error(`h-lstm: ${hidden} cells, the kernel holds ${MOST_UNITS}`);
  if (width > MOST_UNITS) {
    throw new Error(`h-lstm: gates ${width} units wide, the kernel holds ${MOST_UNITS}`);
  }
}

export function expectShape(what: string, found: TensorSpec | undefined, ...shape: number[]): void {
  if (found?.shape.join() !== shape.join()) {
    throw new Error(`h-lstm: ${what} [${shape}] expected, got [${found?.shape ?? "nothing"}]`);
  }
}

export function expectWeights(
  { first, inner, last }: HLstmWeights<TensorSpec>,
  layers: number,
  { hidden, width }: HLstmSize,
): void {
  expectShape("weights from h of", first, 4, width, hidden);
  if (layers > 1) expectShape("inner weights of", inner, layers - 1, 4, width, width);
  expectShape("weights of the gates' last layer of", last, 4, hidden, width);
}

export function expectControl(words: TensorSpec | undefined): void {
  if (words?.dtype !== "u32" || sizeOf(words.shape) < CONTROL_WORDS) {
    throw new Error("h-lstm: with dropout the last input must be the control block");
  }
}

// ----------------------------------------------------------------------------------------------------------- kernels

/**
 * The sizes of a workgroup: WIDTH units that a layer may have, GATES gates at a time (all four where 16 KiB hold them), an
 * invocation for every 4 units of a gate. A few fixed ones, so that growth finds its pipeline among six.
 */
export function tileOf({ hidden, width }: HLstmSize): Readonly<Record<"WIDTH" | "GATES" | "WG", number>> {
  const WIDTH = [16, 32, 64, 128, 256].find((most) => Math.max(hidden, width) <= most) ?? MOST_UNITS;
  const GATES = Math.min(4, MOST_UNITS / WIDTH);
  return { WIDTH, GATES, WG: (WIDTH * GATES) / 4 };
}

/** The kernels' `struct Sizes`, which they share. */
export const sizesOf = (size: HLstmSize, { layers, slope, site }: HLstmAttrs): Record<string, number> => ({
  ...size,
  layers,
  slope,
  site: site ?? 0,
});

export const flopsOf = ({ batch, time, hidden, width }: HLstmSize, layers: number): number =>
  2 * batch * time * 4 * (2 * hidden * width + (layers - 1) * width * width);

/** What only the way forward packs behind the weights. */
export interface HLstmRest {
  readonly innerBias: Tensor | undefined;
  readonly lastBias: Tensor;
  readonly h0: Tensor | undefined;
  readonly c0: Tensor | undefined;
}

/**
 * The weights as the kernels read them, in one buffer: matrix by matrix in the order of use, gate by gate, row v the
 * weights from unit v to all others, in vec4s. Forward (`rest` given): biases and the starting state behind them.
 * Backward: the matrices as they are stored, which is their transposes' order, from the last layer to the first.
 */
export function packWeights(
  { first, inner, last }: HLstmWeights<Tensor>,
  rest: HLstmRest | null,
  size: HLstmSize,
  attrs: HLstmAttrs,
  temp: (spec: TensorSpec) => Tensor,
): { readonly call: KernelCall; readonly weights: Tensor } {
  const { batch, hidden, width } = size;
  const [qg, qh] = [quads(width), quads(hidden)];
  const more = attrs.layers - 1;
  const matrices = 4 * (hidden * qg + more * width * qg + width * qh);
  const behind = rest ? 4 * (more * qg + qh) + (rest.h0 ? 2 * quads(batch) * hidden : 0) : 0;
  const weights = temp(f32(matrices + behind, 4));
  return {
    weights,
    call: {
      shader: "h-lstm-pack",
      entry: "pack",
      constants: { BACK: rest ? 0 : 1 },
      sizes: { batch, hidden, width, layers: attrs.layers, count: matrices + behind },
      // Bound but not read where there is none.
      bind: {
        first,
        inner: inner ?? first,
        last,
        inner_bias: rest?.innerBias ?? first,
        last_bias: rest?.lastBias ?? first,
        h0: rest?.h0 ?? first,
        c0: rest?.c0 ?? first,
        packed_out: weights,
      },
      grid: elementGrid(matrices + behind),
    },
  };
}

// --------------------------------------------------------------------------------------------------------- reference

/** What dropout multiplies unit `unit` of a gate's hidden layer by: 1 / (1 − p) or 0. */
export type Keep = (layer: number, gate: number, row: number, step: number, unit: number) => number;

/** Dropout's rule (dropout.ts) for elements [L, 4, B, T, G], G rounded up to a multiple of 4 so that pairs stay pairs. */
export function keepOf(
  words: NdArray | undefined,
  { site }: HLstmAttrs,
  { batch, time, width }: HLstmSize,
): Keep {
  const drop = words && site !== null ? controlValue(words.data, "dropout") : 0;
  if (drop === 0) return () => 1;
  const seed = [controlValue(words!.data, "seed0"), controlValue(words!.data, "seed1")] as const;
  const [k0, k1] = threefry2x32(seed[0], seed[1], STREAM.dropout, site!);
  const step = controlValue(words!.data, "step");
  return (layer, gate, row, t, unit) => {
    const element = (((layer * 4 + gate) * batch + row) * time + t) * 4 * quads(width) + unit;
    const bits = threefry2x32(k0, k1, step, element >> 1)[element & 1]!;
    return uniform(bits) >= drop ? 1 / (1 - drop) : 0;
  };
}

/** y[r] += Σ_c m[at + r · cols + c] x[c]; the transpose with `back`, x then as long as there are rows. */
export function addProduct(
  y: Float64Array,
  m: Float64Array,
  at: number,
  [rows, cols]: readonly [number, number],
  x: Float64Array,
  back = false,
): void {
  for (let r = 0; r < rows; r++) {
    let sum = 0;
    for (let c = 0; c < cols; c++) {
      const w = m[at + r * cols + c]!;
      if (back) y[c]! += w * x[r]!;
      else sum += w * x[c]!;
    }
    if (!back) y[r]! += sum;
  }
}

// ----------------------------------------------------------------------------------------------------------- samples

/** A wave of values of about normal size, another for every input. */
export const wave = (input: number, i: number): number =>
  Math.sin(12.9898 * (i + 1) + 78.233 * input + i * i);

/** A control block that drops a quarter. */
export const dropping = (): Uint32Array => control({ step: 41, seed0: 5, seed1: 0xdeadbeef, dropout: 0.25 });
