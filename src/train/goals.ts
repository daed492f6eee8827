/**
 * Goals in a recipe of growing and pruning: some entries grow towards one, others begin to prune at it. Where growth has
 * come to its end short of the goal, the pruning would wait without a word; so the run asks, once (grow-prune §2.7, §3.11).
 * Without an answer nothing is pruned before the goal is met, which is what a run does that nobody watches.
 *
 * Pure functions of the entries: what is asked at which step, and what an answer changes, follow from the evaluations.
 */
import { floorOf, isShort, sayValue } from "../methods/trigger/goal.ts";
import type { Answer, Goal, Short } from "../methods/types.ts";
import { triggers } from "../run/registries.ts";
import type { LineEntry } from "./line-state.ts";
import { valuesOf } from "./setup.ts";

const goalOf = ({ entry }: LineEntry): Goal<never> | undefined => triggers.get(entry.trigger.id)?.goal;

const shortOf = (line: LineEntry): Short | null =>
  line.resting ? null : (goalOf(line)?.short(line.state, valuesOf(line.entry.trigger) as never) ?? null);

/** Where growth stands short of its goal; ended once every entry of it is. Null: it is met, or there is none. */
export function growingShort(entries: readonly LineEntry[]): Short | null {
  const growing = entries.filter((line) => goalOf(line)?.role === "grows");
  const short = growing.map(shortOf).filter((each) => each !== null);
  const first = short[0];
  return first === undefined ? null : { ...first, ended: short.every(({ ended }) => ended) };
}

/** The pruning that waits for a person: by its index, and where the run stands. Asked once a run. */
export function toAsk(
  entries: readonly LineEntry[],
): { readonly index: number; readonly short: Short } | null {
  if (entries.some(({ asked }) => asked !== undefined)) return null;
  for (const [index, line] of entries.entries()) {
    const short = goalOf(line)?.role === "prunes" ? shortOf(line) : null;
    if (short?.ended) return { index, short };
  }
  return null;
}

/** The question that stands open. */
export function openQuestion(entries: readonly LineEntry[]) {
  const index = entries.findIndex((line) => line.asked?.open && shortOf(line) !== null);
  const line = entries[index];
  return line?.asked === undefined ? null : { of: index, text: line.asked.text, grows: line.asked.grows };
}

/** A later entry of the recipe answers for entry `of` already: the run is a replay. */
export function hasAnswer(entries: readonly LineEntry[], of: number): boolean {
  return entries.some(({ entry: { action } }) => action.id === "answer" && action.of === of);
}

/** One sentence for the person, what happens without an answer, and whether there is growth to go on with. */
export function question(entries: readonly LineEntry[], index: number, { value, limit, share }: Short) {
  const growing = growingShort(entries);
  const ended = growing?.ended ? ", and growth has come to its end" : "";
  const hold = share && ownGoal(entries[index]) ? `, to hold ${sayValue(floorOf(value), true)}` : "";
  return {
    text: `The goal of ${sayValue(limit, share)} on the validation part is not reached (${sayValue(value, share)})${ended}: prune all the same${hold}, ${growing === null ? "train on" : "keep growing"}, or stop?`,
    otherwise: "Without an answer nothing is pruned before the goal is met.",
    grows: growing !== null,
  };
}

const ownGoal = (line: LineEntry | undefined): boolean => Number(line?.entry.trigger.goal ?? 0) > 0;

export const asked = (line: LineEntry, text: string, grows: boolean, value: number): LineEntry => ({
  ...line,
  asked: { text, grows, value, open: true },
});

/** What a person's answer changes, for evaluations from `step` on. */
export function answered(
  entries: readonly LineEntry[],
  step: number,
  of: number,
  said: Answer,
): readonly LineEntry[] {
  const question = entries[of]?.asked;
  if (question === undefined) return entries;
  return entries.map((line) => {
    const goal = goalOf(line);
    if (goal === undefined || line.resting) return line;
    const state = goal.answer(line.state, said, step, question.value);
    return { ...line, state, ...(line.asked ? { asked: { ...line.asked, open: false } } : {}) };
  });
}

/** At the end of the budget: pruning that never began because a goal was not met. Null: there is none. */
export function neverBegan(entries: readonly LineEntry[]): string | null {
  for (const line of entries) {
    const short = goalOf(line)?.role === "prunes" ? shortOf(line) : null;
    if (short === null || !isShort(short)) continue;
    const { value, limit, share } = short;
    return `Nothing was pruned: the goal of ${sayValue(limit, share)} on the validation part was not reached (${sayValue(value, share)}).`;
  }
  return null;
}
