/** A run that comes to rest. */
import type { RunEvent } from "../run/events.ts";
import type { Trainer } from "../train/trainer.ts";

/** What steps that are done again do not bring back: it may be a person's. */
export const CHANGES: ReadonlySet<RunEvent["type"]> = new Set(["structure/done", "history/moved", "edit"]);

/**
 * Everything sent has been heard, and what a person asked for has happened: in a run that rests there is no training in
 * which an action could be prepared.
 */
export async function atRest(trainer: Trainer): Promise<void> {
  if (trainer.core.wishes.length > 0) await trainer.advance(0);
  await trainer.settled();
}
