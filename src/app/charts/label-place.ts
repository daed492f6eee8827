/**
 * A place for a line's label on the plot itself, where there is no margin to stand in: as near to the end of its line as
 * leaves every curve and level free. Pure arithmetic in pixels.
 */
import type { Point } from "./curve.ts";

/** From the upper to the lower edge of what is taken. */
export type Span = readonly [top: number, bottom: number];

/** The heights that a line runs through between two places of x; null where it is not drawn there. */
export function crossed(line: readonly Point[], from: number, to: number): Span | null {
  let [top, bottom] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const see = (y: number): void => {
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  };
  line.forEach((b, i) => {
    if (b.x >= from && b.x <= to) see(b.y);
    const a = line[i - 1];
    if (a === undefined || b.x <= a.x) return;
    // Where the line comes in or goes out between two of its points.
    for (const x of [from, to]) if (a.x < x && x < b.x) see(a.y + ((x - a.x) / (b.x - a.x)) * (b.y - a.y));
  });
  return top > bottom ? null : [top, bottom];
}

/** The middle nearest to `wanted` at which a label of this half height lies over nothing; null: there is none. */
export function freePlace(
  taken: readonly Span[],
  wanted: number,
  half: number,
  low: number,
  high: number,
): number | null {
  const walls = taken.map(([top, bottom]): Span => [top - half, bottom + half]);
  const places = [wanted, ...walls.flat()].filter(
    (y) => y >= low && y <= high && walls.every(([top, bottom]) => y <= top || y >= bottom),
  );
  return places.length === 0
    ? null
    : places.reduce((best, y) => (Math.abs(y - wanted) < Math.abs(best - wanted) ? y : best));
}
