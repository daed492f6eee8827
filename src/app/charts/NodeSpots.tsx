/** The run's start and the ends of its branches as things to press: a card says what is there and leads back to it. */
import { Popover } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { loss, whole } from "../format.ts";
import { Icon } from "../Icons.tsx";
import { canGoTo, goTo } from "../store/actions.ts";
import { copyLinkTo } from "../store/links.ts";
import { useRun } from "../store/store.ts";
import { type Spot, spots } from "./Lane.tsx";
import type { Scale } from "./scale.ts";
import type { ScoreData } from "./score-data.ts";

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
  const can = useRun((s) => canGoTo(s, spot.node));
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
      returnFocus
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
        {node !== undefined && !can ? (
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
