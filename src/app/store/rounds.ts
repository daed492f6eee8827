/**
 * Pruning by hand in rounds (Han et al. 2015): cut, train on, judge, again; a round that training does not mend is taken back.
 * The loop itself, with the run in somebody's hands: the trainer knows nothing of it, its record and its link are those of
 * cuts and steps made one by one.
 */
import type { Field } from "../../config/schema.ts";
import type { Choice } from "../../run/config.ts";
import { count, fixed, plain, whole } from "../format.ts";

export interface Rounds {
  /** One round's cut. */
  readonly action: Choice;
  /** Steps trained after each cut. */
  readonly retrain: number;
  readonly most: number;
  /** How far over its value at the start the loss on the probe batch may stay, in percent. */
  readonly allowed: number;
}

export interface Refused {
  readonly refused: string;
}

export interface Cut {
  readonly before: number;
  readonly after: number;
  /** The run as it was before this cut. */
  readonly parent: string;
}

/** What the loop does to the run. Null: a person stopped it, or did something else with the run. */
export interface Hands {
  /** The loss on the probe batch now; with the sentence why not where the cut cannot be made. */
  ask(action: Choice): Promise<number | Refused | null>;
  cut(action: Choice): Promise<Cut | Refused | null>;
  train(steps: number): Promise<true | null>;
  back(node: string): Promise<void>;
}

const isRefused = (of: unknown): of is Refused => typeof of === "object" && of !== null && "refused" in of;

/** Runs the rounds and returns what came of them; `tell` hears what is being done. */
export async function pruneInRounds(
  hands: Hands,
  { action, retrain, most, allowed }: Rounds,
  tell: (line: string) => void,
): Promise<string> {
  const first = await hands.ask(action);
  if (first === null) return "Stopped before the first round.";
  if (isRefused(first)) return first.refused;
  const limit = first * (1 + allowed / 100);
  let [start, now, loss] = [0, 0, first];
  const sum = (rounds: number): string =>
    rounds === 0
      ? ""
      : ` ${count(rounds, "round")}: ${whole(start)} weights in use, now ${whole(now)}; loss on the probe batch ${fixed(first, 3)}, now ${fixed(loss, 3)}.`;
  for (let round = 1; round <= most; round++) {
    tell(`Round ${round} of ${most}: cutting.`);
    const cut = await hands.cut(action);
    if (cut === null) return `Stopped.${sum(round - 1)}`;
    if (isRefused(cut)) return `${cut.refused}${sum(round - 1)}`;
    if (round === 1) start = cut.before;
    tell(
      `Round ${round} of ${most}: ${whole(cut.after)} weights in use, training ${count(retrain, "step")}.`,
    );
    if ((await hands.train(retrain)) === null) {
      return `Stopped while round ${round} was training, with ${whole(cut.after)} weights in use.${sum(round - 1)}`;
    }
    const judged = await hands.ask(action);
    if (judged === null) return `Stopped after round ${round}, with ${whole(cut.after)} weights in use.`;
    now = cut.after;
    // What cannot be cut again tells no loss: the round stands as it is.
    if (isRefused(judged))
      return `${judged.refused} ${count(round, "round")}: ${whole(start)} weights in use, now ${whole(now)}.`;
    if (!(judged <= limit)) {
      await hands.back(cut.parent);
      now = cut.before;
      return `Round ${round} came back to ${fixed(judged, 3)} only, over ${fixed(limit, 3)}: rolled back to the last good state.${sum(round - 1)}`;
    }
    loss = judged;
  }
  return sum(most).trim();
}

/** What the rounds are going to do, before they are asked for. */
export const sayRounds = ({ retrain, most, allowed }: Asked): string =>
  `Cuts and trains ${count(retrain, "step")}, ${count(most, "time")} at most. Ends, and goes back to the last good state, when the loss on the probe batch stays more than ${plain(allowed)} % over what it is now.`;

export type Asked = Omit<Rounds, "action">;

export const ROUND_FIELDS: Readonly<Record<keyof Asked, Extract<Field, { kind: "int" | "float" }>>> = {
  retrain: { kind: "int", label: "Retrain", unit: "steps", default: 100, min: 1, max: 100_000 },
  most: { kind: "int", label: "Rounds at most", unit: "times", default: 6, min: 1, max: 100 },
  allowed: { kind: "float", label: "Loss may stay over", unit: "%", default: 2, min: 0, max: 100 },
};

/** Why they cannot be asked for: a number out of its bounds, or a run that does not stand. Null: they can. */
export function against(asked: Asked, standing: boolean): string | null {
  for (const [name, { label, min, max }] of Object.entries(ROUND_FIELDS)) {
    const value = asked[name as keyof Asked];
    if (!(value >= min && value <= max)) return `${label}: allowed are ${min} to ${max}.`;
  }
  return standing ? null : "Pause to retrain by a number of steps, or to prune in rounds.";
}
