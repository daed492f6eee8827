/** A goal in words, for the triggers and the question that have to do with one. */
import type { Short } from "../types.ts";

/** By how much pruning may fall short of what growth reached (grow-prune §3.11): two tenths of a point. */
export const MARGIN = 0.002;

/** .969 → "96.9 %" */
const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;

/** "96.9 % right" or "a loss of 1.62" */
export const sayValue = (value: number, share: boolean): string =>
  share ? `${percent(value)} right` : `a loss of ${Number(value.toPrecision(3))}`;

/** The goal that pruning begins with when it does so short of its own. */
export const floorOf = (reached: number): number => Math.max(0, reached - MARGIN);

export const isShort = ({ value, limit, share }: Omit<Short, "ended">): boolean =>
  share ? value < limit : value > limit;
