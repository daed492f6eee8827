/** Which lines of a growth are drawn, how thick, and what they say in words. */
import { fixed, list } from "../../format.ts";

export interface FeedLine {
  readonly from: number;
  readonly to: number;
  /** Of the row's largest, 0 to 1. */
  readonly share: number;
}

/** Below this part of the row's largest a line says nothing. */
const LEAST = 0.05;

/** rows [to][from]. */
export function linesOf(rows: readonly (readonly number[])[]): readonly FeedLine[] {
  return rows.flatMap((row, to) => {
    const most = Math.max(...row.map(Math.abs));
    if (!(most > 0)) return [];
    return row.flatMap((value, from) => {
      const share = Math.abs(value) / most;
      return share >= LEAST ? [{ from, to, share }] : [];
    });
  });
}

/** "Layer 3 is fed by layer 1." "Layer 4 is fed by layer 2 (.97) and layer 1 (.12)." */
export function sayFeeds(rows: readonly (readonly number[])[], one: string): readonly string[] {
  const name = one.slice(0, 1).toUpperCase() + one.slice(1);
  const lines = linesOf(rows);
  return rows.map((row, to) => {
    const fed = lines.filter((line) => line.to === to).sort((a, b) => b.share - a.share);
    if (fed.length === 0) return `${name} ${to + 1} is new.`;
    const parts = fed.map(({ from }) => {
      const value = fed.length === 1 && row[from] === 1 ? "" : ` (${fixed(Math.abs(row[from]!), 2)})`;
      return `${one} ${from + 1}${value}`;
    });
    return `${name} ${to + 1} is fed by ${list(parts)}.`;
  });
}
