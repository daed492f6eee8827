/**
 * The few words in which growth maps are written, over the engine's ops: cut, join, pick, pad, scale, draw. Everything
 * stays symbolic, so a map can be traced into a transfer program or through the grown model.
 */
import { add, mul, sub } from "../../engine/ops/binary.ts";
import { draw, fill } from "../../engine/ops/fill.ts";
import { concat, pad, slice } from "../../engine/ops/layout.ts";
import { reduce } from "../../engine/ops/reduce.ts";
import { take } from "../../engine/ops/take.ts";
import { sqrt, square } from "../../engine/ops/unary.ts";
import type { Tensor, Trace } from "../../engine/types.ts";
import { fold, type Key, STREAM, streamKey, threefry2x32, uniformInt } from "../../random/threefry.ts";
import type { EventKey } from "../types.ts";

export const each = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Key of one named draw of one event: the same event of the same run draws the same numbers, whatever else is drawn. */
export const eventDraw = ([seed, event]: EventKey, name: string): Key =>
  fold(streamKey(seed, event, STREAM.event), name);

/** `count` whole numbers in [0, n), with replacement. */
export const drawInts = (key: Key, count: number, n: number): number[] =>
  Array.from({ length: count }, (_, i) => uniformInt(threefry2x32(key[0], key[1], i, 0)[0], n));

/** Entries [from, to) along an axis; null where there are none. */
export function cut(t: Trace, x: Tensor, axis: number, from: number, to: number): Tensor | null {
  if (from >= to) return null;
  if (from === 0 && to === x.shape[axis]) return x;
  const starts = x.shape.map((_, k) => (k === axis ? from : 0));
  const sizes = x.shape.map((d, k) => (k === axis ? to - from : d));
  return t.call(slice, [x], { starts, sizes })[0]!;
}

/** One after the other along an axis; what is null is left out. */
export function join(t: Trace, parts: readonly (Tensor | null)[], axis: number): Tensor {
  const there = parts.filter((part) => part !== null);
  return there.length === 1 ? there[0]! : t.call(concat, there, { axis })[0]!;
}

/** x[.., index[k], ..]; null in the list: no source, zeros. */
export function pick(t: Trace, x: Tensor, axis: number, index: readonly (number | null)[]): Tensor {
  const words = index.map((i) => i ?? 0xffffffff);
  return t.call(take, [x, t.constant({ shape: [index.length], dtype: "u32" }, words)], { axis })[0]!;
}

/** `count` more entries of one value at the end of an axis. */
export function widen(t: Trace, x: Tensor, axis: number, count: number, value = 0): Tensor {
  const before = x.shape.map(() => 0);
  const after = x.shape.map((_, k) => (k === axis ? count : 0));
  return t.call(pad, [x], { before, after, value })[0]!;
}

export const filled = (t: Trace, shape: readonly number[], value: number, dtype: Tensor["dtype"]): Tensor =>
  t.call(fill, [], { shape, value, dtype })[0]!;

/** Multiplies entry k of the last axis by `factors[k]`; nothing is done where all are 1. */
export function scaleColumns(t: Trace, x: Tensor, factors: readonly number[]): Tensor {
  if (factors.every((f) => f === 1)) return x;
  return t.call(mul, [x, t.constant({ shape: [factors.length], dtype: "f32" }, factors)], {})[0]!;
}

/** U(−bound, bound) */
export const between = (t: Trace, shape: readonly number[], bound: number, key: Key): Tensor =>
  t.call(draw, [], { shape, law: "uniform", scale: bound, key })[0]!;

export const normal = (t: Trace, shape: readonly number[], scale: number, key: Key): Tensor =>
  t.call(draw, [], { shape, law: "normal", scale, key })[0]!;

/**
 * x + N(0, (ν·std(like))²), std over all of `like` about its mean, taken in the trace: the map is one program whatever
 * the weights are. `columns`: which entries of the last axis get noise.
 */
export function noisy(
  t: Trace,
  x: Tensor,
  like: Tensor,
  nu: number,
  key: Key,
  columns: readonly number[] = [],
): Tensor {
  if (nu === 0) return x;
  const noise = scaleColumns(t, normal(t, x.shape, nu, key), columns);
  return t.call(add, [x, t.call(mul, [noise, deviation(t, like)], {})[0]!], {})[0]!;
}

/** Standard deviation of all entries, shape [1, …, 1]. Two passes: f32 loses a small spread about a large mean. */
function deviation(t: Trace, x: Tensor): Tensor {
  const mean = (y: Tensor) =>
    t.call(reduce, [y], { axes: y.shape.map((_, k) => k), keepDims: true, how: "mean" })[0]!;
  const centred = t.call(sub, [x, mean(x)], {})[0]!;
  return t.call(sqrt, [mean(t.call(square, [centred], {})[0]!)], {})[0]!;
}
