/**
 * Ops that only move elements: slice, pad, concat, permute. They copy 32-bit words, so f32 and u32 alike pass through
 * bit for bit (a growth moves weights, optimizer slots and ages by the same traced map). One dispatch an input.
 */
import { floatBits } from "../control.ts";
import { sizeOf } from "../layout.ts";
import type { OpDef, TensorSpec } from "../types.ts";
import {
  checkAxis,
  filled,
  paddedCopy,
  stridedCopy,
  stridesOf,
  type Walk,
  walkReference,
} from "./strided.ts";

export interface SliceAttrs {
  readonly starts: readonly number[];
  readonly sizes: readonly number[];
}

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const u32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "u32" });
/** Values of a u32 input: every bit of the word matters somewhere. */
const words = (_input: number, spec: TensorSpec): number[] =>
  Array.from({ length: sizeOf(spec.shape) }, (_, i) => Math.imul(i + 1, 0x9e3779b9) >>> 0);

function sliceWalk(shape: readonly number[], { starts, sizes }: SliceAttrs): Walk {
  const from = stridesOf(shape);
  const fromBase = starts.reduce((sum, start, k) => sum + start * from[k]!, 0);
  return { dims: sizes, from, to: stridesOf(sizes), fromBase };
}

/** The box of `sizes` that begins at `starts`. */
export const slice: OpDef<SliceAttrs> = {
  name: "slice",
  infer([x], { starts, sizes }) {
    const shape = x!.shape;
    if (starts.length !== shape.length || sizes.length !== shape.length) {
      throw new Error(`slice: starts [${starts}] and sizes [${sizes}] for a tensor of shape [${shape}]`);
    }
    shape.forEach((d, k) => {
      if (starts[k]! < 0 || sizes[k]! < 1 || starts[k]! + sizes[k]! > d) {
        throw new Error(`slice: ${starts[k]} + ${sizes[k]} leaves axis ${k} of shape [${shape}]`);
      }
    });
    return [{ shape: sizes, dtype: x!.dtype }];
  },
  lower: ([x], [y], attrs) => [stridedCopy(x!, y!, sliceWalk(x!.shape, attrs))],
  vjp(t, { inputs: [x], attrs: { starts, sizes } }, [dy]) {
    const after = x!.shape.map((d, k) => d - starts[k]! - sizes[k]!);
    return dy ? t.call(pad, [dy], { before: starts, after, value: 0 }) : [null];
  },
  reference([x], attrs) {
    const y = filled(attrs.sizes, x!.dtype);
    walkReference(x!.data, y.data, sliceWalk(x!.shape, attrs));
    return [y];
  },
  samples: [
    { inputs: [f32(5, 7)], attrs: { starts: [1, 2], sizes: [3, 4] } },
    { inputs: [f32(3, 4, 5, 6)], attrs: { starts: [1, 0, 2, 0], sizes: [2, 4, 2, 6] } },
    { inputs: [u32(9, 4)], attrs: { starts: [4, 3], sizes: [5, 1] }, values: words },
  ],
};

export interface PadAttrs {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly value: number;
}

/** `before` and `after` elements of `value` around each axis. */
export const pad: OpDef<PadAttrs> = {
  name: "pad",
  infer([x], { before, after }) {
    const { shape, dtype } = x!;
    const wrong = (list: readonly number[]) => list.length !== shape.length || list.some((n) => n < 0);
    if (wrong(before) || wrong(after)) {
      throw new Error(`pad: before [${before}] and after [${after}] for a tensor of shape [${shape}]`);
    }
    return [{ shape: shape.map((d, k) => before[k]! + d + after[k]!), dtype }];
  },
  lower([x], [y], { before, value }) {
    return [paddedCopy(x!, y!, before, x!.dtype === "f32" ? floatBits(value) : value >>> 0)];
  },
  vjp(t, { inputs: [x], attrs: { before } }, [dy]) {
    return dy ? t.call(slice, [dy], { starts: before, sizes: x!.shape }) : [null];
  },
  reference([x], { before, after, value }) {
    const shape = x!.shape.map((d, k) => before[k]! + d + after[k]!);
    const y = filled(shape, x!.dtype, value);
    const to = stridesOf(shape);
    const toBase = before.reduce((sum, n, k) => sum + n * to[k]!, 0);
    walkReference(x!.data, y.data, { dims: x!.shape, from: stridesOf(x!.shape), to, toBase });
    return [y];
  },
  samples: [
    { inputs: [f32(3, 4)], attrs: { before: [1, 0], after: [0, 3], value: 0 } },
    { inputs: [f32(2, 3, 4, 5)], attrs: { before: [0, 2, 0, 1], after: [1, 0, 0, 1], value: -1.5 } },
    { inputs: [u32(6)], attrs: { before: [2], after: [70], value: 0x80000001 }, values: words },
  ],
};

