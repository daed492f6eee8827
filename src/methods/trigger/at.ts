/**
 * Acts once, when a fraction of the budget is used up. Progressive stacking is written so (doublings at 12.5 % and
 * 30 %), and a fraction means the same in steps, tokens and FLOPs: a comparison at equal budget stays fair.
 */
import type { TriggerMethod } from "../types.ts";

const schema = {
  fraction: {
    kind: "float",
    label: "At",
    symbol: "x",
    default: 0.5,
    min: 0.001,
    max: 0.999,
    unit: "of the budget",
    help: "Fraction of the budget that is used up when it acts, in the budget's own unit.",
  },
} as const;

export const at: TriggerMethod<typeof schema> = {
  kind: "trigger",
  id: "at",
  label: "At a part of the budget",
  summary: "Grows once, when a chosen part of the budget is used up.",
  schema,
  paper: null,
  needs: "budget",
  applies: () => true,
  start: () => ({ fired: 0 }),
  observe(state, now, c) {
    const fire = state.fired === 0 && now.fraction >= c.fraction;
    return { state: fire ? { fired: 1 } : state, fire };
  },
  reset: (state) => state,
};
