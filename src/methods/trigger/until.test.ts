/** The loop of pruning and retraining: its decisions are a pure function of the evaluations. */
import { expect, it } from "vitest";
import { defaults } from "../../config/schema.ts";
import type { TriggerInput, TriggerState } from "../types.ts";
import { until } from "./until.ts";

const settings = { ...defaults(until.schema), from: 100, rest: 20, rounds: 2, rise: 10, fall: 0.5, times: 3 };

/** What it says to each evaluation; an event follows a yes eight steps later, as in a run. */
function decide(list: readonly (Partial<TriggerInput> & { readonly step: number })[], c = settings) {
  let state: TriggerState = until.start(c);
  let due: number | null = null;
  return list.map(({ step, loss = Number.NaN, ...rest }) => {
    if (due !== null && step >= due) {
      state = until.reset(state, due);
      due = null;
    }
    const said = until.observe(state, { step, loss, fraction: 0, ...rest }, c);
    state = said.state;
    if (said.fire === true) due = step + 8;
    return said.fire;
  });
}

it("begins after the start, acts while the loss is met, and goes back after the last miss", () => {
  const losses = [3, 2, 2.1, 2.3, 2.15, 2.19, 2.3, 2.4, 1];
  const steps = [50, 100, 130, 160, 190, 220, 250, 280, 310];
  expect(decide(steps.map((step, i) => ({ step, loss: losses[i]! })))).toEqual([
    ...[false, true, true, false, true, false, false, "back", false],
  ]);
});

it("holds evaluations too soon after an event for nothing", () => {
  const evaluations = [100, 110, 120, 129, 130].map((step) => ({ step, loss: step === 100 ? 2 : 9 }));
  // The event is at 108: 128 is the first that counts.
  expect(decide(evaluations)).toEqual([true, false, false, false, "back"]);
});

it("looks at accuracy where there is one, and at most so many times", () => {
  const shares = [0.95, 0.946, 0.944, 0.9451, 0.96, 0.99];
  const evaluations = shares.map((accuracy, i) => ({ step: 100 + 30 * i, loss: 5 + i, accuracy }));
  expect(decide(evaluations)).toEqual([true, true, false, true, false, false]);
});

it("counts misses in a row alone: what is met in between, even by the last event or to no avail, ends the row", () => {
  const losses = [2, 9, 2, 9, 2];
  const list = losses.map((loss, i) => ({ step: 100 + 30 * i, loss }));
  expect(decide(list, { ...settings, times: 1 })).toEqual([true, false, false, false, false]);
  // The same of an event that was refused, so that no reset follows.
  let state: TriggerState = until.start(settings);
  const said = list.map(({ step, loss }) => {
    const seen = until.observe(state, { step, loss, fraction: 0 }, settings);
    state = seen.state;
    return seen.fire;
  });
  expect(said).toEqual([true, false, true, false, true]);
});

it("is not moved by a loss that is no number", () => {
  expect(decide([{ step: 100 }, { step: 130, loss: 2 }, { step: 160 }])).toEqual([false, true, false]);
});

it("begins when a goal is first met, where there is one, and holds what comes after against it", () => {
  const shares = [0.5, 0.89, 0.9, 0.91, 0.899, 0.7, 0.9];
  const evaluations = shares.map((accuracy, i) => ({ step: 100 + 30 * i, loss: 5, accuracy }));
  expect(decide(evaluations, { ...settings, goal: 90 })).toEqual([
    ...[false, false, true, true, false, "back", false],
  ]);
});
