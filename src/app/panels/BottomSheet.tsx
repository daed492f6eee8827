/**
 * The controls on a phone: a sheet with three stops, 104 px, half and 92 % of the window. Its handle is dragged or
 * pressed; a press goes to the next stop, so nothing needs a swipe.
 */
import { type PointerEvent, type ReactNode, useRef, useState } from "react";
import { useControlsLine } from "../controls/controls-line.ts";
import { Controls } from "../controls/LazyControls.tsx";
import { count, fixed, plain } from "../format.ts";
import { catalog, labelOf } from "../store/catalog.ts";
import { growths } from "../store/draft.ts";
import { type AppState, useRun, useSlow } from "../store/store.ts";

const REST = 104;
const STOPS = [0, 0.5, 0.92] as const;

const gaugeOf = (s: AppState): AppState["gauge"] => s.gauge;

const heightOf = (stop: number): number => (stop === 0 ? REST : (STOPS[stop] ?? 0.5) * window.innerHeight);

export function BottomSheet(): ReactNode {
  const [stop, setStop] = useState(0);
  const [held, setHeld] = useState<number | null>(null);
  const from = useRef<{ readonly y: number; readonly height: number; moved: boolean } | null>(null);
  const { changed } = useControlsLine();
  const gauge = useSlow(gaugeOf);
  const growth = useRun((s) => growths(s.draft)[0]?.entry);
  const height = held ?? heightOf(stop);

  const move = (event: PointerEvent): void => {
    if (from.current === null) return;
    const by = from.current.y - event.clientY;
    if (Math.abs(by) > 4) from.current.moved = true;
    setHeld(Math.min(0.92 * window.innerHeight, Math.max(REST, from.current.height + by)));
  };
  const drop = (): void => {
    const { moved = false } = from.current ?? {};
    from.current = null;
    setHeld(null);
    if (!moved) setStop((stop + 1) % STOPS.length);
    else {
      const distances = STOPS.map((_, i) => Math.abs(heightOf(i) - height));
      setStop(distances.indexOf(Math.min(...distances)));
    }
  };
  return (
    <section
      className="sheet"
      aria-label="Controls"
      style={{ height }}
      data-held={held !== null || undefined}
    >
      <button
        type="button"
        className="sheet-handle"
        aria-expanded={stop > 0}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          from.current = { y: event.clientY, height, moved: false };
        }}
        onPointerMove={move}
        onPointerUp={drop}
        onPointerCancel={drop}
        onKeyDown={(event) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          setStop((stop + 1) % STOPS.length);
        }}
      >
        <span className="sheet-grip" aria-hidden="true" />
        <span className="row spread">
          <span>
            <b>Growth</b>{" "}
            <span className="soft">
              {growth
                ? `${labelOf(catalog.actions, growth.action.id)}, ${labelOf(catalog.triggers, growth.trigger.id).toLowerCase()}`
                : "by hand"}
            </span>
          </span>
          <span className="soft">{changed > 0 ? count(changed, "change") : "Controls"}</span>
        </span>
        <span className="caption soft">
          {gauge
            ? `${gauge.label} ${fixed(gauge.points[gauge.points.length - 1]?.value ?? 0, 3)}, grows under ${plain(gauge.limit)}`
            : "Press for data, model, growth and optimizer"}
        </span>
      </button>
      {stop > 0 || held !== null ? (
        <div className="sheet-body">
          <Controls />
        </div>
      ) : null}
    </section>
  );
}
