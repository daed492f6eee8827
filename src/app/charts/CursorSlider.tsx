/** The linked cursor as a slider over the run's steps: ← → move by a point, Shift by ten, Home and End to the ends. */
import type { KeyboardEvent, ReactNode } from "react";
import { loss, whole } from "../format.ts";
import { firstAfter, nearest, rowAt } from "../store/series.ts";
import { setRun, useRun } from "../store/store.ts";
import type { ScoreData } from "./score-data.ts";

/** Points a key passes over, so that a long run is crossed in as many presses as a short one. */
const CROSSINGS = 200;

export function CursorSlider({ data, last }: { readonly data: ScoreData; readonly last: number }): ReactNode {
  const cursor = useRun((s) => s.cursor);
  const { train, evals } = data;
  const at = cursor ?? last;
  const move = (event: KeyboardEvent): void => {
    const by = Math.max(1, Math.round(train.length / CROSSINGS)) * (event.shiftKey ? 10 : 1);
    const index = firstAfter(train, at) - 1;
    const target: Record<string, number> = {
      ArrowLeft: index - by,
      ArrowDown: index - by,
      ArrowRight: index + by,
      ArrowUp: index + by,
      Home: 0,
      End: train.length - 1,
    };
    const next = target[event.key];
    if (event.key === "Escape") setRun({ cursor: null });
    if (next === undefined || train.length === 0) return;
    event.preventDefault();
    setRun({ cursor: rowAt(train, Math.min(train.length - 1, Math.max(0, next))).step });
  };
  const row = nearest(train, "step", at);
  const judged = nearest(evals, "step", at);
  const said = row
    ? `Step ${whole(row.step)}: training loss ${loss(row.loss)}${judged ? `, validation loss ${loss(judged.loss)}` : ""}`
    : "No loss yet";
  return (
    <div
      role="slider"
      tabIndex={0}
      className="cursor-slider"
      aria-label={`Loss chart. ${data.summary}`}
      aria-valuemin={0}
      aria-valuemax={Math.max(last, 1)}
      aria-valuenow={at}
      aria-valuetext={said}
      onKeyDown={move}
      onBlur={() => setRun({ cursor: null })}
    />
  );
}
