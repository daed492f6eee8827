/** Two runs that are compared, as the page knows them; and both in one address. What is done with them: beside.ts. */
import type { RunConfig } from "../../run/config.ts";
import { encodeLink } from "../../share/link.ts";
import type { AppState } from "./store.ts";

export interface BesideRun {
  readonly run: string;
  readonly name: string;
  /** What a link of it carries. */
  readonly config: RunConfig;
}

export interface Beside {
  readonly first: BesideRun;
  readonly lstm: BesideRun;
  /** "LSTM of 57 cells: 20,114 parameters against 20,236." */
  readonly words: string;
}

/** A link that names both was opened, and the LSTM has not begun. */
export interface BesideLink {
  /** By identity: what the controls were opened with. */
  readonly first: RunConfig;
  readonly lstm: RunConfig;
  /** The person has said yes: the LSTM begins when the first has ended. */
  readonly armed: boolean;
}

/** The one that is on the page, and the one that is not; null: the run has no part in a comparison. */
export function besideNow({
  beside,
  run,
}: Pick<AppState, "beside" | "run">): { readonly mine: BesideRun; readonly other: BesideRun } | null {
  if (beside === null || run === null) return null;
  if (run === beside.first.run) return { mine: beside.first, other: beside.lstm };
  return run === beside.lstm.run ? { mine: beside.lstm, other: beside.first } : null;
}

/** Both in one address: "#/play?c=…&beside=…"; null: nothing is compared. */
export async function besideAddress(state: AppState): Promise<string | null> {
  const { beside } = state;
  const pair = besideNow(state);
  if (beside === null || pair === null || state.state === null) return null;
  const mine = { ...pair.mine.config, recipe: state.state.recipe };
  const first = pair.mine === beside.first ? mine : beside.first.config;
  const lstm = pair.mine === beside.lstm ? mine : beside.lstm.config;
  return `/play?${new URLSearchParams({ c: await encodeLink(first), beside: await encodeLink(lstm) })}`;
}
