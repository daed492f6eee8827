/**
 * The figure the papers print, as it comes about: all arms over each other from the moment of the growth. A curve begins
 * with an open ring where its spending on the growth ends; an operator's training is a bar on the axis.
 */
import { Switch } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { lazy, type ReactNode, Suspense, useMemo } from "react";
import { AxisSelect } from "../../charts/AxisSelect.tsx";
import { apart, type Frame, xScale, xTick, yScale, yTick } from "../../charts/scale.ts";
import { loss } from "../../format.ts";
import type { Axis } from "../../store/series.ts";
import { type AppState, setRun, useRun, useSlow } from "../../store/store.ts";
import { unitOf } from "../../store/units.ts";
import { type Figure, type FigureArm, figureOf } from "./figure.ts";

const LossPlot = lazy(() => import("../../charts/LossPlot.tsx").then((m) => ({ default: m.LossPlot })));

const HEIGHT = 380;
const TOP = 14;
const BELOW = 40;
const triedOf = (s: AppState): AppState["tried"] => s.tried;

export function TriesFigure(): ReactNode {
  const tried = useSlow(triedOf);
  const axis = useRun((s) => s.axis);
  const logY = useRun((s) => s.logY);
  const unit = useRun((s) => unitOf(s.config));
  const { ref, width } = useElementSize<HTMLDivElement>();
  const small = width < 560;
  const frame: Frame = { left: 44, right: small ? 80 : 190, width };
  const ticks = Math.max(4, Math.floor((width - frame.left - frame.right) / 110));
  const figure = useMemo(
    () => (tried === null ? null : figureOf(tried, axis, logY, ticks)),
    [tried, axis, logY, ticks],
  );
  if (figure === null) return null;
  return (
    <figure className="tries-figure">
      <figcaption className="row wrap spread">
        <span className="caption soft">
          validation loss, nats per {unit}, over what was spent since the source{logY ? " (log)" : ""}
        </span>
        <span className="row">
          <Switch
            size="sm"
            label="Log"
            checked={logY}
            onChange={(event) => setRun({ logY: event.currentTarget.checked })}
          />
          <AxisSelect />
        </span>
      </figcaption>
      <div ref={ref} className="tries-canvas" role="img" aria-label={summary(figure)}>
        {width > 0 ? (
          <>
            <Suspense fallback={null}>
              <LossPlot
                frame={frame}
                top={TOP}
                height={HEIGHT}
                below={BELOW}
                max={figure.max}
                y={figure.y}
                lines={figure.lines}
              />
            </Suspense>
            <Over figure={figure} frame={frame} axis={axis} small={small} />
          </>
        ) : null}
      </div>
    </figure>
  );
}

const summary = ({ arms }: Figure): string =>
  arms.length === 0
    ? "No curve yet."
    : `${arms.length} curves. ${arms.map(({ label, end }) => `${label} ${loss(end.y)}`).join(", ")}. The table below has their figures.`;

interface OverProps {
  readonly figure: Figure;
  readonly frame: Frame;
  readonly axis: Axis;
  readonly small: boolean;
}

function Over({ figure, frame, axis, small }: OverProps): ReactNode {
  const x = xScale(frame, figure.max);
  const bottom = HEIGHT - BELOW;
  const y = yScale(figure.y, TOP, bottom);
  const right = frame.width - frame.right;
  return (
    <svg className="tries-over" width={frame.width} height={HEIGHT} aria-hidden="true">
      {figure.y.ticks.map((tick) => (
        <text key={tick} x={frame.left - 8} y={y(tick) + 4} className="axis-text mono" textAnchor="end">
          {yTick(tick)}
        </text>
      ))}
      <path d={`M${frame.left} ${bottom}H${right}`} className="tries-axis" />
      {figure.ticks.map((tick) => (
        <text key={tick} x={x(tick)} y={HEIGHT - 8} className="axis-text mono" textAnchor="middle">
          {xTick(axis, tick)}
        </text>
      ))}
      {figure.level === null ? null : (
        <>
          <path d={`M${frame.left} ${y(figure.level)}H${right}`} className="level" />
          <text x={right - 4} y={y(figure.level) - 5} className="axis-text" textAnchor="end">
            the source {loss(figure.level)}
          </text>
        </>
      )}
      {figure.arms
        .filter(({ start }) => start.x > 0)
        .map(({ id, start, colour }, i) => (
          <rect
            key={id}
            x={frame.left}
            y={bottom + 3 + 6 * i}
            width={x(start.x) - frame.left}
            height={4}
            fill={colour}
          />
        ))}
      {figure.arms.map(({ id, start, colour }) => (
        <circle
          key={id}
          cx={x(start.x)}
          cy={y(start.y)}
          r={3.6}
          fill="var(--surface)"
          stroke={colour}
          strokeWidth={1.6}
        />
      ))}
      <Names arms={figure.arms} {...{ x, y, right, bottom, small }} />
    </svg>
  );
}

interface NamesProps {
  readonly arms: readonly FigureArm[];
  readonly x: (x: number) => number;
  readonly y: (y: number) => number;
  readonly right: number;
  readonly bottom: number;
  /** Names alone, and short: the figures are in the table. */
  readonly small: boolean;
}

const shortly = ({ id, label }: FigureArm): string =>
  id === "scratch" ? "Scratch" : id === "source" ? "Source" : label.replace(/^bert2BERT /, "");

/** At the lines' ends, spread apart, with a leader where they had to move. */
function Names({ arms, x, y, right, bottom, small }: NamesProps): ReactNode {
  const ys = apart(
    arms.map(({ end }) => y(end.y)),
    17,
    TOP + 6,
    bottom,
  );
  const [mark, text] = small ? [6, 18] : [12, 28];
  return arms.map((arm, i) => {
    const { id, label, colour, dash, end } = arm;
    const at = ys[i] ?? 0;
    const from = Math.min(x(end.x), right);
    return (
      <g key={id}>
        <path d={`M${from + 3} ${y(end.y)}L${right + 8} ${at}`} className="tries-leader" />
        <path d={`M${right + 10} ${at}h${mark}`} stroke={colour} strokeWidth={2} strokeDasharray={dash} />
        <text x={right + text} y={at + 4} className={id === "scratch" ? "line-label strong" : "line-label"}>
          {small ? shortly(arm) : label} {small ? null : <tspan className="mono">{loss(end.y)}</tspan>}
        </text>
      </g>
    );
  });
}
