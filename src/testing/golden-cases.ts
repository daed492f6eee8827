/**
 * Programs for the golden values of e2e/golden/ops.json (PyTorch, float64) and for G8 of the growing LSTM, as models would
 * trace them: gradients go through the trace, so that what is compared is an op together with its place in autodiff.
 * golden.test.ts runs them on the references, golden.gpu.test.ts on a device.
 *
 * Long because each case is the program that its golden value belongs to.
 */
import { readFileSync } from "node:fs";
import { type ControlSlot, control } from "../engine/control.ts";
import { attention } from "../engine/ops/attention.ts";
import { mul } from "../engine/ops/binary.ts";
import { crossEntropy } from "../engine/ops/cross-entropy.ts";
import { hLstm } from "../engine/ops/h-lstm.ts";
import { layerNorm } from "../engine/ops/layer-norm.ts";
import { slice } from "../engine/ops/layout.ts";
import { lstm } from "../engine/ops/lstm.ts";
import { lstmTokens } from "../engine/ops/lstm-tokens.ts";
import { matmul } from "../engine/ops/matmul.ts";
import { norm } from "../engine/ops/norm.ts";
import { reduce } from "../engine/ops/reduce.ts";
import { reshape } from "../engine/ops/reshape.ts";
import { plan } from "../engine/plan.ts";
import { createTrace } from "../engine/trace.ts";
import type { DType, OpDef, Program, Tensor, Trace } from "../engine/types.ts";
import { adamw } from "../methods/optim/adamw.ts";

interface Values {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

type Named = Readonly<Record<string, Values>>;
type Tensors = Readonly<Record<string, Tensor>>;

interface Recorded {
  readonly made: Readonly<Record<string, string | number>>;
  readonly adamw: {
    readonly lr: number;
    readonly betas: readonly [number, number];
    readonly eps: number;
    readonly weight_decay: number;
  };
  readonly cases: Readonly<Record<string, { readonly inputs: Named; readonly outputs: Named }>>;
}

export const RECORDED: Recorded = JSON.parse(
  readFileSync(new URL("../../e2e/golden/ops.json", import.meta.url), "utf8"),
);

export interface GoldenCase {
  readonly name: string;
  readonly program: Program;
  /** Bound by name before the first run. A program may write to them. */
  readonly inputs: ReadonlyMap<string, { readonly dtype: DType; readonly data: readonly number[] }>;
  /** Outputs, or named buffers written in place, after each run; more runs than one are steps of an optimizer. */
  readonly runs: readonly {
    readonly control: Uint32Array;
    readonly write: ReadonlyMap<string, readonly number[]>;
    readonly outputs: ReadonlyMap<string, readonly number[]>;
  }[];
  readonly ops: readonly OpDef[];
  /** What the recorded values were rounded to: half a unit of their last digit. */
  readonly rounding: number;
}

const dataOf = (named: Named): Map<string, readonly number[]> =>
  new Map(Object.entries(named).map(([name, { data }]) => [name, data]));

/** Output `of`, further outputs as `also` says, and d Σ weights · of / d each input but `weights` and `fixed`. */
interface Traced {
  readonly of: Tensor;
  readonly also?: Tensors;
}

const OUTPUT: Readonly<Record<string, string>> = {
  "cross-entropy": "losses",
  lstm: "h",
  "lstm from zero": "h",
  "h-lstm": "h",
  "h-lstm, 2 hidden layers": "h",
};

function differentiated(
  name: string,
  fixed: readonly string[],
  apply: (t: Trace, x: Tensors) => Traced,
): GoldenCase {
  const { inputs, outputs } = RECORDED.cases[name]!;
  const t = createTrace();
  const typeOf = (input: string): DType => (fixed.includes(input) ? "u32" : "f32");
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([input, { shape }]) => [
      input,
      t.buffer(input, "data", { shape, dtype: typeOf(input) }),
    ]),
  );
  const { of, also = {} } = apply(t, tensors);
  const flat = (x: Tensor) => t.call(reshape, [x], { shape: [x.shape.reduce((n, d) => n * d, 1)] })[0]!;
  const [product] = t.call(mul, [flat(of), flat(tensors.weights!)], {});
  const [loss] = t.call(reduce, [product!], { axes: [0], keepDims: false, how: "sum" });
  const wrt = new Map(
    Object.entries(tensors).filter(([input]) => input !== "weights" && !fixed.includes(input)),
  );
  t.output(OUTPUT[name] ?? "y", of);
  for (const [output, tensor] of Object.entries(also)) t.output(output, tensor);
  for (const [input, gradient] of t.grad(loss!, wrt)) t.output(`d ${input}`, gradient);
  return {
    name,
    program: plan(t.finish()),
    inputs: new Map(
      Object.entries(inputs).map(([input, { data }]) => [input, { dtype: typeOf(input), data }]),
    ),
    runs: [{ control: control({}), write: new Map(), outputs: dataOf(outputs) }],
    ops: [],
    rounding: 0,
  };
}

