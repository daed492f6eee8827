/**
 * What came of a comparison: which arm was first to scratch's final loss, and by how much. Everything spent since the source
 * counts, an operator's training included; the source's own training does not, as in the papers' tables.
 */
import { SCRATCH, SOURCE } from "./tries.ts";

/** An evaluation of an arm. Spent since the source: `step` counts an operator's steps as well. */
export interface TryPoint {
  readonly step: number;
  readonly flops: number;
  readonly seconds: number;
  readonly loss: number;
}

export interface TryCurve {
  readonly id: string;
  readonly label: string;
  readonly points: readonly TryPoint[];
}

export interface Reached {
  readonly id: string;
  readonly label: string;
  /** The first evaluation at or below the goal; null: none was. */
  readonly at: TryPoint | null;
}

export interface TryResult {
  /** Scratch's last evaluation: its loss is the goal. */
  readonly goal: TryPoint;
  /** Every arm but scratch and the control, the first to the goal first, in FLOPs; then those that never were. */
  readonly order: readonly Reached[];
  /** The source that simply went on. */
  readonly control: Reached | null;
  /** Two arms closer than this many FLOPs are a tie: one evaluation of scratch after another. */
  readonly gap: number;
  /** Those that were first: several are a tie, none: nobody was. */
  readonly first: readonly Reached[];
}

export const reachedBy = ({ id, label, points }: TryCurve, loss: number): Reached => ({
  id,
  label,
  at: points.find((point) => point.loss <= loss) ?? null,
});

/** Null while scratch has no curve. */
export function resultOf(curves: readonly TryCurve[]): TryResult | null {
  const scratch = curves.find(({ id }) => id === SCRATCH)?.points ?? [];
  const goal = scratch[scratch.length - 1];
  if (goal === undefined || scratch.length < 2) return null;
  const gap = goal.flops / (scratch.length - 1);
  const source = curves.find(({ id }) => id === SOURCE);
  const order = curves
    .filter(({ id, points }) => id !== SCRATCH && id !== SOURCE && points.length > 0)
    .map((curve) => reachedBy(curve, goal.loss))
    .sort((a, b) => (a.at?.flops ?? Number.POSITIVE_INFINITY) - (b.at?.flops ?? Number.POSITIVE_INFINITY));
  const best = order[0]?.at?.flops;
  return {
    goal,
    order,
    control: source === undefined || source.points.length === 0 ? null : reachedBy(source, goal.loss),
    gap,
    first: best === undefined ? [] : order.filter(({ at }) => at !== null && at.flops - best < gap),
  };
}
