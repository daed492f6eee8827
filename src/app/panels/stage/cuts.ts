/**
 * What cuts leave on the stage: a flash where weights have just died, and a scar, a tick in the bar of each part for as long
 * as the run lives. Flashes come from two views of one part, scars from the run's own record.
 */
import { LIFE, type RunView, type Tile } from "../../../run/messages.ts";
import type { Mark } from "../../store/session.ts";

/** How long a weight that was cut shows it, in milliseconds. */
export const FLASH = 600;

/** 1 where a cell was active and is dormant now; null when none is, or when the tile has another shape. */
export function diedBetween(before: Tile | undefined, now: Tile): Uint8Array | null {
  const [was, is] = [before?.life, now.life];
  if (!is || before?.rows !== now.rows || before.cols !== now.cols) return null;
  const died = Uint8Array.from(is, (life, i) =>
    life === LIFE.dormant && (was === null ? LIFE.settled : was?.[i]) !== LIFE.dormant ? 1 : 0,
  );
  return died.includes(1) ? died : null;
}

export type Died = ReadonlyMap<string, Uint8Array>;

export function diedIn(before: RunView | null, now: RunView): Died {
  if (before === null || before.run !== now.run || now.step < before.step) return new Map();
  return new Map(
    Object.entries(now.tiles).flatMap(([part, tile]) => {
      const died = diedBetween(before.tiles[part], tile);
      return died === null ? [] : [[part, died] as const];
    }),
  );
}

/** Parameter path → the share of it that each cut left, oldest first. Growth in between does not heal a scar. */
export function scarsOf(marks: readonly Mark[]): ReadonlyMap<string, readonly number[]> {
  const whole = new Map<string, number>();
  const scars = new Map<string, readonly number[]>();
  for (const { done } of marks) {
    if (done === null || done.kind !== "prune") continue;
    for (const [path, [before, after]] of Object.entries(done.counts)) {
      if (!whole.has(path)) whole.set(path, before);
      if (after < before) scars.set(path, [...(scars.get(path) ?? []), after / whole.get(path)!]);
    }
  }
  return scars;
}
