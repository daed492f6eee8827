/**
 * Whether an action can be done now, as far as the page knows. The run says it of each action with its usual values:
 * with others it may be possible where the usual ones are not, and only the trainer knows, who refuses with a sentence.
 */
import type { Choice } from "../../run/config.ts";
import { catalog, choiceOf } from "./catalog.ts";
import type { AppState } from "./store.ts";

/** Undefined while there is no run; a sentence why not. */
export function canNow({ state }: Pick<AppState, "state">, action: Choice): true | string | undefined {
  const said = state?.can[action.id];
  if (state === null || typeof said !== "string") return said;
  const entry = catalog.actions.find(({ id }) => id === action.id);
  const never = entry?.applies[String(state.arch.id)] ?? true;
  if (entry === undefined || never !== true) return said;
  const usual = choiceOf(entry);
  const other = Object.keys(usual).some(
    (key) => action[key] !== undefined && JSON.stringify(action[key]) !== JSON.stringify(usual[key]),
  );
  return other ? true : said;
}

/** What to do before the network can be asked for a prediction; null where nothing is in the way. */
export function beforeAsking({ phase }: Pick<AppState, "phase">): string | null {
  if (phase === "paused") return null;
  return phase === "ended" ? "The run is done: continue it, then pause" : "Pause";
}
