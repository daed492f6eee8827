/** Nothing happens by itself: a person presses Grow. A trigger like the others, so that the recipe has one form. */
import type { TriggerMethod } from "../types.ts";

export const manual: TriggerMethod = {
  kind: "trigger",
  id: "manual",
  label: "By hand",
  summary: "Grows when you press Grow, and at no other time.",
  schema: {},
  paper: null,
  needs: "nothing",
  applies: () => true,
  start: () => ({}),
  observe: (state) => ({ state, fire: false }),
  reset: (state) => state,
};
