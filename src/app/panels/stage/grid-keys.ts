/** Arrows, Home and End in a grid of the stage: the row and cell they lead to, which may lie outside; null for other keys. */
import type { KeyboardEvent } from "react";

export function stepIn(
  event: KeyboardEvent,
  [row, cell]: readonly [number, number],
): readonly [row: number, cell: number] | null {
  const to = new Map<string, readonly [number, number]>([
    ["ArrowUp", [row - 1, cell]],
    ["ArrowDown", [row + 1, cell]],
    ["ArrowLeft", [row, cell - 1]],
    ["ArrowRight", [row, cell + 1]],
    ["Home", [row, 0]],
    ["End", [row, Number.MAX_SAFE_INTEGER]],
  ]).get(event.key);
  if (to !== undefined) event.preventDefault();
  return to ?? null;
}
