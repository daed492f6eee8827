/** Batches differ more than two networks do: lines of losses are means over the last steps. */

export interface LossPoint {
  readonly step: number;
  readonly loss: number;
}

export const MEAN_OF = 10;

/** At each point the mean of those of the last ten steps; nearer the start, of those there are. */
export function trailing(points: readonly LossPoint[]): readonly LossPoint[] {
  let first = 0;
  let sum = 0;
  return points.map(({ step, loss }, k) => {
    sum += loss;
    while (points[first]!.step <= step - MEAN_OF) sum -= points[first++]!.loss;
    return { step, loss: sum / (k - first + 1) };
  });
}
