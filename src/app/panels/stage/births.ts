/**
 * When each part of the network joined, by comparing what there is with what there was. Pure, kept outside the store's
 * events: a growth, an undo and an opened snapshot all arrive as "another anatomy at another step".
 */
import type { Anatomy } from "../../../run/messages.ts";

/** Part id → step at which it joined; parts there from the start have none. */
export type Births = Readonly<Record<string, number>>;

export const partIds = (anatomy: Anatomy): readonly string[] =>
  anatomy.tiers.flatMap((tier) => [...tier.left, ...tier.right].map((part) => part.id));

export function trackBirths(
  known: ReadonlySet<string>,
  births: Births,
  anatomy: Anatomy,
  step: number,
): Births {
  const present = new Set(partIds(anatomy));
  const next: Record<string, number> = {};
  for (const id of present) {
    const born = births[id];
    if (born !== undefined && born <= step) next[id] = born;
    else if (known.size > 0 && !known.has(id)) next[id] = step;
  }
  return next;
}

/** 1 when just born, sinking to 0 over 50 updates (updates, not milliseconds: paused, it stays bright). */
export function freshness(born: number | undefined, step: number): number {
  return born === undefined ? 0 : Math.max(0, 1 - (step - born) / 50);
}

/** The ring and the dot stay 400 updates or 5 % of the budget, whichever is longer. */
export function isNewborn(born: number | undefined, step: number, budget: number): boolean {
  return born !== undefined && step - born <= Math.max(400, budget * 0.05);
}
