/**
 * Rows, columns, blocks picked by a list of indices: how a growth says "new layer k is old layer idx[k]". Its gradient
 * adds by an ordered walk over the picks, so it is the same every time; the walk costs length × picks, right for maps of
 * a growth (tens to hundreds). Tokens have an op of their own.
 */
import { sizeOf } from "../layout.ts";
import type { KernelCall, OpDef, TensorSpec } from "../types.ts";
import { elementGrid } from "./grid.ts";
import { checkAxis, filled } from "./strided.ts";

export interface TakeAttrs {
  readonly axis: number;
}

export interface TakeBackwardAttrs extends TakeAttrs {
  /** Length of the axis in x. */
  readonly length: number;
}

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const u32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "u32" });

/** The shape with the axis replaced by n elements. */
const resized = (shape: readonly number[], axis: number, n: number): number[] =>
  shape.map((d, k) => (k === axis ? n : d));

function takeSizes(shape: readonly number[], axis: number, length: number, picks: number) {
  return { outer: sizeOf(shape.slice(0, axis)), length, inner: sizeOf(shape.slice(axis + 1)), picks };
}

/** Calls f(place in x or −1, place in y) for every element of y. */
function everyPick(
  { outer, length, inner, picks }: ReturnType<typeof takeSizes>,
  index: ArrayLike<number>,
  f: (x: number, y: number) => void,
): void {
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < picks; k++) {
      const a = index[k]!;
      for (let c = 0; c < inner; c++) {
        f(a < length ? (o * length + a) * inner + c : -1, (o * picks + k) * inner + c);
      }
    }
  }
}

function checkIndex(op: string, index: TensorSpec): void {
  if (index.dtype !== "u32" || index.shape.length !== 1)
    throw new Error(`${op}: the indices must be u32 [n]`);
}

/** y[.., k, ..] = x[.., index[k], ..]; an index past the axis gives zeros ("no source"). Inputs x, index u32 [n]. */
export const take: OpDef<TakeAttrs> = {
  name: "take",
  infer([x, index], { axis }) {
    checkAxis("take", axis, x!.shape.length);
    checkIndex("take", index!);
    return [{ shape: resized(x!.shape, axis, index!.shape[0]!), dtype: x!.dtype }];
  },
  lower([x, index], [y], { axis }): readonly KernelCall[] {
    const sizes = takeSizes(x!.shape, axis, x!.shape[axis]!, index!.shape[0]!);
    const grid = elementGrid(sizeOf(y!.shape));
    return [{ shader: "take", entry: "forward", sizes, bind: { index: index!, x: x!, y: y! }, grid }];
  },
  vjp(t, { inputs: [x, index], attrs: { axis } }, [dy]) {
    if (!dy) return [null, null];
    return [t.call(takeBackward, [dy, index!], { axis, length: x!.shape[axis]! })[0]!, null];
  },
  reference([x, index], { axis }) {
    const y = filled(resized(x!.shape, axis, index!.data.length), x!.dtype);
    const sizes = takeSizes(x!.shape, axis, x!.shape[axis]!, index!.data.length);
    everyPick(sizes, index!.data, (from, to) => {
      if (from >= 0) y.data[to] = x!.data[from]!;
    });
    return [y];
  },
  samples: [
    {
      inputs: [f32(5, 3), u32(7)],
      attrs: { axis: 0 },
      values: (input, { shape }) => (input === 1 ? [4, 0, 0, 2, 9, 4, 1] : ramp(sizeOf(shape))),
    },
    {
      inputs: [u32(2, 4, 3), u32(5)],
      attrs: { axis: 1 },
      values: (input, { shape }) => (input === 1 ? [3, 3, 0xffffffff, 1, 0] : counting(sizeOf(shape))),
    },
    // In two workgroups.
    {
      inputs: [f32(5, 60), u32(6)],
      attrs: { axis: 0 },
      values: (input, { shape }) => (input === 1 ? [4, 0, 0, 2, 9, 4] : ramp(sizeOf(shape))),
      wrt: [],
    },
  ],
};

/** Inputs dy, index; dx[.., a, ..] = Σ over k with index[k] = a of dy[.., k, ..], in order of k. */
export const takeBackward: OpDef<TakeBackwardAttrs> = {
  name: "take-backward",
  infer([dy, index], { axis, length }) {
    checkAxis("take-backward", axis, dy!.shape.length);
    checkIndex("take-backward", index!);
    if (dy!.dtype !== "f32") throw new Error("take-backward: only f32 has a gradient");
    return [f32(...resized(dy!.shape, axis, length))];
  },
  lower([dy, index], [dx], { axis, length }): readonly KernelCall[] {
    const sizes = takeSizes(dy!.shape, axis, length, index!.shape[0]!);
    const grid = elementGrid(sizeOf(dx!.shape));
    return [{ shader: "take", entry: "backward", sizes, bind: { index: index!, dy: dy!, dx: dx! }, grid }];
  },
  reference([dy, index], { axis, length }) {
    const dx = filled(resized(dy!.shape, axis, length), "f32");
    everyPick(takeSizes(dy!.shape, axis, length, index!.data.length), index!.data, (to, from) => {
      if (to >= 0) dx.data[to]! += dy!.data[from]!;
    });
    return [dx];
  },
  samples: [
    {
      inputs: [f32(2, 6, 3), u32(6)],
      attrs: { axis: 1, length: 4 },
      values: (input, { shape }) => (input === 1 ? [1, 1, 0, 3, 1, 77] : ramp(sizeOf(shape))),
    },
    {
      inputs: [f32(2, 6, 33), u32(6)],
      attrs: { axis: 1, length: 4 },
      values: (input, { shape }) => (input === 1 ? [1, 1, 0, 3, 1, 77] : ramp(sizeOf(shape))),
      wrt: [],
    },
  ],
};

const ramp = (n: number): number[] => Array.from({ length: n }, (_, i) => Math.sin(i + 1));
const counting = (n: number): number[] => Array.from({ length: n }, (_, i) => 0x7f800000 + i);
