/** The drawing under the words that stand over it: no name, tile or bar lies behind them. */
import type { Anatomy } from "../../../run/messages.ts";
import { crownOf, layoutStage, type StageLayout } from "./layout.ts";

/** Of the words, from the upper left corner of the drawing. */
export interface Heading {
  readonly right: number;
  readonly bottom: number;
}

/** Pixels that the crown's words take above the trunk's end, and those between the heading and a tier's caption. */
const CROWN_WORDS = 52;
const UNDER = 8;
/** Below this the tiers need the height more than the words do. */
const ROOM_FOR_WORDS = 400;

/** Tiers stand under the heading, and where the trunk stands under it, the crown too. */
export function layoutHeaded(
  anatomy: Anatomy,
  width: number,
  height: number,
  heading: Heading | null,
  crown?: number,
): StageLayout {
  if (heading === null || height < ROOM_FOR_WORDS) return layoutStage(anatomy, width, height, crown);
  const under = Math.max(crownOf(anatomy), heading.bottom + UNDER);
  const layout = layoutStage(anatomy, width, height, under);
  if (layout.trunk > heading.right) return layout;
  return layoutStage(anatomy, width, height, Math.max(under, heading.bottom + CROWN_WORDS));
}
