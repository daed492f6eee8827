/**
 * One walk for every op that only moves elements: over a box of `dims`, read at one set of strides, write at another.
 * Slice, permute, concat and broadcast are this walk with different numbers; padding is its mirror. Kernel and float64
 * reference walk the same description, so each op's own test states its meaning by hand-written values.
 */
import { sizeOf } from "../layout.ts";
import type { KernelCall, NdArray, Tensor } from "../types.ts";
import { elementGrid } from "./grid.ts";

/** Strides in elements, one an axis of `dims`, outermost first. */
export interface Walk {
  readonly dims: readonly number[];
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly fromBase?: number;
  readonly toBase?: number;
}

/** Axes a kernel can walk, after neighbours that lie together in both places were merged. */
export const RANK = 6;

/** Row-major strides of a shape. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let k = shape.length - 2; k >= 0; k--) strides[k] = strides[k + 1]! * shape[k + 1]!;
  return strides;
}

/** Strides with which a tensor of shape `from` is read as the larger `shape`: 0 along repeated axes (NumPy's rule). */
export function broadcastStrides(from: readonly number[], shape: readonly number[]): number[] {
  const strides = stridesOf(from);
  const lead = shape.length - from.length;
  return shape.map((_, k) => (k < lead || from[k - lead] === 1 ? 0 : strides[k - lead]!));
}

export function checkAxis(op: string, axis: number, rank: number): void {
  if (!Number.isInteger(axis) || axis < 0 || axis >= rank) {
    throw new Error(`${op}: there is no axis ${axis} in a tensor of ${rank} axes`);
  }
}

/** `fields` named d0 … d5, innermost last, missing outer axes filled in. */
export function spread(name: string, values: readonly number[], filler: number): Record<string, number> {
  const all = [...new Array<number>(RANK - values.length).fill(filler), ...values];
  return Object.fromEntries(all.map((value, k) => [`${name}${k}`, value]));
}

/** Drops axes of 1 and merges neighbours, so that the kernel divides as seldom as it can. */
export function merged(walk: Walk): { dims: number[]; from: number[]; to: number[] } {
  const dims: number[] = [];
  const from: number[] = [];
  const to: number[] = [];
  walk.dims.forEach((d, k) => {
    if (d === 1) return;
    const last = dims.length - 1;
    if (last >= 0 && from[last] === walk.from[k]! * d && to[last] === walk.to[k]! * d) {
      dims[last]! *= d;
      from[last] = walk.from[k]!;
      to[last] = walk.to[k]!;
    } else {
      dims.push(d);
      from.push(walk.from[k]!);
      to.push(walk.to[k]!);
    }
  });
  return { dims, from, to };
}

/** dst[walk] = src[walk]: bits as they are, or times `scale` when that is given (f32 only). */
export function stridedCopy(src: Tensor, dst: Tensor, walk: Walk, scale?: number): KernelCall {
  const { dims, from, to } = merged(walk);
  if (dims.length > RANK) throw new Error(`a copy over ${dims.length} separate axes; ${RANK} is the limit`);
  const count = sizeOf(dims);
  return {
    shader: "layout",
    entry: scale === undefined ? "copy" : "copy_scaled",
    sizes: {
      count,
      rank: dims.length,
      src_base: walk.fromBase ?? 0,
      dst_base: walk.toBase ?? 0,
      scale: scale ?? 1,
      filler: 0,
      ...spread("d", dims, 1),
      ...spread("s", from, 0),
      ...spread("t", to, 0),
      ...spread("n", [], 1),
    },
    bind: { src, dst },
    grid: elementGrid(count),
  };
}

/** The whole of dst, row-major: src at (index − before) where that lies inside it, else the bits `filler`. */
export function paddedCopy(src: Tensor, dst: Tensor, before: readonly number[], filler: number): KernelCall {
  const dims: number[] = [];
  const inner: number[] = [];
  const offsets: number[] = [];
  dst.shape.forEach((d, k) => {
    const n = src.shape[k]!;
    const last = dims.length - 1;
    // An axis without padding lies together with the one outside it.
    if (last >= 0 && n === d) {
      dims[last]! *= d;
      inner[last]! *= d;
      offsets[last]! *= d;
    } else {
      dims.push(d);
      inner.push(n);
      offsets.push(before[k]!);
    }
  });
  if (dims.length > RANK) throw new Error(`padding over ${dims.length} separate axes; ${RANK} is the limit`);
  const count = sizeOf(dims);
  return {
    shader: "layout",
    entry: "pad",
    sizes: {
      count,
      rank: dims.length,
      src_base: 0,
      dst_base: 0,
      scale: 1,
      filler,
      ...spread("d", dims, 1),
      ...spread("s", stridesOf(inner), 0),
      ...spread("t", offsets, 0),
      ...spread("n", inner, 1),
    },
    bind: { src, dst },
    grid: elementGrid(count),
  };
}

/** The walk in float64. */
export function walkReference(src: Float64Array, dst: Float64Array, walk: Walk, scale = 1): void {
  const count = sizeOf(walk.dims);
  for (let i = 0; i < count; i++) {
    let rest = i;
    let from = walk.fromBase ?? 0;
    let to = walk.toBase ?? 0;
    for (let k = walk.dims.length - 1; k >= 0; k--) {
      const d = walk.dims[k]!;
      from += (rest % d) * walk.from[k]!;
      to += (rest % d) * walk.to[k]!;
      rest = Math.floor(rest / d);
    }
    dst[to] = src[from]! * scale;
  }
}

/** An NdArray of `value` everywhere. */
export function filled(shape: readonly number[], dtype: NdArray["dtype"], value = 0): NdArray {
  return { shape, dtype, data: new Float64Array(sizeOf(shape)).fill(value) };
}
