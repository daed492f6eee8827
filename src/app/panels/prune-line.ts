/** What a threshold on |w| would take of an opened part: counted weight by weight where every weight is there. */
import { LIFE, type OpenedPart } from "../../run/messages.ts";

/** Updates a weight must have received before it may be cut: the default of magnitude pruning. */
export const GRACE = 50;

export interface Taken {
  readonly count: number;
  /** Of the active weights. */
  readonly share: number;
  /** False: the part is shown pooled, so the count comes from the histogram. */
  readonly exact: boolean;
}

/** Active weights with |w| < threshold that are neither newborn nor frozen. */
export function takenBy({ tile, histogram }: OpenedPart, threshold: number): Taken {
  const { data, life } = tile;
  const whole = tile.rows === tile.ofRows && tile.cols === tile.ofCols;
  if (whole) {
    let active = 0;
    let count = 0;
    data.forEach((value, i) => {
      const alive = life?.[i] ?? LIFE.settled;
      if (alive === LIFE.dormant) return;
      active++;
      if (Math.abs(value) < threshold && (alive === LIFE.settled || alive === LIFE.young)) count++;
    });
    return { count, share: active === 0 ? 0 : count / active, exact: true };
  }
  const { max, counts } = histogram;
  const active = counts.reduce((sum, n) => sum + n, 0);
  const bars = max === 0 ? 0 : (threshold / max) * counts.length;
  const below = counts.reduce((sum, n, i) => sum + n * Math.min(1, Math.max(0, bars - i)), 0);
  const count = Math.round(below);
  return { count, share: active === 0 ? 0 : count / active, exact: false };
}