const DENSE = { ta: false, tb: true, bias: true, residual: false, activation: "none" } as const;

function recurrent(t: Trace, x: Tensors): Traced {
  const [batch, time, inputs] = x.x!.shape as [number, number, number];
  const hidden = x.w_h!.shape[1]!;
  const rows = t.call(reshape, [x.x!], { shape: [batch * time, inputs] })[0]!;
  const projected = t.call(matmul, [rows, x.w_x!, x.b!], DENSE)[0]!;
  const state = x.h0 ? [x.h0, x.c0!].map((s) => t.call(reshape, [s], { shape: [batch, hidden] })[0]!) : [];
  const [h, , c] = t.call(
    lstm,
    [
      t.call(reshape, [projected], { shape: [batch, time, 4, hidden] })[0]!,
      t.call(reshape, [x.w_h!], { shape: [4, hidden, hidden] })[0]!,
      ...state,
    ],
    {},
  );
  const [last] = t.call(slice, [c!], { starts: [0, time - 1, 0], sizes: [batch, 1, hidden] });
  return { of: h!, also: x.h0 ? { "c at the end": last! } : {} };
}

/** Gates with hidden layers; the slope is the recorded script's. */
function gated(t: Trace, x: Tensors): Traced {
  const [batch, time, inputs] = x.x!.shape as [number, number, number];
  const [, width, hidden] = x.u_h!.shape as [number, number, number];
  const rows = t.call(reshape, [x.x!], { shape: [batch * time, inputs] })[0]!;
  const projected = t.call(matmul, [rows, x.u_x!, x.d!], DENSE)[0]!;
  const xproj = t.call(reshape, [projected], { shape: [batch, time, 4, width] })[0]!;
  const inner = x.inner ? [x.inner, x.inner_d!] : [];
  const [h, , c] = t.call(hLstm, [xproj, x.u_h!, x.w!, x.b!, ...inner], {
    ...{ layers: x.inner ? 1 + x.inner.shape[0]! : 1, slope: 0.01, site: null },
  });
  const [last] = t.call(slice, [c!], { starts: [0, time - 1, 0], sizes: [batch, 1, hidden] });
  return { of: h!, also: { "c at the end": last! } };
}

const attended =
  (causal: boolean) =>
  (t: Trace, { qkv }: Tensors): Traced => {
    const [of, p] = t.call(attention, [qkv!], { causal });
    return { of: of!, also: { p: p! } };
  };

/** Three updates in place, with the gradient norm and the control block as in training; no clipping. */
function optimized(): GoldenCase {
  const { inputs, outputs } = RECORDED.cases.adamw!;
  const { lr, betas, eps, weight_decay: weightDecay } = RECORDED.adamw;
  const size = inputs.param!.data.length;
  const t = createTrace();
  const buffer = (name: string) => t.buffer(name, "params", { shape: [size], dtype: "f32" });
  const [param, grad, m, v] = ["param", "grad", "m", "v"].map(buffer) as [Tensor, Tensor, Tensor, Tensor];
  const blocks = t.constant({ shape: [size / 64], dtype: "u32" }, new Array<number>(size / 64).fill(1));
  const [norms] = t.call(norm, [grad], {});
  adamw.update(
    t,
    { param, grad, slots: [m, v], blocks, norm: norms!, age: null },
    { lr, beta1: betas[0], beta2: betas[1], eps, weightDecay, clip: 0 },
  );
  const zeros = new Array<number>(size).fill(0);
  return {
    name: "adamw",
    program: plan(t.finish()),
    inputs: new Map([
      ["param", { dtype: "f32", data: inputs.param!.data }],
      ...["grad", "m", "v"].map((name) => [name, { dtype: "f32", data: zeros }] as const),
    ]),
    runs: [1, 2, 3].map((step) => ({
      control: control({
        updates: step,
        lr,
        weightDecay,
        bias1: 1 - betas[0] ** step,
        bias2: 1 - betas[1] ** step,
      } satisfies Partial<Record<ControlSlot, number>>),
      write: new Map([["grad", inputs[`grad ${step}`]!.data]]),
      outputs: new Map([
        ["param", outputs[`param ${step}`]!.data],
        ...(step === 3 ? ["m", "v"].map((name) => [name, outputs[name]!.data] as const) : []),
      ]),
    })),
    ops: adamw.ops ?? [],
    rounding: 0,
  };
}

/**
 * G8 of the growing LSTM: V = 3 one-hot, H = 2, tokens 0, 2, 1 from the zero state. Filled by 0.5 sin k in the order W_x
 * [4][2][3], W_h [4][2][2], b [4][2], W_y [3][2], b_y [3], gates there f, i, o, g.
 */
