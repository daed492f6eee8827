/** Growth until a goal or a cap: its decisions are a pure function of the evaluations. */
import { expect, it } from "vitest";
import { defaults } from "../../config/schema.ts";
import type { TriggerInput, TriggerState } from "../types.ts";
import { untilGood } from "./until-good.ts";

const settings = { ...defaults(untilGood.schema), goal: 90, loss: 2, cap: 500, rest: 20, times: 3 };

type Seen = Partial<TriggerInput> & { readonly step: number };

/** What it says to each evaluation; an event follows a yes eight steps later, as in a run. */
function decide(list: readonly Seen[], c = settings) {
  let state: TriggerState = untilGood.start(c);
  let due: number | null = null;
  return list.map(({ step, loss = Number.NaN, ...rest }) => {
    if (due !== null && step >= due) {
      state = untilGood.reset(state, due);
      due = null;
    }
    const said = untilGood.observe(state, { step, loss, fraction: 0, ...rest }, c);
    state = said.state;
    if (said.fire === true) due = step + 8;
    return said.fire;
  });
}

const accuracies = (list: readonly number[], active = 100): readonly Seen[] =>
  list.map((accuracy, i) => ({ step: 30 * i, loss: 3, accuracy, active }));

it("waits at the start and after each event, and acts until the goal is met, then never again", () => {
  expect(decide(accuracies([0.1, 0.5, 0.7, 0.9, 0.2, 0.1]))).toEqual([
    false,
    true,
    true,
    false,
    false,
    false,
  ]);
  const close = [19, 20, 30, 40, 47, 48].map((step) => ({ step, loss: 3, accuracy: 0.1, active: 100 }));
  expect(decide(close)).toEqual([false, true, false, false, false, true]);
});

it("meets its goal while it waits", () => {
  const seen = [20, 25, 60].map((step, i) => ({
    step,
    loss: 3,
    accuracy: [0.1, 0.95, 0.1][i]!,
    active: 100,
  }));
  expect(decide(seen)).toEqual([true, false, false]);
});

it("stops above the cap and at its number of times, and goes on under the cap", () => {
  const seen = accuracies([0.1, 0.2, 0.3, 0.3, 0.3, 0.3]).map((at, i) => ({
    ...at,
    active: [0, 500, 501, 400, 400, 400][i]!,
  }));
  expect(decide(seen)).toEqual([false, true, false, true, true, false]);
});

it("looks at the loss where there is no accuracy", () => {
  const losses = [3, 3, 2.5, 2, 3].map((loss, i) => ({ step: 30 * i, loss, active: 1 }));
  expect(decide(losses)).toEqual([false, true, true, false, false]);
  expect(decide([{ step: 30 }, { step: 60, loss: 3 }])).toEqual([false, true]);
});

it("says once that its cap is reached, and stands short of its goal, at its end, until told to go on", () => {
  const c = { ...settings, cap: 100 };
  let state = untilGood.start(c);
  const said = [0.2, 0.88, 0.89].map((accuracy, i) => {
    const at = { step: 60 * (i + 1), loss: 3, accuracy, active: 90 + 20 * i, fraction: 0 };
    const next = untilGood.observe(state, at, c).state;
    const told = untilGood.tells!(state, next, c);
    state = next;
    return told;
  });
  expect(said).toEqual([
    null,
    "The cap of 100 weights is reached at 88 % right on the validation part: growth stops, and what was reached stays.",
    null,
  ]);
  const short = { value: 0.89, limit: 0.9, share: true };
  expect(untilGood.goal!.short(state, c)).toEqual({ ...short, ended: true });
  const on = untilGood.goal!.answer(state, "grow", 200, 0.89);
  expect(untilGood.goal!.short(on, c)).toEqual({ ...short, ended: false });
  const at = { step: 240, loss: 3, accuracy: 0.89, active: 130, fraction: 0 };
  expect(untilGood.observe(state, at, c).fire).toBe(false);
  expect(untilGood.observe(on, at, c).fire).toBe(true);
  // What was not known when the answer was given is judged as before it.
  expect(untilGood.observe(on, { ...at, step: 199 }, c).fire).toBe(false);
  const left = untilGood.goal!.answer(state, "prune", 200, 0.89);
  expect(untilGood.goal!.short(left, c)).toBe(null);
  expect(untilGood.observe({ ...left, capped: 0 }, { ...at, active: 10 }, c).fire).toBe(false);
});
