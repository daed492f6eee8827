/**
 * Events as things to press: a target of 24 px by the strip's height, its glyph on the history lane. Many close together
 * fold into one with their count. A press shows the record in the rail; the start and the branches' ends show a card.
 */
import { Popover } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { count, loss, whole } from "../format.ts";
import { Icon } from "../Icons.tsx";
import { goTo } from "../store/actions.ts";
import { copyLinkTo } from "../store/links.ts";
import type { Mark } from "../store/session.ts";
import { setRun, useRun } from "../store/store.ts";
import { type Spot, spots } from "./Lane.tsx";
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
    return (
      <button
        key={first.id}
        type="button"
        className="mark-button"
        data-kind={first.kind}
        aria-label={name}
        aria-pressed={first.id === open}
        title={name}
        style={{ left: px(first) - 12, top: rows.top, height: rows.axis - 14 - rows.top }}
        onClick={() => setRun({ openMark: first.id === open ? null : first.id, pinned: null })}
      />
    );
  });
}

export function NodeSpots({
  data,
  x,
  y,
  most,
}: {
  readonly data: ScoreData;
  readonly x: Scale;
  readonly y: number;
  readonly most: number;
}): ReactNode {
  return spots(data, x, y, most).map((spot) => (
    <NodeSpot key={`${spot.node}:${spot.label}`} spot={spot} data={data} />
  ));
}

function NodeSpot({ spot, data }: { readonly spot: Spot; readonly data: ScoreData }): ReactNode {
  const [open, setOpen] = useState(false);
  const node = data.state?.nodes.find((each) => each.id === spot.node);
  const close = (act: () => void) => () => {
    setOpen(false);
    act();
  };
  return (
    <Popover
      opened={open}
      onChange={setOpen}
      position="top"
      width={250}
      shadow="none"
      classNames={{ dropdown: "card" }}
      trapFocus
    >
      <Popover.Target>
        <button
          type="button"
          className="spot-button"
          aria-label={`Go back to ${spot.label}`}
          aria-expanded={open}
          style={{ left: spot.px - 12, top: spot.py - 12 }}
          onClick={() => setOpen(!open)}
        />
      </Popover.Target>
      <Popover.Dropdown>
        <p className="heading">{spot.label.charAt(0).toUpperCase() + spot.label.slice(1)}</p>
        <p className="caption soft">
          step {whole(node?.step ?? 0)}
          {typeof node?.loss === "number" ? `, loss ${loss(node.loss)} on the probe batch` : ""}
        </p>
        {node?.restorable === false ? (
          <p className="caption">This state is no longer kept.</p>
        ) : (
          <div className="card-actions">
            <button type="button" className="button edged small" onClick={close(() => goTo(spot.node))}>
              <Icon name="undo" size={14} />
              Go back here
            </button>
            <button type="button" className="button edged small" onClick={close(() => goTo(spot.node, true))}>
              <Icon name="branch" size={14} />
              Branch from here
            </button>
            {spot.onLine ? (
              <button
                type="button"
                className="button small"
                onClick={close(() => void copyLinkTo(node?.step ?? 0))}
              >
                <Icon name="link" size={14} />
                Copy link to here
              </button>
            ) : null}
          </div>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
