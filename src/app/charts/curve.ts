/**
 * From a series to what a chart draws: smoothed without the bias of a short history, thinned to so many points that
 * every extreme survives. Pure, and fast enough for four times a second on a hundred thousand steps.
 */
import { type Axis, column, type Series } from "../store/series.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** At most this many points a curve are drawn. */
export const POINTS = 1000;

/**
 * Exponential moving average divided by 1 − sᵗ, as Adam debiases its moments: the first value is the first loss itself.
 * What is not a number is passed through and left out of the average.
 */
export function smoothed(values: ArrayLike<number>, smoothing: number): Float64Array {
  const out = new Float64Array(values.length);
  let average = 0;
  let weight = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (Number.isFinite(value)) {
      average = smoothing * average + (1 - smoothing) * value;
      weight = smoothing * weight + (1 - smoothing);
      out[i] = average / weight;
    } else {
      out[i] = value;
    }
  }
  return out;
}

/**
 * Min-max decimation: the rows are cut into equal runs and each gives its lowest and highest value in their order, so a
 * spike of one step is still seen. The last row is always kept.
 */
export function decimated(xs: ArrayLike<number>, ys: ArrayLike<number>, most = POINTS): Point[] {
  const n = Math.min(xs.length, ys.length);
  const points: Point[] = [];
  const push = (i: number): void => {
    const y = ys[i] ?? Number.NaN;
    if (Number.isFinite(y)) points.push({ x: xs[i] ?? 0, y });
  };
  if (n <= most) {
    for (let i = 0; i < n; i++) push(i);
    return points;
  }
  const bins = Math.floor((most - 1) / 2);
  for (let bin = 0; bin < bins; bin++) {
    const start = Math.floor((bin * (n - 1)) / bins);
    const end = Math.floor(((bin + 1) * (n - 1)) / bins);
    let low = -1;
    let high = -1;
    for (let i = start; i < end; i++) {
      const y = ys[i] ?? Number.NaN;
      if (!Number.isFinite(y)) continue;
      if (low < 0 || y < (ys[low] ?? 0)) low = i;
      if (high < 0 || y > (ys[high] ?? 0)) high = i;
    }
    if (low < 0) continue;
    push(Math.min(low, high));
    if (low !== high) push(Math.max(low, high));
  }
  push(n - 1);
  return points;
}

export interface Curves {
  readonly raw: readonly Point[];
  readonly smooth: readonly Point[];
  readonly evals: readonly Point[];
}

export function curvesOf(train: Series, evals: Series, axis: Axis, smoothing: number): Curves {
  const xs = column(train, axis);
  const ys = column(train, "loss");
  return {
    raw: decimated(xs, ys),
    smooth: decimated(xs, smoothed(ys, smoothing)),
    evals: decimated(column(evals, axis), column(evals, "loss")),
  };
}
