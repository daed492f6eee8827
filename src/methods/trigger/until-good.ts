/**
 * Acts again and again while the network is not good enough and not too large (NeST's growth phase, grow-prune §3.2). Once
 * the goal is met it rests for good, so that what prunes afterwards does not make it grow again. A pure function of the
 * evaluations.
 *
 *     while params ≤ S and acc < A: grow, train on
 */

import { NEST } from "../papers.ts";
import type { Short, TriggerMethod, TriggerState } from "../types.ts";
import { sayValue } from "./goal.ts";

const schema = {
  goal: {
    kind: "float",
    label: "Goal",
    symbol: "A",
    default: 97.5,
    min: 0.1,
    max: 100,
    unit: "%",
    help: "For classifiers: the share of the validation part that is right.",
  },
  loss: {
    kind: "float",
    label: "Goal of the loss",
    default: 1.5,
    min: 0.001,
    max: 20,
    unit: "nats",
    help: "For models that write: of the validation loss.",
  },
  cap: {
    kind: "int",
    label: "Size cap",
    symbol: "S",
    default: 0,
    min: 0,
    max: 1_000_000_000,
    unit: "weights",
    help: "Active weights above which it grows no more. 0: no cap.",
  },
  rest: {
    kind: "int",
    label: "Trains between",
    symbol: "T_g",
    default: 100,
    min: 1,
    max: 1_000_000,
    unit: "steps",
    help: "Steps before the first event, and after each.",
  },
  times: { kind: "int", label: "At most", default: 64, min: 1, max: 1000, unit: "times" },
} as const;

/**
 * last: step of the last event or decision · fired: events asked for · over: the goal is met · capped: it is too large, short
 * of the goal · spent: it has acted as often as it may · seen: [value, limit] · left, free: a person said at this step that
 * the goal is given up, or that neither cap nor number of times counts any longer.
 */
interface UntilGoodState extends TriggerState {
  readonly last: number;
  readonly fired: number;
  readonly over: number;
  /** Absent in runs saved before it was told. */
  readonly capped?: number;
  readonly spent?: number;
  readonly seen: readonly number[];
  readonly left?: number;
  readonly free?: number;
}

const START: UntilGoodState = { last: 0, fired: 0, over: 0, seen: [] };

export const untilGood: TriggerMethod<typeof schema> = {
  kind: "trigger",
  id: "until-good",
  label: "Until it is good enough",
  summary: "Acts again until a goal is met or the network has reached its largest size.",
  schema,
  paper: NEST,
  needs: "eval",
  applies: () => true,
  start: () => START,
  observe(from, { step, loss, accuracy, active = 0 }, c) {
    const state = from as UntilGoodState;
    const value = accuracy ?? loss;
    const left = state.left !== undefined && step >= state.left;
    if (state.over === 1 || left || !Number.isFinite(value)) return { state, fire: false };
    const limit = accuracy === undefined ? c.loss : c.goal / 100;
    const met = accuracy === undefined ? loss <= limit : accuracy >= limit;
    const seen = { ...state, seen: [value, limit] };
    if (met) return { state: { ...seen, over: 1 }, fire: false };
    const free = state.free !== undefined && step >= state.free;
    if (c.cap > 0 && active > c.cap && !free) return { state: { ...seen, capped: 1 }, fire: false };
    if (step - state.last < c.rest) return { state: seen, fire: false };
    if (state.fired >= c.times && !free) return { state: { ...seen, spent: 1 }, fire: false };
    // Having decided counts as the event: an action that is refused is asked for again only after the rest.
    return { state: { ...seen, fired: state.fired + 1, last: step }, fire: true };
  },
  reset: (state, step) => ({ ...state, last: step }),
  tells(before, after, c) {
    const { capped, seen } = after as UntilGoodState;
    if (capped !== 1 || (before as UntilGoodState).capped === 1) return null;
    const [value, limit] = seen as [number, number];
    return `The cap of ${c.cap.toLocaleString("en")} weights is reached at ${sayValue(value, isShare(limit, c))} on the validation part: growth stops, and what was reached stays.`;
  },
  goal: {
    role: "grows",
    short(from, c): Short | null {
      const { seen, over, left, free, capped, spent } = from as UntilGoodState;
      const [value, limit] = seen;
      if (value === undefined || limit === undefined || over === 1 || left !== undefined) return null;
      const ended = free === undefined && (capped === 1 || spent === 1);
      return { value, limit, share: isShare(limit, c), ended };
    },
    answer: (state, said, step) =>
      said === "prune" ? { ...state, left: step } : { ...state, free: step, capped: 0, spent: 0 },
  },
  gauge(state) {
    const [value, limit] = (state as UntilGoodState).seen;
    return value === undefined || limit === undefined ? null : { label: "evaluation", value, limit };
  },
};

/** Goals of accuracy are shares; a classifier is the one whose limit is its goal. */
function isShare(limit: number, c: { readonly goal: number }): boolean {
  return limit === c.goal / 100;
}
