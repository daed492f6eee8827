/**
 * A map of values that is read out entry by entry: under the pointer, or by the arrow keys while it has the focus (with
 * Shift ten at a time, Home and End to the ends of a row). What the keys lead to is said to screen readers; values that
 * change by themselves are not.
 */
import { type KeyboardEvent, type PointerEvent, type ReactNode, useState } from "react";

export type Entry = readonly [row: number, column: number];

interface MapReaderProps {
  readonly rows: number;
  readonly cols: number;
  readonly label: string;
  readonly at: Entry | null;
  readonly onAt: (at: Entry | null) => void;
  /** What the entry says. */
  readonly say: (at: Entry) => string;
  readonly children: ReactNode;
}

const FAR = 10;

/** Where a key leads, or null: none of ours. */
export function entryAfter(
  key: string,
  far: boolean,
  [r, c]: Entry,
  rows: number,
  cols: number,
): Entry | null {
  const by = far ? FAR : 1;
  const to: Readonly<Record<string, Entry>> = {
    ArrowUp: [r - by, c],
    ArrowDown: [r + by, c],
    ArrowLeft: [r, c - by],
    ArrowRight: [r, c + by],
    Home: [r, 0],
    End: [r, cols - 1],
  };
  const next = to[key];
  return next === undefined
    ? null
    : [Math.max(0, Math.min(rows - 1, next[0])), Math.max(0, Math.min(cols - 1, next[1]))];
}

export function MapReader({ rows, cols, label, at, onAt, say, children }: MapReaderProps): ReactNode {
  const [said, setSaid] = useState("");
  const point = (event: PointerEvent<HTMLElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const r = Math.floor(((event.clientY - box.top) / box.height) * rows);
    const c = Math.floor(((event.clientX - box.left) / box.width) * cols);
    onAt([Math.max(0, Math.min(rows - 1, r)), Math.max(0, Math.min(cols - 1, c))]);
  };
  const press = (event: KeyboardEvent<HTMLElement>): void => {
    // From nowhere the first key leads to the last row: it reads the most.
    const next = entryAfter(event.key, event.shiftKey, at ?? [rows - 1, 0], rows, cols);
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation();
    const place = at === null ? ([rows - 1, 0] as const) : next;
    onAt(place);
    setSaid(say(place));
  };
  return (
    <div
      className="opened-map"
      role="application"
      aria-label={`${label}. The arrow keys read its values.`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: its values are read by keys
      tabIndex={0}
      onKeyDown={press}
      onPointerMove={point}
      onPointerDown={point}
      onPointerLeave={() => onAt(null)}
    >
      {children}
      {at === null ? null : (
        <span
          className="opened-cell"
          style={{
            left: `${(at[1] / cols) * 100}%`,
            top: `${(at[0] / rows) * 100}%`,
            width: `${100 / cols}%`,
            height: `${100 / rows}%`,
          }}
        />
      )}
      <span className="hidden" role="status">
        {said}
      </span>
    </div>
  );
}