export interface ConcatAttrs {
  readonly axis: number;
}

/** Any number of tensors, one after the other along an axis. */
export const concat: OpDef<ConcatAttrs> = {
  name: "concat",
  infer(inputs, { axis }) {
    const first = inputs[0];
    if (!first) throw new Error("concat: there is nothing to put together");
    checkAxis("concat", axis, first.shape.length);
    for (const { shape, dtype } of inputs) {
      const fits =
        shape.length === first.shape.length && shape.every((d, k) => k === axis || d === first.shape[k]);
      if (!fits || dtype !== first.dtype) {
        throw new Error(
          `concat: ${dtype} [${shape}] does not fit ${first.dtype} [${first.shape}] along axis ${axis}`,
        );
      }
    }
    const length = inputs.reduce((sum, { shape }) => sum + shape[axis]!, 0);
    return [{ shape: first.shape.map((d, k) => (k === axis ? length : d)), dtype: first.dtype }];
  },
  lower(inputs, [y], { axis }) {
    return concatWalks(inputs, y!.shape, axis).map((walk, n) => stridedCopy(inputs[n]!, y!, walk));
  },
  vjp(t, { inputs, attrs: { axis } }, [dy]) {
    let start = 0;
    return inputs.map(({ shape }) => {
      const starts = shape.map((_, k) => (k === axis ? start : 0));
      start += shape[axis]!;
      return dy ? t.call(slice, [dy], { starts, sizes: shape })[0]! : null;
    });
  },
  reference(inputs, attrs) {
    const [spec] = concat.infer(inputs, attrs);
    const y = filled(spec!.shape, spec!.dtype);
    concatWalks(inputs, y.shape, attrs.axis).forEach((walk, n) => {
      walkReference(inputs[n]!.data, y.data, walk);
    });
    return [y];
  },
  samples: [
    { inputs: [f32(2, 3), f32(2, 5), f32(2, 1)], attrs: { axis: 1 } },
    { inputs: [f32(3, 2, 4), f32(1, 2, 4)], attrs: { axis: 0 } },
    { inputs: [u32(2, 2, 3), u32(2, 7, 3)], attrs: { axis: 1 }, values: words },
  ],
};

function concatWalks(inputs: readonly TensorSpec[], whole: readonly number[], axis: number): Walk[] {
  const to = stridesOf(whole);
  let start = 0;
  return inputs.map(({ shape }) => {
    const toBase = start * to[axis]!;
    start += shape[axis]!;
    return { dims: shape, from: stridesOf(shape), to, toBase };
  });
}

export interface PermuteAttrs {
  readonly axes: readonly number[];
}

function permuteWalk(shape: readonly number[], axes: readonly number[]): Walk {
  const strides = stridesOf(shape);
  const dims = axes.map((k) => shape[k]!);
  return { dims, from: axes.map((k) => strides[k]!), to: stridesOf(dims) };
}

/** Axis k of the result is axis `axes[k]` of the input. */
export const permute: OpDef<PermuteAttrs> = {
  name: "permute",
  infer([x], { axes }) {
    const { shape, dtype } = x!;
    if (axes.length !== shape.length || shape.some((_, k) => !axes.includes(k))) {
      throw new Error(`permute: [${axes}] is not an order of the ${shape.length} axes of [${shape}]`);
    }
    return [{ shape: axes.map((k) => shape[k]!), dtype }];
  },
  lower: ([x], [y], { axes }) => [stridedCopy(x!, y!, permuteWalk(x!.shape, axes))],
  vjp(t, { attrs: { axes } }, [dy]) {
    return dy ? t.call(permute, [dy], { axes: axes.map((_, k) => axes.indexOf(k)) }) : [null];
  },
  reference([x], { axes }) {
    const walk = permuteWalk(x!.shape, axes);
    const y = filled(walk.dims, x!.dtype);
    walkReference(x!.data, y.data, walk);
    return [y];
  },
  samples: [
    { inputs: [f32(37, 41)], attrs: { axes: [1, 0] } },
    { inputs: [f32(2, 3, 4, 5)], attrs: { axes: [0, 2, 1, 3] } },
    { inputs: [f32(2, 3, 2, 2, 3, 2)], attrs: { axes: [5, 3, 1, 0, 4, 2] } },
    { inputs: [u32(3, 4, 5)], attrs: { axes: [2, 0, 1] }, values: words },
  ],
};
