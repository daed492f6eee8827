/** Places of an attention map in words, and what one entry of it says. */
import { rough } from "../format.ts";
import type { Attends } from "./attention-figures.ts";
import { visible } from "./stage/Crown.tsx";

export interface MapOf {
  readonly attends: Attends;
  /** Places of a side. */
  readonly time: number;
  /** The text that is read, its last character at the last place; empty where there is none. */
  readonly text: readonly string[];
}

/** The name of a place: a character of the text, a patch by row and column, or the token before them. */
export function placeName({ attends, time, text }: MapOf, place: number): string {
  if (attends === "grid") {
    if (place === 0) return "the class token";
    const side = Math.round(Math.sqrt(time - 1));
    return `the patch in row ${Math.floor((place - 1) / side) + 1}, column ${((place - 1) % side) + 1}`;
  }
  if (place === 0 && text.length === 0) return "the start";
  if (text.length === 0) return `place ${place + 1}`;
  const symbol = text[place - (time - text.length)];
  // [BOS] has no letters of its own.
  return symbol === undefined || symbol === "" ? "the start" : `“${visible(symbol)}” at ${place + 1}`;
}

/** `who`: "this head", "head 2 on average". */
export function mapSentence(
  of: MapOf,
  [query, key]: readonly [number, number],
  value: number,
  who: string,
): string {
  const at = `At ${placeName(of, query)}`;
  if (of.attends === "causal" && key > query) return `${at}: nothing later can be read.`;
  return `${at} ${who} puts ${rough(value)} on ${placeName(of, key)}.`;
}
