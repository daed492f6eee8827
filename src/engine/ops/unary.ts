/**
 * Functions of one element. One shader for all: which function is an override constant, so each variant compiles to its
 * own straight line. The activations proper are those of activations.ts, which other ops have in their epilogues.
 */
import { sizeOf } from "../layout.ts";
import type { NdArray, OpDef, OpSample, Tensor, TensorSpec, Trace } from "../types.ts";
import { type Activation, activate, activateGrad, LEAKY_SLOPE } from "./activations.ts";
import { elementGrid } from "./grid.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });

/** y and dy/dx at x; `p` is the function's parameter (slope, factor, offset). */
interface Rule {
  readonly y: (x: number, p: number) => number;
  readonly slope: (x: number, p: number) => number;
}

const activation = (kind: Activation): Rule => ({
  y: (x) => activate(kind, x),
  slope: (x) => activateGrad(kind, x),
});

/** The place in this list is the number by which shaders/unary.wgsl knows a function (1 to 5: activations.wgsl's). */
const RULES = {
  none: activation("none"),
  gelu: activation("gelu"),
  relu: activation("relu"),
  "leaky-relu": { y: (x, p) => (x > 0 ? x : p * x), slope: (x, p) => (x > 0 ? 1 : p) },
  tanh: activation("tanh"),
  sigmoid: activation("sigmoid"),
  exp: { y: Math.exp, slope: Math.exp },
  log: { y: Math.log, slope: (x) => 1 / x },
  sqrt: { y: Math.sqrt, slope: (x) => 0.5 / Math.sqrt(x) },
  square: { y: (x) => x * x, slope: (x) => 2 * x },
  neg: { y: (x) => -x, slope: () => -1 },
  scale: { y: (x, p) => p * x, slope: (_, p) => p },
  offset: { y: (x, p) => x + p, slope: () => 1 },
} satisfies Record<string, Rule>;

type Kind = keyof typeof RULES;

const numberOf = (kind: Kind): number => Object.keys(RULES).indexOf(kind);

function checkFloats(name: string, inputs: readonly TensorSpec[]): void {
  for (const { dtype } of inputs) if (dtype !== "f32") throw new Error(`${name}: needs f32, not ${dtype}`);
}

export interface UnaryBackwardAttrs {
  readonly kind: string;
  readonly p: number;
}

/** Inputs x and dy: dx = dy · f′(x). */
export const unaryBackward: OpDef<UnaryBackwardAttrs> = {
  name: "unary-backward",
  infer([x, dy], { kind }) {
    checkFloats("unary-backward", [x!, dy!]);
    if (!(kind in RULES)) throw new Error(`unary-backward: there is no function "${kind}"`);
    if (sizeOf(x!.shape) !== sizeOf(dy!.shape)) {
      throw new Error(`unary-backward: x is [${x!.shape}] and dy [${dy!.shape}]`);
    }
    return [f32(...x!.shape)];
  },
  lower([x, dy], [dx], { kind, p }) {
    const count = sizeOf(x!.shape);
    return [
      {
        shader: "unary",
        entry: "backward",
        constants: { KIND: numberOf(kind as Kind) },
        sizes: { count, p },
        bind: { x: x!, dy: dy!, dx: dx! },
        grid: elementGrid(count),
      },
    ];
  },
  reference([x, dy], { kind, p }) {
    const { slope } = RULES[kind as Kind];
    return [{ ...x!, data: x!.data.map((v, i) => dy!.data[i]! * slope(v, p)) }];
  },
  samples: (Object.keys(RULES) as Kind[]).map((kind) => {
    const sample = { inputs: [f32(3, 90), f32(3, 90)], attrs: { kind, p: -1.75 } };
    return kind === "log" || kind === "sqrt" ? { ...sample, values: positive } : sample;
  }),
};

/** 0.05 to about 12, where log and sqrt are differentiable. */
function positive(input: number, { shape }: TensorSpec): number[] {
  return Array.from({ length: sizeOf(shape) }, (_, i) => Math.exp(2.75 * Math.sin(i + input) - 0.25));
}

/** `of` reads the parameter out of the op's attributes. */
function unary<A extends object>(kind: Kind, of: (attrs: A) => number, samples: OpSample<A>[]): OpDef<A> {
  return {
    name: kind,
    infer([x]) {
      checkFloats(kind, [x!]);
      return [f32(...x!.shape)];
    },
    lower([x], [y], attrs) {
      const count = sizeOf(x!.shape);
      return [
        {
          shader: "unary",
          entry: "forward",
          constants: { KIND: numberOf(kind) },
          sizes: { count, p: of(attrs) },
          bind: { x: x!, y: y! },
          grid: elementGrid(count),
        },
      ];
    },
    vjp: (t, { inputs: [x], attrs }, [dy]) => (dy ? gradient(t, kind, x!, dy, of(attrs)) : [null]),
    reference([x], attrs): readonly NdArray[] {
      const p = of(attrs);
      return [{ ...x!, data: x!.data.map((v) => RULES[kind].y(v, p)) }];
    },
    samples,
  };
}

/** A constant slope needs no x, which may then be freed before the backward pass. */
function gradient(t: Trace, kind: Kind, x: Tensor, dy: Tensor, p: number): readonly Tensor[] {
  if (kind === "offset") return [dy];
  if (kind === "neg") return t.call(neg, [dy], {});
  if (kind === "scale") return t.call(scale, [dy], { factor: p });
  return t.call(unaryBackward, [x, dy], { kind, p });
}

const plain = (kind: Kind, samples: OpSample[] = [{ inputs: [f32(7, 41)], attrs: {} }]): OpDef =>
  unary(kind, () => 0, samples);

/** The tanh form of GELU (GPT-2's). */
export const gelu: OpDef = plain("gelu", [
  { inputs: [f32(7, 41)], attrs: {} },
  { inputs: [f32(300_000)], attrs: {}, bench: true },
]);
export const relu: OpDef = plain("relu");
export const tanh: OpDef = plain("tanh");
export const sigmoid: OpDef = plain("sigmoid");
export const exp: OpDef = plain("exp");
export const log: OpDef = plain("log", [{ inputs: [f32(7, 41)], attrs: {}, values: positive }]);
export const sqrt: OpDef = plain("sqrt", [{ inputs: [f32(7, 41)], attrs: {}, values: positive }]);
export const square: OpDef = plain("square");
export const neg: OpDef = plain("neg");

/** x for x > 0, else slope · x. */
export const leakyRelu: OpDef<{ readonly slope?: number }> = unary(
  "leaky-relu",
  ({ slope }) => slope ?? LEAKY_SLOPE,
  [
    { inputs: [f32(7, 41)], attrs: {} },
    { inputs: [f32(5)], attrs: { slope: 0.2 } },
  ],
);

/** factor · x */
export const scale: OpDef<{ readonly factor: number }> = unary("scale", ({ factor }) => factor, [
  { inputs: [f32(7, 41)], attrs: { factor: -2.5 } },
]);

/** x + value */
export const offset: OpDef<{ readonly value: number }> = unary("offset", ({ value }) => value, [
  { inputs: [f32(7, 41)], attrs: { value: 0.75 } },
]);
