/**
 * The surgeon's table at the part it speaks of, beside it and never over it; on a phone a sheet from below. The table is the
 * rail's. Escape, a press elsewhere or the part's leaving close it, and the focus goes back to the part.
 */
import { FocusTrap } from "@mantine/core";
import { useClickOutside, useMediaQuery } from "@mantine/hooks";
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { Icon } from "../Icons.tsx";
import { selectionOf } from "../store/selection.ts";
import { setRun, useRun } from "../store/store.ts";
import { POPOVER_TABLE } from "../store/surgery.ts";
import { besides, type Spot } from "./popover-place.ts";
import { SurgeonTable } from "./Surgeon.tsx";

const partOf = (id: string): HTMLElement | null =>
  document.querySelector<HTMLElement>(`[data-part="${CSS.escape(id)}"]`);

export function PartPopover(): ReactNode {
  const id = useRun((s) => (s.route.page === "play" ? s.surgery : null));
  const anatomy = useRun((s) => s.state?.anatomy ?? null);
  const selection = selectionOf(anatomy, id);
  const gone = id !== null && anatomy !== null && selection === null;
  useEffect(() => {
    if (gone) setRun({ surgery: null });
  }, [gone]);
  if (id === null || selection === null) return null;
  return createPortal(<Table key={id} id={id} name={selection.name} />, document.body);
}

function Table({ id, name }: { readonly id: string; readonly name: string }): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const sheet = useMediaQuery("(max-width: 639px)") ?? false;
  const [spot, setSpot] = useState<Spot | null>(null);
  const close = (): void => {
    setRun({ surgery: null });
    (partOf(id) ?? document.querySelector<HTMLElement>("#network"))?.focus();
  };
  // Lists that a field opens hang outside of the table, and belong to it.
  const outside = useClickOutside((event) => {
    if (event.target instanceof Element && event.target.closest("[data-portal]") !== null) return;
    setRun({ surgery: null });
  });
  useLayoutEffect(() => {
    const element = box.current;
    if (sheet || element === null) return;
    const place = (): void => {
      const part = partOf(id)?.getBoundingClientRect();
      const room = { width: window.innerWidth, height: window.innerHeight };
      if (part !== undefined) setSpot(besides(part, element.scrollHeight, room));
    };
    place();
    const observer = new ResizeObserver(place);
    for (const child of element.children) observer.observe(child);
    window.addEventListener("resize", place);
    return () => {
      observer.disconnect();
      window.removeEventListener("resize", place);
    };
  }, [id, sheet]);
  const style = sheet || spot === null ? {} : { ...spot, right: "auto", bottom: "auto" };
  return (
    <FocusTrap active>
      <div ref={outside}>
        <div
          ref={box}
          className="part-popover"
          data-sheet={sheet || undefined}
          style={style}
          role="dialog"
          aria-label={`What can be done to ${name}`}
          onKeyDown={(event) => {
            if (event.key !== "Escape" || event.defaultPrevented) return;
            event.preventDefault();
            event.stopPropagation();
            close();
          }}
        >
          <div className="row spread part-popover-head">
            <h2>{name}</h2>
            <button type="button" className="icon-button" aria-label="Close the table" onClick={close}>
              <Icon name="close" size={14} />
            </button>
          </div>
          <SurgeonTable at={id} titleId={POPOVER_TABLE} />
        </div>
      </div>
    </FocusTrap>
  );
}
