/** Medians, spreads, and when a number may not be printed. Pure: `statistics.test.ts` has its rules. */

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** max / min; 1 where all are 0. */
  readonly spread: number;
}

/** A spread over this is noisy. */
export const NOISY = 1.5;
/** Losses that differ by more than this are not of the same mathematics. */
export const LOSS_TOLERANCE = 1e-4;

export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

export function summarize(values: readonly number[]): Summary {
  const min = Math.min(...values);
  const max = Math.max(...values);
  return { median: median(values), min, max, spread: max === 0 ? 1 : max / min };
}

export const isNoisy = ({ spread }: Summary): boolean => !(spread <= NOISY);

/** Who begins changes from round to round, so that nobody always has a warm or a throttled device. */
export function rotation<T>(items: readonly T[], round: number): readonly T[] {
  const from = items.length === 0 ? 0 : round % items.length;
  return [...items.slice(from), ...items.slice(0, from)];
}

export interface Evidence {
  readonly engine: string;
  /** By step. */
  readonly losses: readonly number[];
  /** What the GPU complained of. */
  readonly errors: readonly string[];
}

/**
 * Null when `a` and `b` may be compared: neither raised a GPU error, and at every step both took they have the same loss.
 * Else the reason. `tolerance`: of the difference, where losses are about 1.
 */
export function refusal(a: Evidence, b: Evidence, tolerance = LOSS_TOLERANCE): string | null {
  for (const { engine, errors } of [a, b]) {
    if (errors.length > 0) return `${engine} raised a GPU error: ${errors[0]}`;
  }
  const steps = Math.min(a.losses.length, b.losses.length);
  if (steps === 0) return "there is no step that both took";
  for (let i = 0; i < steps; i++) {
    const difference = Math.abs(a.losses[i]! - b.losses[i]!);
    // NaN is no agreement either.
    if (!(difference <= tolerance)) {
      return `losses differ at step ${i + 1}: ${a.engine} ${a.losses[i]}, ${b.engine} ${b.losses[i]}`;
    }
  }
  return null;
}

/** Largest difference of a loss, over the steps that both took. */
export function largestDifference(a: readonly number[], b: readonly number[]): number {
  const steps = Math.min(a.length, b.length);
  return Math.max(0, ...a.slice(0, steps).map((loss, i) => Math.abs(loss - b[i]!)));
}

/** `of` / `by`: medians, and whether either is noisy. */
export function ratio(of: Summary, by: Summary): { readonly value: number; readonly noisy: boolean } {
  return { value: of.median / by.median, noisy: isNoisy(of) || isNoisy(by) };
}
