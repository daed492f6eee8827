/**
 * One x for all rows of the score, and the y of the loss. Ticks are round numbers; a log axis shows 1, 1.5, 2, 3, 5 of
 * each decade, as many as four or five gridlines need.
 */
import type { RunConfig } from "../../run/config.ts";
import { compact, duration, fixed, whole } from "../format.ts";
import type { Axis, Clock } from "../store/series.ts";
import { perStep } from "../store/units.ts";
import type { Point } from "./curve.ts";

/** Pixels around the plot: tick labels stand left, line labels right. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly width: number;
}

export type Scale = (value: number) => number;

export function xScale(frame: Frame, max: number): Scale {
  const span = Math.max(1, frame.width - frame.left - frame.right);
  return (x) => frame.left + (max > 0 ? x / max : 0) * span;
}

/** The value under a pixel. */
export function xInverse(frame: Frame, max: number): Scale {
  const span = Math.max(1, frame.width - frame.left - frame.right);
  return (px) => Math.min(max, Math.max(0, ((px - frame.left) / span) * max));
}

/** About `count` round numbers from 0 to max, at least `least` apart. */
export function linearTicks(max: number, count: number, least = 0): readonly number[] {
  if (!(max > 0)) return [0];
  const rough = Math.max(max / Math.max(1, count), least);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((k) => k * power >= rough * 0.9999) ?? 10) * power;
  const ticks: number[] = [];
  for (let k = 0; k * step <= max * 1.0001; k++) ticks.push(k * step);
  return ticks;
}

export interface YAxis {
  readonly min: number;
  readonly max: number;
  readonly log: boolean;
  readonly ticks: readonly number[];
}

const LOG_STEPS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8];

/** From just under the lowest to just over the highest of everything drawn. */
export function yAxis(points: readonly (readonly Point[])[], others: readonly number[], log: boolean): YAxis {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const see = (y: number): void => {
    if (!Number.isFinite(y) || (log && y <= 0)) return;
    if (y < low) low = y;
    if (y > high) high = y;
  };
  for (const list of points) for (const { y } of list) see(y);
  for (const y of others) see(y);
  if (!(high >= low)) [low, high] = [1, 4];
  // A curve that has just begun is not blown up to the full height: its noise would look like learning.
  if (low > high * 0.55) low = high * 0.55;
  if (!log) {
    const max = high + (high - low) * 0.05;
    const min = Math.max(0, low - (high - low) * 0.08);
    return { min, max, log, ticks: linearTicks(max, (4 * max) / (max - min)).filter((tick) => tick >= min) };
  }
  const pad = (high / low) ** 0.06;
  const [min, max] = [low / pad, high * pad];
  const all: number[] = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.log10(max); power++) {
    for (const step of LOG_STEPS) all.push(Number((step * 10 ** power).toPrecision(4)));
  }
  const inside = all.filter((tick) => tick >= min && tick <= max);
  return { min, max, log, ticks: spread(inside, 5) };
}

/** At most `count` of the ticks, evenly taken, the highest kept. */
function spread(ticks: readonly number[], count: number): readonly number[] {
  if (ticks.length <= count) return ticks;
  const every = Math.ceil(ticks.length / count);
  return ticks.filter((_, i) => (ticks.length - 1 - i) % every === 0);
}

export function yScale(axis: YAxis, top: number, bottom: number): Scale {
  const to = axis.log ? Math.log : (y: number): number => y;
  const [low, high] = [to(axis.min), to(axis.max)];
  return (y) => bottom - ((to(y) - low) / (high - low || 1)) * (bottom - top);
}

/** In pixels. A logarithm has no place for what is not above zero. */
export function inPixels(points: readonly Point[], x: Scale, y: Scale): Point[] {
  return points.map((at) => ({ x: x(at.x), y: y(at.y) })).filter((at) => Number.isFinite(at.y));
}

export const yTick = (value: number): string =>
  value >= 10_000
    ? compact(value)
    : value >= 10
      ? whole(value)
      : fixed(value, value < 0.1 ? 3 : value < 1 ? 2 : 1);

export const AXES: readonly { readonly id: Axis; readonly label: string; readonly unit: string }[] = [
  { id: "step", label: "steps", unit: "steps" },
  { id: "tokens", label: "characters", unit: "characters" },
  { id: "flops", label: "FLOPs", unit: "FLOPs" },
  { id: "seconds", label: "seconds", unit: "s" },
];

export function xTick(axis: Axis, value: number): string {
  if (value === 0) return "0";
  if (axis === "step") return value >= 100_000 ? compact(value) : whole(value);
  return axis === "seconds" ? duration(value) : compact(value);
}

/** Ends of the axis move in these steps, so that a line does not slide under the eye while its end is an estimate. */
const ROUND = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/**
 * The whole budget in the unit of the axis. Steps and characters (or images) are known from the start; FLOPs and seconds are what is
 * spent plus the rest at the present price, rounded up.
 */
export function xMax(axis: Axis, config: RunConfig | null, budgetSteps: number, clock: Clock): number {
  // Before the run has told its length the config does, where it is given in steps.
  const said = budgetSteps || (config?.budget.unit === "steps" ? config.budget.amount : 0);
  const steps = Math.max(said, clock.step, 1);
  if (axis === "step") return steps;
  if (axis === "tokens") return steps * (config ? perStep(config) : 1);
  if (config?.budget.unit === "flops" && axis === "flops") return Math.max(config.budget.amount, clock.flops);
  const spent = clock[axis];
  if (clock.step === 0 || spent <= 0) return axis === "seconds" ? 60 : 1e12;
  const guess = (spent / clock.step) * steps;
  const power = 10 ** Math.floor(Math.log10(guess));
  return Math.max(spent, (ROUND.find((k) => k * power >= guess * 0.999) ?? 10) * power);
}

/** Positions at least `gap` apart, each as near to where it wants to be as that allows; order kept. */
export function apart(wanted: readonly number[], gap: number, low: number, high: number): readonly number[] {
  const order = wanted.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y);
  const placed: number[] = [];
  order.forEach(({ y }, k) => {
    const floor = k === 0 ? low : (placed[k - 1] ?? low) + gap;
    placed.push(Math.max(y, floor));
  });
  for (let k = placed.length - 1; k >= 0; k--) {
    const ceiling = k === placed.length - 1 ? high : (placed[k + 1] ?? high) - gap;
    if ((placed[k] ?? 0) > ceiling) placed[k] = ceiling;
  }
  const out: number[] = [];
  order.forEach(({ i }, k) => {
    out[i] = placed[k] ?? 0;
  });
  return out;
}
