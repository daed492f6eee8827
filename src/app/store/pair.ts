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
  pair,
  run,
}: Pick<AppState, "pair" | "run">): { readonly mine: BesideRun; readonly other: BesideRun } | null {
  if (pair === null || run === null) return null;
  if (run === pair.first.run) return { mine: pair.first, other: pair.lstm };
  return run === pair.lstm.run ? { mine: pair.lstm, other: pair.first } : null;
}

/** Both in one address: "#/play?c=…&beside=…"; null: nothing is compared. */
export async function besideAddress(state: AppState): Promise<string | null> {
  const both = state.pair;
  const now = besideNow(state);
  if (both === null || now === null || state.state === null) return null;
  const mine = { ...now.mine.config, recipe: state.state.recipe };
  const first = now.mine === both.first ? mine : both.first.config;
  const lstm = now.mine === both.lstm ? mine : both.lstm.config;
  return `/play?${new URLSearchParams({ c: await encodeLink(first), beside: await encodeLink(lstm) })}`;
}
