/**
 * Events as things to press: a target of 24 px by the strip's height, its glyph on the history lane. Many close together
 * fold into one with their count. A press shows the record in the rail.
 */
import type { ReactNode } from "react";
import { count, whole } from "../format.ts";
import { HoverRecord } from "../panels/HoverRecord.tsx";
import type { Mark } from "../store/session.ts";
import { setRun, useRun } from "../store/store.ts";
import { grouped } from "./marks.ts";
import type { Rows } from "./Score.tsx";
import type { Scale } from "./scale.ts";
import { markX, type ScoreData, sayMark } from "./score-data.ts";

export function MarkButtons({
  data,
  x,
  rows,
}: {
  readonly data: ScoreData;
  readonly x: Scale;
  readonly rows: Rows;
}): ReactNode {
  const open = useRun((s) => s.openMark);
  const px = (mark: Mark): number => x(markX(mark, data.axis));
  return grouped(data.marks, px).map((group) => {
    const first = group[0] as Mark;
    const name =
      group.length > 1
        ? `${count(group.length, "event")} near step ${whole(first.clock.step)}`
        : sayMark(first);
    const at = group.findIndex(({ id }) => id === open);
    return (
      <HoverRecord key={first.id} title={name} mark={group.length > 1 ? null : first}>
        <button
          type="button"
          className="mark-button"
          data-kind={first.kind}
          data-mark={first.id}
          aria-label={name}
          aria-pressed={at >= 0}
          style={{ left: px(first) - 12, top: rows.top, height: rows.axis - 14 - rows.top }}
          // Of several in one place each press opens the next.
          onClick={() => setRun({ openMark: group[at + 1]?.id ?? null, pinned: null })}
        />
      </HoverRecord>
    );
  });
}
