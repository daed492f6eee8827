/** The record of an event beside what is pointed at or has the focus; pressed, that leads to the whole of it. */
import { Tooltip } from "@mantine/core";
import type { ReactElement, ReactNode } from "react";
import { recordLines } from "../store/foretold.ts";
import type { Mark } from "../store/session.ts";
import { useRun } from "../store/store.ts";
import { unitOf } from "../store/units.ts";

interface HoverRecordProps {
  readonly title: string;
  /** Nothing is told of what is no structural event but its title. */
  readonly mark: Mark | null;
  readonly children: ReactElement;
}

export function HoverRecord({ title, mark, children }: HoverRecordProps): ReactNode {
  const unit = useRun((s) => unitOf(s.config));
  const lines = mark?.done ? recordLines(mark.done, unit) : [];
  return (
    <Tooltip
      multiline
      maw={280}
      openDelay={200}
      events={{ hover: true, focus: true, touch: false }}
      label={
        <>
          <strong>{title}</strong>
          {lines.map((line) => (
            <span key={line} className="hover-line">
              {line}
            </span>
          ))}
        </>
      }
    >
      {children}
    </Tooltip>
  );
}
