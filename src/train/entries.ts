/** What kinds of entries a recipe has: those that change the structure, those that only note something, by rule or by hand. */
import type { TriggerMethod } from "../methods/types.ts";
import type { RecipeEntry } from "../run/config.ts";
import { triggers } from "../run/registries.ts";
import type { LineState } from "./line-state.ts";

export function triggerOf(entry: RecipeEntry): TriggerMethod {
  const trigger = triggers.get(entry.trigger.id);
  if (trigger === undefined) throw new Error(`There is no trigger "${entry.trigger.id}".`);
  return trigger;
}

const NOTES: ReadonlySet<string> = new Set(["edit", "skip", "rest", "extend", "commit", "answer"]);

/** Changes the structure, and waits while a scoring window is open. */
export const isStructural = ({ action: { id } }: RecipeEntry): boolean => !NOTES.has(id);

/** An action that a rule decided, not a person: what "skip" may leave out. */
export const isAutomatic = (entry: RecipeEntry): boolean =>
  entry.trigger.id !== "step" && isStructural(entry);

export type Looks = "loss" | "eval" | "budget";
export const looksAt = (entry: RecipeEntry): Looks => {
  const { needs } = triggerOf(entry);
  return needs === "nothing" ? "budget" : needs;
};

/**
 * `saved` was taken when its step boundary was reached, before the losses up to it were known; `heard` knows exactly those.
 * Puts what the loss triggers made of them in.
 */
export function completed(saved: LineState, heard: LineState): LineState {
  const looks = (index: number) => looksAt(saved.entries[index]!.entry) !== "budget";
  return {
    entries: saved.entries.map((line, index) =>
      looks(index) ? { ...line, state: heard.entries[index]!.state } : line,
    ),
    due: [
      ...saved.due.filter(({ index }) => !looks(index)),
      ...heard.due.filter(({ index }) => index < saved.entries.length && looks(index)),
    ],
  };
}
