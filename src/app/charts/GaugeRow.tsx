/**
 * A rule's own row of the score, on the x of all rows: what it judged by, against the limit under which it acts. So it
 * is seen beside the loss why the network grew when it did.
 */
import type { ReactNode } from "react";
import { fixed, plain } from "../format.ts";
import { nearest } from "../store/series.ts";
import type { Frame, Scale } from "./scale.ts";
import type { ScoreData } from "./score-data.ts";

/** Pixels from the lowest to the highest value. */
const HEIGHT = 30;
/** Values from here on are drawn at the upper edge: the first judgements of a run are many times the limit. */
const HIGHEST = 5;

interface GaugeRowProps {
  readonly data: ScoreData;
  readonly x: Scale;
  /** Lower edge. */
  readonly y: number;
  readonly frame: Frame;
}

export function GaugeRow({ data, x, y, frame }: GaugeRowProps): ReactNode {
  const { gauge, axis, train } = data;
  if (gauge === null) return null;
  const { limit, label } = gauge;
  const high = HIGHEST * limit;
  const level = (value: number): number =>
    y - (Math.min(high, Math.max(0, Number.isFinite(value) ? value : 0)) / high) * HEIGHT;
  const points = gauge.points.map(({ step, value }) => ({
    px: x(axis === "step" ? step : (nearest(train, "step", step)?.[axis] ?? 0)),
    py: level(value),
    value,
  }));
  const last = points[points.length - 1];
  if (last === undefined) return null;
  const right = frame.width - frame.right;
  // Beside its point; where the tools stand, before it.
  const beside = last.px < right - 20;
  return (
    <g>
      <text x={frame.left - 8} y={y - HEIGHT + 6} className="axis-text" textAnchor="end">
        {label.split(" ")[0]}
      </text>
      <path d={`M${frame.left} ${level(limit)}H${right}`} className="gauge-limit" />
      <text x={frame.left - 8} y={level(limit) + 5} className="axis-text mono" textAnchor="end">
        {plain(Number(limit.toPrecision(3)))}
      </text>
      <path
        d={points.map(({ px, py }, i) => `${i === 0 ? "M" : "L"}${px} ${py}`).join("")}
        fill="none"
        stroke="var(--ink)"
        strokeWidth={1.2}
      />
      {points.map(({ px, py }) => (
        <circle key={px} cx={px} cy={py} r={1.6} fill="var(--ink)" />
      ))}
      <text
        x={beside ? last.px + 8 : last.px - 8}
        y={Math.min(last.py + 4, level(limit) - 6)}
        className="line-label"
        textAnchor={beside ? "start" : "end"}
      >
        {label} <tspan className="mono">{fixed(last.value, 3)}</tspan>
      </text>
    </g>
  );
}
