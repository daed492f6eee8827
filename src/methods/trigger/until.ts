/**
 * Acts again and again while the network recovers, and ends in the last state that did (Han et al. §3.4; grow-prune §2.2):
 * the loop of pruning and retraining. The first evaluation after `from` is the reference. After each event every
 * evaluation at least `rest` steps later is a round: met, it acts again; missed `rounds` times in a row, the run goes back
 * to just before the newest event, which is the last good state, and the entry rests. A pure function of the evaluations.
 */
import type { Short, TriggerMethod, TriggerState } from "../types.ts";
import { floorOf, isShort } from "./goal.ts";

const schema = {
  from: {
    kind: "int",
    label: "Begins at step",
    default: 1500,
    min: 1,
    max: 1_000_000,
    help: "Until then the whole network is trained. The first evaluation after it is what later ones are held against.",
  },
  rest: {
    kind: "int",
    label: "Trains between",
    default: 100,
    min: 1,
    max: 1_000_000,
    unit: "steps",
    help: "Steps after an event before it is judged.",
  },
  rounds: {
    kind: "int",
    label: "Rounds to recover",
    default: 3,
    min: 1,
    max: 64,
    unit: "evaluations",
    help: "Missed so often in a row, the last event is taken back and it ends.",
  },
  rise: {
    kind: "float",
    label: "Allowed rise of the loss",
    default: 2,
    min: 0,
    max: 100,
    unit: "%",
    help: "Of the validation loss, against the reference. For models that write.",
  },
  fall: {
    kind: "float",
    label: "Allowed fall of accuracy",
    default: 0.5,
    min: 0,
    max: 100,
    unit: "points",
    help: "Of the share that is right on the validation part, in points of a hundred. For classifiers.",
  },
  goal: {
    kind: "float",
    label: "Goal",
    symbol: "A",
    default: 0,
    min: 0,
    max: 100,
    unit: "%",
    help: "For classifiers: accuracy to be met, in place of a reference; it begins when that is first met. 0: none.",
  },
  times: { kind: "int", label: "At most", default: 64, min: 1, max: 64, unit: "times" },
} as const;

/**
 * reference: [loss or accuracy] of the whole network, or nothing · last: step of the last event or decision · missed: rounds
 * in a row · fired: events asked for · over: it has gone back · seen: [value, limit] of the last round · short: 1, it waits for
 * a goal that growth still works towards, 2, that nothing works towards; absent or 0: it does not · waived: a person said at
 * this step that it begins short of it, with the goal `floor` if it has one of its own.
 */
interface UntilState extends TriggerState {
  readonly reference: readonly number[];
  readonly last: number;
  readonly missed: number;
  readonly fired: number;
  readonly over: number;
  readonly seen: readonly number[];
  readonly short?: number;
  readonly share?: number;
  readonly waived?: number;
  readonly floor?: number;
}

const START: UntilState = { reference: [], last: 0, missed: 0, fired: 0, over: 0, seen: [] };

export const until: TriggerMethod<typeof schema> = {
  kind: "trigger",
  id: "until",
  label: "While it recovers",
  summary:
    "Acts again whenever the network is as good as before, and goes back once it no longer gets there.",
  schema,
  paper: {
    title: "Learning both Weights and Connections for Efficient Neural Networks",
    authors: "Han, Pool, Tran, Dally",
    year: 2015,
    arxiv: "1506.02626",
  },
  needs: "eval",
  applies: () => true,
  start: () => START,
  observe(from, { step, loss, accuracy, growing = null }, c) {
    const state = from as UntilState;
    const value = accuracy ?? loss;
    const waits = state.over === 1 || step < c.from || !Number.isFinite(value);
    if (waits || (state.fired > 0 && step - state.last < c.rest)) return { state, fire: false };
    const reference = state.reference[0] ?? value;
    const share = accuracy === undefined ? 0 : 1;
    const waived = state.waived !== undefined && step >= state.waived;
    const goal = share === 0 ? 0 : waived ? (state.floor ?? 0) : c.goal / 100;
    const relative = accuracy === undefined ? reference * (1 + c.rise / 100) : reference - c.fall / 100;
    const limit = goal > 0 ? goal : relative;
    const met = accuracy === undefined ? loss <= limit : accuracy >= limit;
    const seen = { ...state, reference: [reference], seen: [value, limit], short: 0, share };
    // A goal that was never met is none that was lost.
    if (!met && goal > 0 && state.fired === 0) {
      return { state: { ...seen, short: growing === null || growing.ended ? 2 : 1 }, fire: false };
    }
    // Without a goal of its own it begins when growth has met its goal: what is cut before that was never good enough.
    if (state.fired === 0 && goal === 0 && !waived && growing !== null) {
      const at = [growing.value, growing.limit];
      return { state: { ...seen, reference: [], seen: at, short: 2 }, fire: false };
    }
    if (!met) {
      const missed = state.missed + 1;
      if (missed < c.rounds) return { state: { ...seen, missed }, fire: false };
      return { state: { ...seen, missed, over: 1 }, fire: "back" };
    }
    if (state.fired >= c.times) return { state: { ...seen, missed: 0 }, fire: false };
    // Having decided counts as the event: an action that is refused is asked for again only after the rest.
    return { state: { ...seen, missed: 0, fired: state.fired + 1, last: step }, fire: true };
  },
  reset: (state, step) => ({ ...state, missed: 0, last: step }),
  goal: {
    role: "prunes",
    short(from): Short | null {
      const state = from as UntilState;
      const [value, limit] = state.seen;
      if (!state.short || value === undefined || limit === undefined) return null;
      const short = { value, limit, share: state.share === 1, ended: state.short === 2 };
      return isShort(short) ? short : null;
    },
    answer(from, said, step, reached) {
      const state = from as UntilState;
      if (said === "grow" || state.fired > 0) return state;
      // What it waits for is its own goal where that is its limit; growth's where its reference is still open.
      const own = state.reference.length > 0;
      return { ...state, reference: [], waived: step, ...(own ? { floor: floorOf(reached) } : {}) };
    },
  },
  gauge(state) {
    const [value, limit] = (state as UntilState).seen;
    return value === undefined || limit === undefined ? null : { label: "evaluation", value, limit };
  },
};
