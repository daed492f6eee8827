/** What figures read off a run: its curves, its events, and the sentence that says what was trained. */
import type { RunEvent } from "../../run/events.ts";
import { models, optims } from "../../run/registries.ts";
import type { Change, Done, Observed, State } from "../../worker/observed.ts";
import { type Grid, gridOf } from "./heat.ts";
import { figure, type Line, type Mark, type Point } from "./plot.ts";

export function eventsOf<T extends RunEvent["type"]>(
  { events }: Pick<Observed, "events">,
  type: T,
): Extract<RunEvent, { readonly type: T }>[] {
  return events.filter((event) => event.type === type) as Extract<RunEvent, { readonly type: T }>[];
}

/** The run's line as it ended: what was trained and then gone back behind is left out. */
export function standing<E extends RunEvent>(seen: Observed, some: readonly E[]): readonly E[] {
  const moves = eventsOf(seen, "history/moved");
  // An event at the very step that was gone back to is left behind too, if its state before was gone back to.
  const behind = (event: E, { to, toStep }: (typeof moves)[0]) =>
    event.step > toStep || (event.type === "structure/done" && event.parent === to);
  return some.filter((event) => !moves.some((move) => move.seq > event.seq && behind(event, move)));
}

export const lossPoints = (seen: Observed): readonly Point[] =>
  standing(seen, eventsOf(seen, "step")).map(({ step, loss }) => [step, loss]);

export const evalPoints = (seen: Observed): readonly Point[] =>
  standing(seen, eventsOf(seen, "eval")).map(({ step, loss }) => [step, loss]);

/** A running mean, corrected for its start at 0. */
export function smoothed(points: readonly Point[], beta = 0.9): readonly Point[] {
  let mean = 0;
  return points.map(([x, y], i) => {
    mean = beta * mean + (1 - beta) * y;
    return [x, mean / (1 - beta ** (i + 1))];
  });
}

/** Training loss raw and as a running mean. */
export const lossLines = (seen: Observed, label = "training loss"): readonly Line[] => [
  { classes: "raw", points: lossPoints(seen) },
  { classes: "one", points: smoothed(lossPoints(seen)), label },
];

const KINDS: Readonly<Record<string, Mark["kind"]>> = {
  grow: "growth",
  insert: "growth",
  prune: "cut",
  remove: "cut",
  compact: "cut",
};

export const markOf = ({ step, kind }: Done, label?: string): Mark => ({
  x: step,
  kind: KINDS[kind] ?? "change",
  ...(label === undefined ? {} : { label }),
});

export const marksOf = (seen: Observed): readonly Mark[] => seen.changes.map(({ done }) => markOf(done));

/** Active weights over the steps, as a staircase; what was gone back behind is left out. */
export function activePoints(seen: Observed): readonly Point[] {
  const events = standing(seen, seen.events);
  const [started] = eventsOf(seen, "run/started");
  const points: Point[] = [[0, started!.active]];
  for (const event of events) {
    if (event.type === "structure/done")
      points.push([event.step, event.activeBefore], [event.step, event.activeAfter]);
  }
  return [...points, [stepsOf(seen), points.at(-1)![1]]];
}

export const accuracyPoints = (seen: Observed): readonly Point[] =>
  standing(seen, eventsOf(seen, "eval")).map(({ step, accuracy }) => [step, 100 * (accuracy ?? 0)]);

/** Steps of the line that the run ended on. */
export const stepsOf = (seen: Observed): number => Math.max(...lossPoints(seen).map(([step]) => step));

/** The event of the method, and only it. */
export function changeOf(seen: Observed, method: string): Change {
  const found = seen.changes.find(({ done }) => done.method === method);
  if (found !== undefined) return found;
  const why = eventsOf(seen, "structure/refused").map(({ message }) => message);
  throw new Error(`${method} did not act in this run. ${why.join(" ")}`);
}

export function stateAt(seen: Observed, step: number): State {
  const state = seen.states.get(step);
  if (state === undefined) throw new Error(`The run was not looked at after step ${step}.`);
  return state;
}

export const weights = (state: State, path: string): Grid => gridOf(state.weights(path), state.ages(path));

/** b − a, entry by entry. */
export const difference = (a: Grid, b: Grid): Grid => ({ ...b, data: b.data.map((v, i) => v - a.data[i]!) });

export const active = ({ off, data }: Grid): number =>
  off === undefined ? data.length : off.filter((one) => !one).length;

export const percent = (share: number): string => `${figure(100 * share)} %`;

/** "Loss on the probe batch 2.41 before, 2.41 after" */
export const aroundIt = ({ lossBefore, lossAfter }: Done): string =>
  `Loss on the probe batch ${figure(lossBefore, 4)} before, ${figure(lossAfter, 4)} after`;

/** "Largest change of a logit 4.8e−7" */
export const logitChange = ({ maxLogitDelta }: Done): string =>
  maxLogitDelta === 0 ? "No logit changed" : `Largest change of a logit ${figure(maxLogitDelta, 2)}`;

/** "LSTM, 16 cells in 1 block, on names; AdamW at .01, batch 8 × 12; seed 1, 100 steps." */
export function runSentence({ config, events }: Observed): string {
  const { model, data, optim, batch, context, seed } = config;
  const { label, describe, task } = models.get(model.id)!;
  const what =
    data.images === undefined ? data.id : `the first ${figure(data.images as number)} images of ${data.id}`;
  const items = task === "classify" ? `${batch} images` : `${batch} × ${context} characters`;
  const steps = Math.max(0, ...events.map(({ step }) => step));
  return (
    `${label}, ${describe(model)}, on ${what}; ${optims.get(optim.id)!.label} at ${figure(optim.lr as number)}, ` +
    `steps of ${items}; seed ${seed}, ${figure(steps)} steps.`
  );
}
