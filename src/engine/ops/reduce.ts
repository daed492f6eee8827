/**
 * Sum or mean over axes, and its mirror, broadcasting. They are each other's gradients, so they stand in one file. The
 * order of addition depends on the sizes alone: a run gives the same bits every time.
 */
import { sizeOf } from "../layout.ts";
import type { KernelCall, NdArray, OpDef, Tensor, TensorSpec } from "../types.ts";
import { elementGrid, foldGrid } from "./grid.ts";
import { reshape } from "./reshape.ts";
import {
  broadcastStrides,
  checkAxis,
  filled,
  stridedCopy,
  stridesOf,
  type Walk,
  walkReference,
} from "./strided.ts";

export interface ReduceAttrs {
  /** Not negative. */
  readonly axes: readonly number[];
  /** Reduced axes stay, with length 1. */
  readonly keepDims: boolean;
  readonly how: "sum" | "mean";
}

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });

/** The shape with its reduced axes at 1. */
const kept = (shape: readonly number[], axes: readonly number[]): number[] =>
  shape.map((d, k) => (axes.includes(k) ? 1 : d));

const factor = (shape: readonly number[], { axes, how }: ReduceAttrs): number =>
  how === "mean" ? 1 / axes.reduce((n, k) => n * shape[k]!, 1) : 1;

/** [outer, length, inner] of each run of neighbouring reduced axes, innermost first: one reduction each. */
function runs(shape: readonly number[], axes: readonly number[]): [number, number, number][] {
  const dims = [...shape];
  const found: [number, number, number][] = [];
  for (let end = shape.length; end > 0; end--) {
    if (!axes.includes(end - 1)) continue;
    let start = end - 1;
    while (start > 0 && axes.includes(start - 1)) start--;
    const length = sizeOf(dims.slice(start, end));
    if (length > 1) found.push([sizeOf(dims.slice(0, start)), length, sizeOf(dims.slice(end))]);
    dims.fill(1, start, end);
    end = start;
  }
  return found.length > 0 ? found : [[1, 1, sizeOf(shape)]];
}

/** Elements that one invocation (columns) or one workgroup (rows) adds up. About √length each in two passes. */
function stretchOf(length: number, inner: number): number {
  const least = inner > 1 ? 64 : 4096;
  return length <= least ? length : Math.max(least / 2, Math.ceil(Math.sqrt(length)));
}

function pass(
  x: Tensor,
  y: Tensor,
  [outer, length, inner]: readonly [number, number, number],
  stretch: number,
  scale: number,
): KernelCall {
  const parts = Math.ceil(length / stretch);
  const grid = inner > 1 ? elementGrid(outer * parts * inner) : foldGrid(outer * parts);
  const sizes = { outer, length, inner, stretch, parts, scale };
  return { shader: "reduce", entry: inner > 1 ? "columns" : "rows", sizes, bind: { x, y }, grid };
}

/** Sum or mean over some axes. */
export const reduce: OpDef<ReduceAttrs> = {
  name: "reduce",
  infer([x], { axes, keepDims }) {
    const { shape, dtype } = x!;
    if (dtype !== "f32") throw new Error("reduce: only f32 can be summed");
    for (const axis of axes) checkAxis("reduce", axis, shape.length);
    if (new Set(axes).size !== axes.length) throw new Error(`reduce: an axis is listed twice in [${axes}]`);
    return [f32(...(keepDims ? kept(shape, axes) : shape.filter((_, k) => !axes.includes(k))))];
  },
  lower([x], [y], attrs, temp) {
    const todo = runs(x!.shape, attrs.axes);
    const calls: KernelCall[] = [];
    let from = x!;
    todo.forEach(([outer, length, inner], k) => {
      const lastRun = k === todo.length - 1;
      const scale = lastRun ? factor(x!.shape, attrs) : 1;
      const to = lastRun ? y! : temp(f32(outer, inner));
      const stretch = stretchOf(length, inner);
      const parts = Math.ceil(length / stretch);
      if (parts > 1) {
        const partial = temp(f32(outer, parts, inner));
        calls.push(pass(from, partial, [outer, length, inner], stretch, 1));
        calls.push(pass(partial, to, [outer, parts, inner], parts, scale));
      } else {
        calls.push(pass(from, to, [outer, length, inner], stretch, scale));
      }
      from = to;
    });
    return calls;
  },
  vjp(t, { inputs: [x], attrs }, [dy]) {
    if (!dy) return [null];
    const [row] = t.call(reshape, [dy], { shape: kept(x!.shape, attrs.axes) });
    return t.call(expand, [row!], { shape: x!.shape, scale: factor(x!.shape, attrs) });
  },
  reference([x], attrs) {
    const y = filled(kept(x!.shape, attrs.axes), "f32");
    addUp(x!, y, factor(x!.shape, attrs));
    return [{ ...y, shape: reduce.infer([x!], attrs)[0]!.shape }];
  },
  samples: [
    { inputs: [f32(6, 7)], attrs: { axes: [1], keepDims: false, how: "sum" } },
    { inputs: [f32(6, 7)], attrs: { axes: [0], keepDims: true, how: "mean" } },
    { inputs: [f32(3, 4, 5, 2)], attrs: { axes: [2, 0], keepDims: false, how: "mean" } },
    { inputs: [f32(3, 4, 5)], attrs: { axes: [0, 1, 2], keepDims: false, how: "sum" } },
    { inputs: [f32(4, 5)], attrs: { axes: [], keepDims: false, how: "sum" } },
    // Two passes each. Sums of n draws reach 3√n: errors of n-term stretches stay under 1e-5 of that.
    { inputs: [f32(300, 33)], attrs: { axes: [0], keepDims: false, how: "sum" }, bench: true },
    { inputs: [f32(2, 9001)], attrs: { axes: [1], keepDims: false, how: "mean" } },
    { inputs: [f32(130, 3, 99)], attrs: { axes: [0], keepDims: false, how: "mean" }, wrt: [] },
  ],
};

