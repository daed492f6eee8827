/**
 * Acts again and again while the network is not good enough and not too large (NeST's growth phase, grow-prune §3.2). Once
 * the goal is met it rests for good, so that what prunes afterwards does not make it grow again. A pure function of the
 * evaluations.
 *
 *     while params ≤ S and acc < A: grow, train on
 */

import { NEST } from "../papers.ts";
import type { TriggerMethod, TriggerState } from "../types.ts";

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
 * of the goal · seen: [value, limit].
 */
interface UntilGoodState extends TriggerState {
  readonly last: number;
  readonly fired: number;
  readonly over: number;
  /** Absent in runs saved before it was told. */
  readonly capped?: number;
  readonly seen: readonly number[];
}

/** By how much pruning may fall short of what growth reached at its cap (grow-prune §3.11). */
const MARGIN = 0.002;

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
    if (state.over === 1 || !Number.isFinite(value)) return { state, fire: false };
    const limit = accuracy === undefined ? c.loss : c.goal / 100;
    const met = accuracy === undefined ? loss <= limit : accuracy >= limit;
    const seen = { ...state, seen: [value, limit] };
    if (met) return { state: { ...seen, over: 1 }, fire: false };
    const large = c.cap > 0 && active > c.cap;
    const waits = step - state.last < c.rest || state.fired >= c.times;
    if (large) return { state: { ...seen, capped: 1 }, fire: false };
    if (waits) return { state: seen, fire: false };
    // Having decided counts as the event: an action that is refused is asked for again only after the rest.
    return { state: { ...seen, fired: state.fired + 1, last: step }, fire: true };
  },
  reset: (state, step) => ({ ...state, last: step }),
  tells(before, after, c) {
    const { capped, seen } = after as UntilGoodState;
    if (capped !== 1 || (before as UntilGoodState).capped === 1) return null;
    const [value, limit] = seen as [number, number];
    // Goals of accuracy are shares; a classifier is the one whose limit is its goal.
    const share = limit === c.goal / 100;
    const percent = (x: number) => `${Number((100 * x).toPrecision(3))} %`;
    const reached = share ? `${percent(value)} right` : `a loss of ${Number(value.toPrecision(3))}`;
    const would = share
      ? ` Pruning whose goal is ${percent(Math.max(0, value - MARGIN))} would begin from here.`
      : "";
    return `The cap of ${c.cap.toLocaleString("en")} weights is reached at ${reached} on the validation part: growth stops, and what was reached stays.${would}`;
  },
  gauge(state) {
    const [value, limit] = (state as UntilGoodState).seen;
    return value === undefined || limit === undefined ? null : { label: "evaluation", value, limit };
  },
};
