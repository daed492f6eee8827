/** When a curve leaps: the rule by which the page rings a step, and by which a trial counts how unsteady a run is. */

/** Steps before one that it is compared with, and by how many standard deviations it must stand out. */
const BEFORE = 25;
const OUT = 4;

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Mean and standard deviation of the 25 values before each; null for the first 25. */
export function before(
  values: readonly number[],
): readonly ({ readonly mean: number; readonly spread: number } | null)[] {
  return values.map((_, i) => {
    if (i < BEFORE) return null;
    const window = values.slice(i - BEFORE, i);
    const mean = total(window) / BEFORE;
    return { mean, spread: Math.sqrt(total(window.map((value) => (value - mean) ** 2)) / BEFORE) };
  });
}

/** Places whose value lies over the mean of the 25 before by more than 4 of their standard deviations, or is no number. */
export function spikes(values: readonly number[]): readonly number[] {
  const known = before(values);
  return values.flatMap((value, i) => {
    if (!Number.isFinite(value)) return [i];
    const at = known[i];
    return at != null && value > at.mean + OUT * at.spread ? [i] : [];
  });
}
