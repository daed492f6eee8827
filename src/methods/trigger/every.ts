/**
 * Acts every n steps, a number of times. The steps are counted from the start of the run and not from the last event:
 * the growth steps can be read off the config, and a growth made by hand in between moves none of them.
 */
import type { TriggerMethod } from "../types.ts";

const schema = {
  steps: {
    kind: "int",
    label: "Steps between",
    symbol: "n",
    default: 500,
    min: 1,
    max: 1_000_000,
    unit: "steps",
    help: "Acts after every n steps of the run. Periodic growth is a strong baseline for any cleverer rule.",
  },
  times: {
    kind: "int",
    label: "At most",
    default: 3,
    min: 1,
    max: 64,
    unit: "times",
    help: "Afterwards the network keeps its size.",
  },
} as const;

export const every: TriggerMethod<typeof schema> = {
  kind: "trigger",
  id: "every",
  label: "Every n steps",
  summary: "Grows at fixed distances, whatever the loss does.",
  schema,
  paper: null,
  needs: "budget",
  applies: () => true,
  start: () => ({ fired: 0 }),
  observe(state, at, c) {
    const fired = state.fired as number;
    const fire = at.step > 0 && at.step % c.steps === 0 && fired < c.times;
    return { state: fire ? { fired: fired + 1 } : state, fire };
  },
  // What counts here is the step of the run, which no event changes.
  reset: (state) => state,
};
