/**
 * Acts once, after exactly so many completed steps (0: before the first). This is how an action done by hand is
 * recorded, so that a link replays it at the very same place.
 */
import type { TriggerMethod } from "../types.ts";

const schema = {
  step: {
    kind: "int",
    label: "After step",
    symbol: "t",
    default: 0,
    min: 0,
    max: 10_000_000,
    unit: "steps",
    help: "Completed steps when it acts. 0: before the first.",
  },
} as const;

export const step: TriggerMethod<typeof schema> = {
  kind: "trigger",
  id: "step",
  label: "At one step",
  summary: "Acts after exactly this many steps. Actions done by hand are recorded so.",
  schema,
  paper: null,
  needs: "budget",
  applies: () => true,
  start: () => ({}),
  observe: (state, at, c) => ({ state, fire: at.step === c.step }),
  reset: (state) => state,
};
