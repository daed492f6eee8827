/**
 * The learning rate as a function of the budget consumed (selection-optimizers §1.6): η = η_peak · s(x), with x from 0 to
 * 1 in the budget's own unit. Not of the step count: a run that grows pays more for a step later on, and a schedule by
 * steps would then favour whoever grows late.
 */
import type { Schema, Value } from "../config/schema.ts";

export interface Schedule {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  readonly schema: Schema;
  /** s(x) for the values of its schema and x in [0, 1]. */
  readonly factor: (values: Readonly<Record<string, Value>>, x: number) => number;
}

const warmup = (value: number) =>
  ({
    kind: "float",
    label: "Warm-up",
    symbol: "w",
    default: value,
    min: 0,
    max: 0.5,
    unit: "of the budget",
    help: "Part of the budget in which the rate rises from 0 to its peak.",
  }) as const;

const floor = (value: number) =>
  ({
    kind: "float",
    label: "Floor",
    symbol: "r",
    default: value,
    min: 0,
    max: 1,
    unit: "of the peak",
    help: "Part of the peak that is left at the end.",
  }) as const;

const entries: readonly Schedule[] = [
  {
    id: "constant",
    label: "Constant",
    summary: "One rate all along. The run is then not fully decayed at its end.",
    schema: { warmup: warmup(0) },
    factor: (values, x) => rise(values, x) ?? 1,
  },
  {
    id: "cosine",
    label: "Cosine",
    summary: "Rises, then falls along half a cosine.",
    schema: { warmup: warmup(0.1), floor: floor(0.1) },
    factor: (values, x) => rise(values, x) ?? fall(values, 0.5 * (1 + Math.cos(Math.PI * rest(values, x)))),
  },
  {
    id: "linear",
    label: "Linear",
    summary: "Rises, then falls along a straight line.",
    schema: { warmup: warmup(0.1), floor: floor(0) },
    factor: (values, x) => rise(values, x) ?? fall(values, 1 - rest(values, x)),
  },
  {
    id: "triangle",
    label: "Triangle",
    summary: "Rises for half of the budget and falls for the other half.",
    schema: {},
    factor: (_, x) => (x < 0.5 ? 2 * x : 2 - 2 * x),
  },
];

export const schedules: ReadonlyMap<string, Schedule> = new Map(entries.map((entry) => [entry.id, entry]));

/** s(x): the part of the peak rate that holds where `x` of the budget is used up. `values` may carry the id along. */
export function scheduleFactor(id: string, values: Readonly<Record<string, Value>>, x: number): number {
  const schedule = schedules.get(id);
  if (schedule === undefined) throw new Error(`There is no schedule "${id}".`);
  return schedule.factor(values, Math.min(1, Math.max(0, x)));
}

type Numbers = Readonly<Record<string, Value>>;

/** x/w while the rate rises, null afterwards. */
function rise(values: Numbers, x: number): number | null {
  const w = values.warmup as number;
  return x < w ? x / w : null;
}

/** The part of the time after the warm-up that is over, 0 to 1. */
function rest(values: Numbers, x: number): number {
  const w = values.warmup as number;
  return (x - w) / (1 - w);
}

/** From 1 to the floor r as `s` goes from 1 to 0. */
function fall(values: Numbers, s: number): number {
  const r = values.floor as number;
  return r + (1 - r) * s;
}
