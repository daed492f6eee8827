/**
 * A foldable group of the controls. Closed it says its values in one line; open it mounts its fields, so that what is not
 * seen costs nothing while a run is on. A plain disclosure, since several may be open.
 */
import { type ReactNode, useId, useState } from "react";
import { count } from "../format.ts";
import { Icon } from "../Icons.tsx";
import { changes } from "../store/draft.ts";
import { useRun } from "../store/store.ts";

interface GroupProps {
  readonly title: string;
  /** One line while closed, and the sentence when the group cannot be used. */
  readonly line: string;
  /** Paths whose changes the heading counts. */
  readonly owns: (path: string) => boolean;
  readonly open?: boolean;
  /** Greyed: its line says why. */
  readonly off?: boolean;
  readonly children: ReactNode;
}

export function Group({
  title,
  line,
  owns,
  open: opened = false,
  off = false,
  children,
}: GroupProps): ReactNode {
  const [open, setOpen] = useState(opened);
  const id = useId();
  const changed = useRun((s) => changes(s.base, s.draft).filter(owns).length);
  return (
    <section className="group" data-off={off || undefined}>
      <h2>
        <button
          type="button"
          className="group-heading"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
        >
          <span className="group-arrow" data-open={open || undefined}>
            <Icon name="down" size={12} />
          </span>
          {title}
          <span className="group-line">
            {open ? (changed > 0 ? count(changed, "change") : off ? line : "") : line}
          </span>
        </button>
      </h2>
      {open ? (
        <div className="group-body" id={id}>
          {children}
        </div>
      ) : null}
    </section>
  );
}
