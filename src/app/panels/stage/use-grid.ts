/** A grid over a drawing of the stage: one tab stop, and arrows, Home and End from cell to cell. */
import { type KeyboardEvent, useRef, useState } from "react";

/** The row and cell that a key leads to, which may lie outside; null for other keys. */
function stepIn(
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

/** `label`: what is in it; `rows`, and `cellsIn` each. A cell carries `data-place="row cell"` and `tab(row, cell)` as its tabIndex. */
export function useGrid(label: string, rows: number, cellsIn: (row: number) => number) {
  const [place, setPlace] = useState<readonly [number, number]>([0, 0]);
  const grid = useRef<HTMLDivElement>(null);
  const within = ([row, cell]: readonly [number, number]): readonly [number, number] => {
    const r = Math.max(0, Math.min(rows - 1, row));
    return [r, Math.max(0, Math.min(cellsIn(r) - 1, cell))];
  };
  // What is gone since takes its place with it.
  const at = within(place);
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = stepIn(event, at);
    if (to === null) return;
    const [r, c] = within(to);
    setPlace([r, c]);
    grid.current?.querySelector<HTMLElement>(`[data-place="${r} ${c}"]`)?.focus();
  };
  const tab = (row: number, cell: number): 0 | -1 => (at[0] === row && at[1] === cell ? 0 : -1);
  const props = {
    ref: grid,
    className: "stage-grid",
    role: "grid",
    tabIndex: -1,
    "aria-label": label,
    onKeyDown,
  };
  return { props, setPlace, tab };
}
