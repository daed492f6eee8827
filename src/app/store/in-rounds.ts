/** The run on the page in the hands of the rounds (rounds.ts): what is asked of it, and what they say meanwhile and at last. */
import { create } from "zustand";
import type { Choice } from "../../run/config.ts";
import { count, fixed } from "../format.ts";
import { act, goTo } from "./actions.ts";
import { requestPreview, send } from "./client.ts";
import { type Hands, pruneInRounds, type Rounds } from "./rounds.ts";
import { type AppState, getRun, runStore } from "./store.ts";

interface InRounds {
  readonly on: boolean;
  readonly says: string;
  /** What is or was cut, and where. */
  readonly of: string;
  /** Counts what was begun: rounds that were stopped do not go on in those begun after them. */
  readonly turn: number;
}

export const roundsOf = ({ id, target }: Choice): string => `${id} ${target ?? ""}`;

export const useRounds = create<InRounds>()(() => ({ on: false, says: "", of: "", turn: 0 }));

/** What was begun in this turn has not been stopped. */
const goesOn = (turn: number): boolean => useRounds.getState().on && useRounds.getState().turn === turn;

/** Waits until the run is so; null when it was stopped, or is another run. */
export function until<T>(turn: number, done: (state: AppState) => T | null): Promise<T | null> {
  const { run } = getRun();
  return new Promise((resolve) => {
    // Stopped between two waits, while the network was asked.
    if (!goesOn(turn)) {
      resolve(null);
      return;
    }
    const end = (value: T | null): void => {
      offRun();
      offRounds();
      resolve(value);
    };
    const check = (state: AppState): void => {
      const value = state.run === run ? done(state) : null;
      if (value !== null || state.run !== run) end(value);
    };
    const offRun = runStore.subscribe(check);
    const offRounds = useRounds.subscribe(() => {
      if (!goesOn(turn)) end(null);
    });
    check(getRun());
  });
}

const stands = ({ phase }: AppState): boolean => phase === "paused";

const handsOf = (turn: number): Hands => ({
  async ask(action) {
    if ((await until(turn, (state) => stands(state) || null)) === null) return null;
    const answer = await requestPreview(action);
    if (answer === null || !goesOn(turn)) return null;
    return answer.outcome === null ? { refused: answer.message } : answer.outcome.lossBefore;
  },
  cut(action) {
    const { marks, refusal } = getRun();
    const known = marks.at(-1)?.id;
    act(action);
    return until(turn, (state) => {
      const last = state.marks.at(-1);
      if (last?.done?.method === action.id && last.id !== known && stands(state)) {
        const { activeBefore: before, activeAfter: after, parent } = last.done;
        return { before, after, parent };
      }
      const refused = state.refusal;
      return refused !== null && refused.id !== refusal?.id ? { refused: refused.message } : null;
    });
  },
  async train(steps) {
    const from = getRun().state?.step ?? 0;
    send({ type: "step", count: steps });
    let begun = false;
    const reached = await until(turn, (state) => {
      const at = state.state?.step ?? 0;
      if (at > from || !stands(state)) begun = true;
      if (state.phase === "ended" || state.phase === "diverged") return "ended" as const;
      if (!begun || !stands(state)) return null;
      return at >= from + steps ? ("trained" as const) : ("paused" as const);
    });
    return reached === "trained" ? true : null;
  },
  async back(node) {
    goTo(node);
    await until(turn, (state) => (state.moving === null && stands(state)) || null);
  },
});

async function during(
  action: Choice,
  work: (hands: Hands, tell: (line: string) => void) => Promise<string>,
): Promise<void> {
  const turn = useRounds.getState().turn + 1;
  const tell = (says: string, on: boolean): void => {
    if (useRounds.getState().turn === turn) useRounds.setState({ on, says });
  };
  useRounds.setState({ on: true, says: "", of: roundsOf(action), turn });
  tell(await work(handsOf(turn), (line) => tell(line, goesOn(turn))), false);
}

export const startRounds = (rounds: Rounds): Promise<void> =>
  during(rounds.action, (hands, tell) => pruneInRounds(hands, rounds, tell));

/** Trains on by so many steps, and says what that did to the loss. */
export const retrain = (steps: number, action: Choice): Promise<void> =>
  during(action, async (hands, tell) => {
    const loss = async (): Promise<string | null> => {
      const asked = await hands.ask(action);
      return typeof asked === "number" ? fixed(asked, 3) : null;
    };
    const before = await loss();
    tell(`Training ${count(steps, "step")}.`);
    if ((await hands.train(steps)) === null) return "Stopped before all steps were trained.";
    const after = await loss();
    const told = before !== null && after !== null ? `: loss on the probe batch ${before}, now ${after}` : "";
    return `Trained ${count(steps, "step")}${told}.`;
  });

export function stopRounds(): void {
  useRounds.setState({ on: false });
  // Between two rounds it stands already, and a pause changes nothing.
  send({ type: "pause" });
}
