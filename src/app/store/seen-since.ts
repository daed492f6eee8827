/** What a message adds to what was seen before it: points of a fit, tiers that an event brought. */
import type { FitView, RunState } from "../../run/messages.ts";
import type { Mark, Session } from "./session.ts";

/** Points of a watched fit, from its first step on. */
export function watched({ fit }: Pick<Session, "fit">, view: FitView): Session["fit"] {
  const before = view.points[0]?.step === 1 ? [] : (fit?.points ?? []);
  return { view, points: [...before, ...view.points] };
}

/** The tiers an event brought are those of the first state after it that were not there before. */
export function withTiers(mark: Mark, state: RunState, names: Readonly<Record<string, string>>): Mark {
  if (mark.tiersBefore === null || mark.born !== null) return mark;
  const before = new Set(mark.tiersBefore);
  const born = state.anatomy.tiers.filter((tier) => !before.has(tier.id));
  return { ...mark, born: born.map(({ id, name }) => ({ id, name })), tierNames: names };
}
