/**
 * What actions would do, asked of a network that stands and kept for as long as it stands so: a prediction is of the
 * weights it was made with. What was known when an action was asked for goes with it, to stand beside the real figures.
 */
import type { Choice } from "../../run/config.ts";
import type { StructurePreview } from "../../run/events.ts";
import { requestPreview } from "./client.ts";
import { type AppState, getRun, setRun } from "./store.ts";

export type Told = "asking" | { readonly outcome: StructurePreview | null; readonly message: string };

/** The network as it stands: an event does not move the step, but it is another network then. */
export const placeOf = ({ state, run }: Pick<AppState, "state" | "run">): string =>
  `${run} ${state?.step ?? 0} ${state?.now ?? ""}`;

const keyOf = (action: Choice): string =>
  JSON.stringify(Object.entries(action).sort(([a], [b]) => (a < b ? -1 : 1)));

/** What is known of this action on the present network; null when it was not asked. */
export function toldOf(state: Pick<AppState, "state" | "run" | "told">, action: Choice): Told | null {
  return state.told.place === placeOf(state) ? (state.told.of[keyOf(action)] ?? null) : null;
}

/** The prediction that goes with an action done now. */
export function predictionOf(state: Parameters<typeof toldOf>[0], action: Choice): StructurePreview | null {
  const told = toldOf(state, action);
  return told === null || told === "asking" ? null : told.outcome;
}

function tell(place: string, action: Choice, told: Told | null): void {
  setRun((state) => {
    // The network has moved on, and what was asked of it is of no use.
    if (placeOf(state) !== place) return {};
    const { [keyOf(action)]: _, ...rest } = state.told.place === place ? state.told.of : {};
    return { told: { place, of: told === null ? rest : { ...rest, [keyOf(action)]: told } } };
  });
}

/** Asks for one action. A newer question takes the place of one that waits. */
export async function askPreview(action: Choice): Promise<void> {
  const place = placeOf(getRun());
  tell(place, action, "asking");
  const answer = await requestPreview(action);
  tell(place, action, answer && { outcome: answer.outcome, message: answer.message });
}
