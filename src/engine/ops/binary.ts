/**
 * Functions of two elements, broadcast by NumPy's rule: shapes are aligned at the right, axes of length 1 are repeated.
 * Equal shapes take a kernel without index arithmetic. f32: add, sub, mul, div; u32: and, or (ages and their flags).
 */
import { sizeOf } from "../layout.ts";
import type { DType, KernelCall, OpDef, OpNode, OpSample, Tensor, TensorSpec, Trace } from "../types.ts";
import { elementGrid } from "./grid.ts";
import { reduce } from "./reduce.ts";
import { reshape } from "./reshape.ts";
import { broadcastStrides, filled, merged, RANK, spread, type Walk } from "./strided.ts";
import { neg } from "./unary.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const u32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "u32" });

/** The shape that both broadcast to. */
function broadcast(name: string, a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, k) => {
    const m = a[k - rank + a.length] ?? 1;
    const n = b[k - rank + b.length] ?? 1;
    if (m !== n && m !== 1 && n !== 1) throw new Error(`${name}: [${a}] and [${b}] cannot be broadcast`);
    return m === 1 ? n : m;
  });
}

/** A walk over the result whose two strides are those of the two inputs. */
function walkOf(a: TensorSpec, b: TensorSpec, shape: readonly number[]): Walk {
  return { dims: shape, from: broadcastStrides(a.shape, shape), to: broadcastStrides(b.shape, shape) };
}

/** Sums a gradient over the axes along which `shape` was repeated. */
function unbroadcast(t: Trace, d: Tensor, shape: readonly number[]): Tensor {
  const lead = d.shape.length - shape.length;
  const axes = d.shape.flatMap((n, k) => (n > 1 && (k < lead || shape[k - lead] === 1) ? [k] : []));
  const [sum] = axes.length > 0 ? t.call(reduce, [d], { axes, keepDims: true, how: "sum" }) : [d];
  return lead > 0 ? t.call(reshape, [sum!], { shape })[0]! : sum!;
}

type Gradients = (t: Trace, node: OpNode, dy: Tensor) => readonly [Tensor, Tensor];

interface Rule {
  readonly dtype: DType;
  /** The number by which shaders/binary.wgsl knows it. */
  readonly kind: number;
  readonly y: (a: number, b: number) => number;
  /** da and db before they are summed over repeated axes. */
  readonly gradients?: Gradients;
  readonly samples: readonly OpSample[];
}

function binary(name: string, { dtype, kind, y: f, gradients, samples }: Rule): OpDef {
  const op: OpDef = {
    name,
    infer([a, b]) {
      if (a!.dtype !== dtype || b!.dtype !== dtype) throw new Error(`${name}: both inputs must be ${dtype}`);
      return [{ shape: broadcast(name, a!.shape, b!.shape), dtype }];
    },
    lower([a, b], [y]): readonly KernelCall[] {
      const count = sizeOf(y!.shape);
      const { dims, from, to } = merged(walkOf(a!, b!, y!.shape));
      if (dims.length > RANK) throw new Error(`${name}: ${dims.length} separate axes; ${RANK} is the limit`);
      const flat = dims.length === 0 || (dims.length === 1 && from[0] === 1 && to[0] === 1);
      // A bias, or what stands for each place: one remainder instead of a coordinate an axis.
      const repeats = `${from}` === `${[dims[1], 1]}` && `${to}` === "0,1";
      const bind = dtype === "f32" ? { a: a!, b: b!, y: y! } : { a_bits: a!, b_bits: b!, y_bits: y! };
      return [
        {
          shader: "binary",
          entry: dtype === "f32" ? "floats" : "bits",
          constants: { KIND: kind, FLAT: flat ? 1 : repeats ? 2 : 0 },
          sizes: {
            count,
            rank: dims.length,
            ...spread("d", dims, 1),
            ...spread("a", from, 0),
            ...spread("b", to, 0),
          },
          bind,
          grid: elementGrid(count),
        },
      ];
    },
    reference([a, b]) {
      const shape = broadcast(name, a!.shape, b!.shape);
      const y = filled(shape, dtype);
      const { from, to } = walkOf(a!, b!, shape);
      for (let i = 0; i < y.data.length; i++) {
        let rest = i;
        let at = 0;
        let bt = 0;
        for (let k = shape.length - 1; k >= 0; k--) {
          const c = rest % shape[k]!;
          at += c * from[k]!;
          bt += c * to[k]!;
          rest = (rest - c) / shape[k]!;
        }
        y.data[i] = f(a!.data[at]!, b!.data[bt]!);
      }
      return [y];
    },
    samples,
  };
  if (!gradients) return op;
  return {
    ...op,
    vjp(t, node, [dy]) {
      if (!dy) return [null, null];
      const [a, b] = node.inputs;
      const [da, db] = gradients(t, node, dy);
      return [unbroadcast(t, da, a!.shape), unbroadcast(t, db, b!.shape)];
    },
  };
}

