/** What stands at the crown in the room there is, in pixels. */
import type { RunView } from "../../../run/messages.ts";

type Next = RunView["next"];

/** The least that a class takes: a digit, or the beginning of a name. */
const DIGIT = 9;
const NAME = 15;

/**
 * The classes in their order, and what each takes. Where there are more than places, the likeliest ones, still in their
 * order: how many they are is said.
 */
export function classesIn(next: Next, room: number): { readonly shown: Next; readonly slot: number } {
  const least = next.every(({ symbol }) => symbol.length === 1) ? DIGIT : NAME;
  const places = Math.max(2, Math.floor(room / least));
  const likeliest = [...next].sort((a, b) => b.probability - a.probability).slice(0, places);
  const shown = next.length <= places ? next : next.filter((each) => likeliest.includes(each));
  return { shown, slot: Math.min(44, room / Math.max(1, shown.length)) };
}

/** A guess with its bar beside it, and with the bar under it, where the room is short. */
const BESIDE = { least: 58, most: 110 };
const UNDER = { least: 36, most: 44 };
const GUESSES = 5;
/** With fewer than so many beside their bars, the bars go under. */
const FEW = 4;

/** How many of the likeliest characters, what each takes, and whether its bar stands under it. */
export function guessesIn(room: number): {
  readonly count: number;
  readonly slot: number;
  readonly under: boolean;
} {
  const under = room < FEW * BESIDE.least;
  const { least, most } = under ? UNDER : BESIDE;
  // Behind the last there need be no gap.
  const wide = room + (under ? 4 : 0);
  const count = Math.max(1, Math.min(GUESSES, Math.floor(wide / least)));
  return { count, slot: Math.min(most, wide / count), under };
}
