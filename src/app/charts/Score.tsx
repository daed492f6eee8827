/**
 * The score: loss, weights and history on one x. The frame is computed here once; the lazy plot draws the curves, the
 * overlay everything that goes through all rows. One slider under the pointer moves the linked cursor, by keys too.
 */
import { useElementSize } from "@mantine/hooks";
import { lazy, memo, type PointerEvent, type ReactNode, Suspense, useRef } from "react";
import type { Layout } from "../layout.ts";
import { lastRow, nearest } from "../store/series.ts";
import { setRun, useRun } from "../store/store.ts";
import { isOfImages, unitOf } from "../store/units.ts";
import { AccuracyRow } from "./AccuracyRow.tsx";
import { CursorSlider } from "./CursorSlider.tsx";
import { GaugeRow } from "./GaugeRow.tsx";
import { HistoryLane, lanes, Staircase } from "./Lane.tsx";
import { MarkButtons } from "./MarkButtons.tsx";
import { Overlay } from "./Overlay.tsx";
import { ScoreTable } from "./ScoreTable.tsx";
import { type Frame, xInverse, xScale, yScale } from "./scale.ts";
import { useScore } from "./score-data.ts";

const ScoreTools = lazy(() => import("./ScoreTools.tsx").then((m) => ({ default: m.ScoreTools })));
const NodeSpots = lazy(() => import("./NodeSpots.tsx").then((m) => ({ default: m.NodeSpots })));
const LossPlot = lazy(() => import("./LossPlot.tsx").then((m) => ({ default: memo(m.LossPlot) })));

/** Rows of the score from top to bottom, in pixels. */
export interface Rows {
  readonly top: number;
  /** Lower edge of the loss plot. */
  readonly plot: number;
  /** Lower edge of the accuracy's row, where classes are asked for. */
  readonly accuracy: number | null;
  /** Lower edge of the rule's own row, where a rule decides. */
  readonly gauge: number | null;
  readonly stairs: number;
  readonly history: number;
  /** Baseline of the axis figures. */
  readonly axis: number;
}

/** Pixels between the rows, and of the rule's own. */
const GAP = 24;
const GAUGE = 34;
const ACCURACY = 40;

interface Shown {
  readonly branchLanes: number;
  readonly small: boolean;
  readonly large: boolean;
  readonly rule: boolean;
  readonly classes: boolean;
}

function rowsOf(height: number, { branchLanes, small, large, rule, classes }: Shown): Rows {
  const axis = height - 8;
  const history = axis - 22 - branchLanes * 20;
  const stairs = small ? history : history - GAP;
  const gauge = rule && !small ? stairs - GAP : null;
  const under = gauge === null ? stairs - (small ? 14 : GAP) : gauge - GAUGE - 8;
  const accuracy = classes ? under : null;
  const top = small ? 10 : large ? 42 : 24;
  return {
    top,
    plot: Math.max(60, accuracy === null ? under : accuracy - ACCURACY - 8),
    accuracy,
    gauge,
    stairs,
    history,
    axis,
  };
}

export function Score({ layout }: { readonly layout: Layout }): ReactNode {
  const data = useScore();
  const table = useRun((s) => s.table);
  const projector = useRun((s) => s.projector);
  const { ref, width, height } = useElementSize<HTMLDivElement>();
  const drag = useRef(false);
  const small = layout === "phone";
  const margin = { left: small ? 40 : projector ? 96 : 66, right: small ? 16 : projector ? 250 : 180 };
  const frame: Frame = { ...margin, width };
  const most = small ? 1 : 3;
  const shown = lanes(data.branches, most).filter((branch) => !branch.ahead).length;
  const rule = (data.gauge?.points.length ?? 0) > 0;
  const classes = isOfImages(data.config);
  const rows = rowsOf(height, { branchLanes: shown, small, large: projector, rule, classes });
  const x = xScale(frame, data.max);
  const y = yScale(data.y, rows.top, rows.plot);

  const look = (event: PointerEvent): void => {
    // A finger must be dragging along; a mouse only has to be there.
    if (event.pointerType === "touch" && !drag.current) return;
    const box = event.currentTarget.getBoundingClientRect();
    const at = xInverse(frame, data.max)(event.clientX - box.left);
    const row = nearest(data.train.length > 0 ? data.train : data.evals, data.axis, at);
    setRun({ cursor: row?.step ?? null });
  };
  const last = lastRow(data.train);
  return (
    <section className="score" aria-label="Loss, weights and history" data-small={small || undefined}>
      {small ? null : (
        <p className="score-title caption soft" style={{ left: margin.left - 48 }}>
          loss, nats per {unitOf(data.config)}
          {data.y.log ? " (log)" : ""}
        </p>
      )}
      <div
        ref={ref}
        className="score-canvas"
        onPointerMove={look}
        onPointerDown={(event) => {
          drag.current = true;
          look(event);
        }}
        onPointerUp={() => {
          drag.current = false;
        }}
        onPointerCancel={() => {
          drag.current = false;
        }}
        onPointerLeave={() => {
          drag.current = false;
          setRun({ cursor: null });
        }}
      >
        {width > 0 && height > 0 ? (
          <>
            <div className="score-plot">
              <Suspense fallback={null}>
                <LossPlot
                  frame={frame}
                  top={rows.top}
                  height={height}
                  below={height - rows.plot}
                  max={data.max}
                  y={data.y}
                  lines={data.lines}
                />
              </Suspense>
            </div>
            <svg className="score-svg" width={width} height={height} aria-hidden="true">
              {small ? null : (
                <Staircase
                  data={data}
                  x={x}
                  y={rows.stairs}
                  left={margin.left}
                  right={width - margin.right}
                />
              )}
              {rows.accuracy === null ? null : (
                <AccuracyRow data={data} x={x} y={rows.accuracy} frame={frame} />
              )}
              {rows.gauge === null ? null : <GaugeRow data={data} x={x} y={rows.gauge} frame={frame} />}
              <HistoryLane data={data} x={x} y={rows.history} left={margin.left} most={most} />
              <Overlay data={data} frame={frame} rows={rows} x={x} y={y} small={small} />
            </svg>
            {data.train.length === 0 && data.branches.length === 0 ? (
              <Seedling top={(rows.top + rows.plot) / 2} />
            ) : null}
            <CursorSlider data={data} last={last?.step ?? 0} />
            <MarkButtons data={data} x={x} rows={rows} />
            <Suspense fallback={null}>
              <NodeSpots data={data} x={x} y={rows.history} most={most} />
            </Suspense>
          </>
        ) : null}
      </div>
      <Suspense fallback={null}>{small ? null : <ScoreTools />}</Suspense>
      {table ? <ScoreTable data={data} /> : null}
    </section>
  );
}

/** The empty chart says what to do. */
function Seedling({ top }: { readonly top: number }): ReactNode {
  const phase = useRun((s) => s.phase);
  const given = useRun((s) => s.state?.given ?? null);
  if (phase !== "paused") return null;
  return (
    <p className="score-empty" style={{ top }}>
      {given === null
        ? "A small network, not yet trained. Press Play."
        : `It begins with the weights of ${given}. Press Play.`}
    </p>
  );
}