const floats: readonly OpSample[] = [
  { inputs: [f32(5, 37), f32(5, 37)], attrs: {} },
  { inputs: [f32(4, 3, 5), f32(3, 1)], attrs: {} },
  { inputs: [f32(1), f32(2, 70)], attrs: {} },
  { inputs: [f32(2, 1, 3, 1, 2), f32(4, 1, 3, 1)], attrs: {} },
  { inputs: [f32(), f32()], attrs: {} },
  // In two workgroups.
  { inputs: [f32(4, 90), f32(4, 90)], attrs: {}, wrt: [] },
];

/** Divisors keep away from 0: 0.5 to 2 of either sign. */
const divisible = floats.map((sample) => ({
  ...sample,
  values: (input: number, { shape }: TensorSpec) =>
    Array.from({ length: sizeOf(shape) }, (_, i) =>
      input === 0 ? 3 * Math.sin(i + 1) : (i % 2 ? 1 : -1) * 2 ** Math.sin(3 * i + 1),
    ),
}));

/** Every bit of the word matters somewhere. */
const patterns = (input: number, { shape }: TensorSpec): number[] =>
  Array.from({ length: sizeOf(shape) }, (_, i) => Math.imul(i + 1 + 77 * input, 0x9e3779b9) >>> 0);
const words: readonly OpSample[] = [
  { inputs: [u32(300), u32(300)], attrs: {}, values: patterns },
  { inputs: [u32(3, 5), u32(1)], attrs: {}, values: patterns },
];

export const add: OpDef = binary("add", {
  dtype: "f32",
  kind: 0,
  y: (a, b) => a + b,
  gradients: (_, __, dy) => [dy, dy],
  samples: [
    ...floats,
    { inputs: [f32(3, 4, 6), f32(4, 6)], attrs: {} },
    { inputs: [f32(64, 4096), f32(4096)], attrs: {}, bench: true },
  ],
});

export const sub: OpDef = binary("sub", {
  dtype: "f32",
  kind: 1,
  y: (a, b) => a - b,
  gradients: (t, _, dy) => [dy, t.call(neg, [dy], {})[0]!],
  samples: floats,
});

export const mul: OpDef = binary("mul", {
  dtype: "f32",
  kind: 2,
  y: (a, b) => a * b,
  gradients: (t, { inputs: [a, b] }, dy) => [t.call(mul, [dy, b!], {})[0]!, t.call(mul, [dy, a!], {})[0]!],
  samples: floats,
});

/** da = dy / b, db = −y · dy / b */
export const div: OpDef = binary("div", {
  dtype: "f32",
  kind: 3,
  y: (a, b) => a / b,
  gradients(t, { inputs: [, b], outputs: [y] }, dy) {
    const da = t.call(div, [dy, b!], {})[0]!;
    const product = t.call(mul, [da, y!], {});
    return [da, t.call(neg, product, {})[0]!];
  },
  samples: divisible,
});

export const and: OpDef = binary("and", {
  dtype: "u32",
  kind: 0,
  y: (a, b) => (a & b) >>> 0,
  samples: words,
});

export const or: OpDef = binary("or", {
  dtype: "u32",
  kind: 1,
  y: (a, b) => (a | b) >>> 0,
  samples: words,
});
