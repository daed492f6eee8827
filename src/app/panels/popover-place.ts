/** Where a popover stands that must not cover what it speaks of. Pure arithmetic, so that it can be tested. */
export interface Spot {
  readonly left: number;
  readonly top: number;
  readonly maxHeight: number;
}

export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Design: surgeon's table. */
export const WIDTH = 308;
const GAP = 12;
const EDGE = 8;

/** To the right of the part, else to its left, else under or over it, whichever side has more room. */
export function besides(
  part: Rect,
  height: number,
  room: { readonly width: number; readonly height: number },
): Spot {
  const tall = Math.min(height, room.height - 2 * EDGE);
  const within = (value: number, size: number, most: number) =>
    Math.max(EDGE, Math.min(most - EDGE - size, value));
  const top = within(part.top - GAP, tall, room.height);
  const beside = { top, maxHeight: tall };
  if (part.right + GAP + WIDTH + EDGE <= room.width) return { left: part.right + GAP, ...beside };
  if (part.left - GAP - WIDTH >= EDGE) return { left: part.left - GAP - WIDTH, ...beside };
  const left = within(part.left, WIDTH, room.width);
  const [over, under] = [part.top - GAP - EDGE, room.height - part.bottom - GAP - EDGE];
  if (under >= over) return { left, top: part.bottom + GAP, maxHeight: Math.min(height, under) };
  const fits = Math.min(height, over);
  return { left, top: part.top - GAP - fits, maxHeight: fits };
}
