/**
 * A loss curve as it is kept: columns that only ever grow, and how many rows of them this snapshot sees. Appending to
 * the newest snapshot writes in place (ten batches a second must not copy a hundred thousand rows each); appending to
 * an older one copies first, so every snapshot stays what it was and the reducer stays pure to whoever looks.
 */

/** One point. `seconds` is training time by the wall. */
export interface Clock {
  readonly step: number;
  readonly tokens: number;
  readonly flops: number;
  readonly seconds: number;
}

export interface Row extends Clock {
  readonly loss: number;
  /** Share told right, 0 to 1, of an evaluation on images; else not a number. */
  readonly accuracy?: number;
}

export type Axis = keyof Clock;

interface Columns {
  readonly step: Float64Array;
  readonly tokens: Float64Array;
  readonly flops: Float64Array;
  readonly seconds: Float64Array;
  readonly loss: Float64Array;
  readonly accuracy: Float64Array;
  /** Rows written by the newest snapshot of these columns. */
  used: number;
}

export interface Series {
  readonly columns: Columns;
  readonly length: number;
}

const NAMES = ["step", "tokens", "flops", "seconds", "loss", "accuracy"] as const;

/** Beyond this many rows every group of four is reduced to its lowest and highest loss: 6 MB, and no shape is lost. */
export const SERIES_LIMIT = 131_072;

function columns(capacity: number): Columns {
  return {
    step: new Float64Array(capacity),
    tokens: new Float64Array(capacity),
    flops: new Float64Array(capacity),
    seconds: new Float64Array(capacity),
    loss: new Float64Array(capacity),
    accuracy: new Float64Array(capacity),
    used: 0,
  };
}

export function emptySeries(): Series {
  return { columns: columns(0), length: 0 };
}

export function rowAt(series: Series, index: number): Row {
  const { step, tokens, flops, seconds, loss, accuracy } = series.columns;
  return {
    step: step[index] ?? 0,
    tokens: tokens[index] ?? 0,
    flops: flops[index] ?? 0,
    seconds: seconds[index] ?? 0,
    loss: loss[index] ?? Number.NaN,
    accuracy: accuracy[index] ?? Number.NaN,
  };
}

export function lastRow(series: Series): Row | null {
  return series.length === 0 ? null : rowAt(series, series.length - 1);
}

/** A view of one column, exactly this snapshot's rows. */
export function column(series: Series, name: (typeof NAMES)[number]): Float64Array {
  return series.columns[name].subarray(0, series.length);
}

export function append(series: Series, rows: readonly Row[]): Series {
  if (rows.length === 0) return series;
  if (series.length + rows.length > SERIES_LIMIT) series = thinned(series);
  const length = series.length + rows.length;
  let into = series.columns;
  if (into.used !== series.length || into.step.length < length) {
    into = columns(Math.max(1024, 2 ** Math.ceil(Math.log2(length))));
    for (const name of NAMES) into[name].set(column(series, name));
  }
  rows.forEach((row, i) => {
    for (const name of NAMES) into[name][series.length + i] = row[name] ?? Number.NaN;
  });
  into.used = length;
  return { columns: into, length };
}

/** First row whose step is greater than `step`. Steps never fall along a line. */
export function firstAfter(series: Series, step: number): number {
  let low = 0;
  let high = series.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((series.columns.step[middle] ?? 0) > step) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Rows [from, to) as a series of their own. */
export function cut(series: Series, from: number, to: number): Series {
  const length = Math.max(0, to - from);
  const into = columns(length);
  for (const name of NAMES) into[name].set(series.columns[name].subarray(from, from + length));
  into.used = length;
  return { columns: into, length };
}

export function joined(first: Series, second: Series): Series {
  const length = first.length + second.length;
  const into = columns(length);
  for (const name of NAMES) {
    into[name].set(column(first, name));
    into[name].set(column(second, name), first.length);
  }
  into.used = length;
  return { columns: into, length };
}

/** Of every four rows the lowest and the highest, in their order. A row that is not a number counts as highest. */
function thinned(series: Series): Series {
  const kept: number[] = [];
  const { loss } = series.columns;
  for (let start = 0; start < series.length; start += 4) {
    let low = start;
    let high = start;
    for (let i = start + 1; i < Math.min(start + 4, series.length); i++) {
      if ((loss[i] ?? 0) < (loss[low] ?? 0)) low = i;
      if (!((loss[i] ?? 0) <= (loss[high] ?? 0))) high = i;
    }
    kept.push(Math.min(low, high));
    if (low !== high) kept.push(Math.max(low, high));
  }
  const into = columns(SERIES_LIMIT);
  kept.forEach((from, to) => {
    for (const name of NAMES) into[name][to] = series.columns[name][from] ?? 0;
  });
  into.used = kept.length;
  return { columns: into, length: kept.length };
}

/** Loss at or just before a step, by the axis asked for; null before the first row. */
export function nearest(series: Series, axis: Axis, x: number): Row | null {
  const xs = column(series, axis);
  if (xs.length === 0) return null;
  let low = 0;
  let high = xs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((xs[middle] ?? 0) <= x) low = middle;
    else high = middle - 1;
  }
  return rowAt(series, low);
}