/** Adds every element of x onto the place of y it belongs to, times `scale`; y's axes are x's or 1. */
function addUp(x: NdArray, y: NdArray, scale: number): void {
  const strides = stridesOf(y.shape);
  for (let i = 0; i < x.data.length; i++) {
    let rest = i;
    let at = 0;
    for (let k = x.shape.length - 1; k >= 0; k--) {
      const d = x.shape[k]!;
      if (y.shape[k] !== 1) at += (rest % d) * strides[k]!;
      rest = Math.floor(rest / d);
    }
    y.data[at]! += x.data[i]! * scale;
  }
}

export interface ExpandAttrs {
  readonly shape: readonly number[];
  /** Every element is multiplied by this (f32 only): the gradient of a mean. Absent: bits as they are. */
  readonly scale?: number;
}

function expandWalk(from: readonly number[], shape: readonly number[]): Walk {
  return { dims: shape, from: broadcastStrides(from, shape), to: stridesOf(shape) };
}

/** Broadcast to `shape` by the usual rule: axes from the right; missing ones, and those of length 1, are repeated. */
export const expand: OpDef<ExpandAttrs> = {
  name: "expand",
  infer([x], { shape, scale }) {
    const lead = shape.length - x!.shape.length;
    if (lead < 0 || x!.shape.some((d, k) => d !== 1 && d !== shape[k + lead])) {
      throw new Error(`expand: [${x!.shape}] cannot be repeated to [${shape}]`);
    }
    if (scale !== undefined && x!.dtype !== "f32") throw new Error("expand: only f32 can be scaled");
    return [{ shape, dtype: x!.dtype }];
  },
  lower: ([x], [y], { shape, scale }) => [stridedCopy(x!, y!, expandWalk(x!.shape, shape), scale)],
  vjp(t, { inputs: [x], attrs: { shape, scale } }, [dy]) {
    if (!dy) return [null];
    const lead = shape.length - x!.shape.length;
    const axes = shape.flatMap((d, k) => (d > 1 && (k < lead || x!.shape[k - lead] === 1) ? [k] : []));
    const [sum] = axes.length > 0 ? t.call(reduce, [dy], { axes, keepDims: true, how: "sum" }) : [dy];
    const [dx] = t.call(reshape, [sum!], { shape: x!.shape });
    return scale === undefined ? [dx!] : t.call(expand, [dx!], { shape: x!.shape, scale });
  },
  reference([x], { shape, scale }) {
    const y = filled(shape, x!.dtype);
    walkReference(x!.data, y.data, expandWalk(x!.shape, shape), scale);
    return [y];
  },
  samples: [
    { inputs: [f32(3, 1)], attrs: { shape: [3, 5] } },
    { inputs: [f32(4)], attrs: { shape: [2, 3, 4], scale: 0.25 } },
    { inputs: [f32(2, 1, 3, 1)], attrs: { shape: [2, 4, 3, 2] } },
    { inputs: [f32(1)], attrs: { shape: [300, 7], scale: -3 } },
    {
      inputs: [{ shape: [1, 3], dtype: "u32" }],
      attrs: { shape: [70, 3] },
      values: () => [0xffffffff, 0x7fc00001, 5],
    },
  ],
};
