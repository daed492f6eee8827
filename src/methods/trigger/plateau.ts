/**
 * Acts when the loss stops falling (grow-prune §4.3). A bias-corrected moving average ŝ of the training loss is compared
 * with what it was W steps ago; a relative gain r below τ, P judgements in a row, fires.
 *
 *     s_t = β s_{t-1} + (1-β) ℓ_t        ŝ_t = s_t / (1 - β^n)        r = (ŝ_{t-W} - ŝ_t) / ŝ_{t-W}
 *
 * Judged where t mod E = 0 and t - t_last ≥ max(W + 1, C), so that no judgement looks across an event. It is a pure
 * function of the losses: same losses, same growth steps. The average lives through an event, since the preserving
 * growths it drives leave the loss where it was; the counters do not.
 */
import type { TriggerMethod, TriggerState } from "../types.ts";

const schema = {
  beta: {
    kind: "float",
    label: "Smoothing",
    symbol: "β",
    default: 0.98,
    min: 0,
    max: 0.9999,
    help: "Memory of the average of the training loss: about 1/(1-β) steps.",
  },
  window: {
    kind: "int",
    label: "Window",
    symbol: "W",
    default: 200,
    min: 1,
    max: 5000,
    unit: "steps",
    help: "The average is compared with what it was this many steps ago.",
  },
  every: {
    kind: "int",
    label: "Judged every",
    symbol: "E",
    default: 50,
    min: 1,
    max: 5000,
    unit: "steps",
    help: "Distance of two judgements.",
  },
  cooldown: {
    kind: "int",
    label: "Rest after an event",
    symbol: "C",
    default: 300,
    min: 0,
    max: 1_000_000,
    unit: "steps",
    help: "Not judged for this long after an event, nor before a whole window has passed since.",
  },
  patience: {
    kind: "int",
    label: "Patience",
    symbol: "P",
    default: 1,
    min: 1,
    max: 20,
    unit: "times",
    help: "Judgements in a row under τ before it acts.",
  },
  threshold: {
    kind: "float",
    label: "Grows when the gain falls under",
    symbol: "τ",
    default: 0.03,
    min: 0.005,
    max: 0.1,
    scale: "log",
    help: "Relative gain over one window. At .03 the first growth comes near step 1,500 on a novel, at .02 near 1,750.",
  },
} as const;

/**
 * n: finite losses so far · s: the raw average · last: step of the last event · count: judgements in a row under τ ·
 * ring: ŝ of the last W + 1 steps, oldest first · gain: [r] of the last judgement, or nothing.
 */
interface PlateauState extends TriggerState {
  readonly n: number;
  readonly s: number;
  readonly last: number;
  readonly count: number;
  readonly ring: readonly number[];
  readonly gain: readonly number[];
}

const START: PlateauState = { n: 0, s: 0, last: 0, count: 0, ring: [], gain: [] };

export const plateau: TriggerMethod<typeof schema> = {
  kind: "trigger",
  id: "plateau",
  label: "When the loss stops falling",
  summary: "Grows when the smoothed loss has gained less than τ over a window of steps.",
  schema,
  paper: null,
  needs: "loss",
  applies: () => true,
  start: () => START,
  observe(from, at, c) {
    const state = from as PlateauState;
    if (!Number.isFinite(at.loss)) {
      // Not averaged and never a reason to grow; the ring still moves on, so that W stays a number of steps.
      const latest = state.ring.at(-1);
      return {
        state: latest === undefined ? state : { ...state, ring: push(state, latest, c.window) },
        fire: false,
      };
    }
    const n = state.n + 1;
    const s = c.beta * state.s + (1 - c.beta) * at.loss;
    const smooth = s / (1 - c.beta ** n);
    const next = { ...state, n, s, ring: push(state, smooth, c.window) };
    const rested = at.step - state.last >= Math.max(c.window + 1, c.cooldown);
    const past = next.ring.length > c.window ? next.ring[0] : undefined;
    if (at.step % c.every !== 0 || !rested || past === undefined) return { state: next, fire: false };
    // A loss of 0 cannot fall further: no gain.
    const gain = past > 0 ? (past - smooth) / past : 0;
    const count = gain < c.threshold ? state.count + 1 : 0;
    const fire = count >= c.patience;
    // Having fired counts as the event: a growth that is refused is tried again only after the rest.
    return { state: { ...next, gain: [gain], ...(fire ? { count: 0, last: at.step } : { count }) }, fire };
  },
  reset: (state, step) => ({ ...state, count: 0, last: step }),
  gauge(state, c) {
    const value = (state as PlateauState).gain[0];
    return value === undefined ? null : { label: `gain over ${c.window} steps`, value, limit: c.threshold };
  },
};

function push(state: PlateauState, value: number, window: number): readonly number[] {
  return [...state.ring.slice(-window), value];
}