function grown(): GoldenCase {
  let k = 0;
  const fill = (count: number): number[] => Array.from({ length: count }, () => 0.5 * Math.sin(++k));
  /** From f, i, o, g to i, f, g, o. */
  const gates = (data: readonly number[]): number[] => {
    const size = data.length / 4;
    return [1, 0, 3, 2].flatMap((gate) => data.slice(gate * size, (gate + 1) * size));
  };
  const filled = [24, 16, 8, 6, 3].map(fill) as [number[], number[], number[], number[], number[]];
  const given: Readonly<Record<string, readonly [readonly number[], readonly number[]]>> = {
    x: [
      [3, 3],
      [1, 0, 0, 0, 0, 1, 0, 1, 0],
    ],
    w_x: [[8, 3], gates(filled[0])],
    w_h: [[4, 2, 2], gates(filled[1])],
    b: [[8], gates(filled[2])],
    w_y: [[3, 2], filled[3]],
    b_y: [[3], filled[4]],
  };
  const t = createTrace();
  const x = Object.fromEntries(
    Object.entries(given).map(([name, [shape]]) => [name, t.buffer(name, "data", { shape, dtype: "f32" })]),
  ) as Tensors;
  const projected = t.call(matmul, [x.x!, x.w_x!, x.b!], DENSE)[0]!;
  const [h, , c] = t.call(lstm, [t.call(reshape, [projected], { shape: [1, 3, 4, 2] })[0]!, x.w_h!], {});
  const [z] = t.call(matmul, [t.call(reshape, [h!], { shape: [3, 2] })[0]!, x.w_y!, x.b_y!], DENSE);
  const atEnd = { starts: [0, 2, 0], sizes: [1, 1, 2] };
  // The same, the symbols looked up.
  const ids = t.constant({ shape: [1, 3], dtype: "u32" }, [0, 2, 1]);
  const wx = t.call(reshape, [x.w_x!], { shape: [4, 2, 3] })[0]!;
  const byTokens = t.call(lstmTokens, [wx, t.call(reshape, [x.b!], { shape: [4, 2] })[0]!, x.w_h!, ids], {});
  t.output("h at the end, by tokens", t.call(slice, [byTokens[0]!], atEnd)[0]!);
  t.output("c at the end, by tokens", t.call(slice, [byTokens[2]!], atEnd)[0]!);
  t.output("z", z!);
  t.output("h at the end", t.call(slice, [h!], atEnd)[0]!);
  t.output("c at the end", t.call(slice, [c!], atEnd)[0]!);
  return {
    name: "G8, growing LSTM",
    program: plan(t.finish()),
    inputs: new Map(Object.entries(given).map(([name, [, data]]) => [name, { dtype: "f32", data }])),
    runs: [
      {
        control: control({}),
        write: new Map(),
        outputs: new Map([
          [
            "z",
            [-0.508051, -0.291886, 0.25215, -0.548014, -0.298696, 0.297779, -0.593429, -0.262088, 0.312726],
          ],
          ["h at the end", [0.242162, -0.167163]],
          ["c at the end", [0.349527, -0.342732]],
          ["h at the end, by tokens", [0.242162, -0.167163]],
          ["c at the end, by tokens", [0.349527, -0.342732]],
        ]),
      },
    ],
    ops: [],
    rounding: 5e-7,
  };
}

export const goldenCases = (): readonly GoldenCase[] => [
  differentiated("dense", [], (t, { x, w, b, r }) => ({
    of: t.call(matmul, [x!, w!, b!, r!], { ...DENSE, residual: true, activation: "gelu" })[0]!,
  })),
  differentiated("lstm", [], recurrent),
  differentiated("lstm from zero", [], recurrent),
  differentiated("attention, causal", [], attended(true)),
  differentiated("attention, full", [], attended(false)),
  differentiated("layer norm", [], (t, { x, gain, bias }) => ({
    of: t.call(layerNorm, [x!, gain!, bias!], { eps: 1e-5 })[0]!,
  })),
  differentiated("cross-entropy", ["targets"], (t, { logits, targets }) => ({
    of: t.call(crossEntropy, [logits!, targets!], {})[0]!,
  })),
  differentiated("h-lstm", [], gated),
  differentiated("h-lstm, 2 hidden layers", [], gated),
  optimized(),
  grown(),
];

/** Every number beyond tolerance · max(1, |recorded|) + rounding, in words; a missing output is one. */
export function beyond(
  { rounding }: GoldenCase,
  wanted: ReadonlyMap<string, readonly number[]>,
  found: ReadonlyMap<string, ArrayLike<number>>,
  tolerance: number,
): readonly string[] {
  return [...wanted].flatMap(([name, recorded]) => {
    const values = found.get(name);
    if (values?.length !== recorded.length) return [`${name}: ${values?.length ?? "no"} values`];
    return recorded.flatMap((value, i) => {
      const off = Math.abs(values[i]! - value);
      return off <= tolerance * Math.max(1, Math.abs(value)) + rounding
        ? []
        : [`${name} [${i}]: ${values[i]}, recorded ${value}`];
    });
  });
}
