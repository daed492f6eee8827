/**
 * Accuracy on validation, a row of its own on the x of all rows. Its scale is that of the errors, by tens: from 90 to 99
 * percent right is as far as from none to 90, for as many errors have gone.
 */
import type { ReactNode } from "react";
import { column, type Series } from "../store/series.ts";
import type { Frame, Scale } from "./scale.ts";
import { branchColour, type ScoreData } from "./score-data.ts";

/** Pixels from 0 to 99.9 percent. */
const HEIGHT = 36;
const TENS = 3;

/** Pixels over the row's lower edge. */
export function accuracyLevel(share: number): number {
  const errors = Math.max(10 ** -TENS, Math.min(1, 1 - share));
  return (-Math.log10(errors) / TENS) * HEIGHT;
}

/** "97.6 % right" */
export const right = (share: number): string => `${(100 * share).toFixed(share >= 0.9995 ? 0 : 1)} % right`;

interface AccuracyRowProps {
  readonly data: ScoreData;
  readonly x: Scale;
  /** Lower edge. */
  readonly y: number;
  readonly frame: Frame;
}

export function AccuracyRow({ data, x, y, frame }: AccuracyRowProps): ReactNode {
  const { evals, axis } = data;
  const pointsOf = (of: Series) => {
    const xs = column(of, axis);
    return Array.from(column(of, "accuracy"), (share, i) => ({
      px: x(xs[i] ?? 0),
      py: y - accuracyLevel(share),
      share,
    })).filter(({ share }) => Number.isFinite(share));
  };
  const pathOf = (of: ReturnType<typeof pointsOf>): string =>
    of.map(({ px, py }, i) => `${i === 0 ? "M" : "L"}${px} ${py}`).join("");
  const points = pointsOf(evals);
  const last = points[points.length - 1];
  const edge = frame.width - frame.right;
  return (
    <g>
      {[0.9, 0.99].map((tick) => (
        <g key={tick}>
          <path d={`M${frame.left} ${y - accuracyLevel(tick)}H${edge}`} className="accuracy-tick" />
          <text
            x={frame.left - 8}
            y={y - accuracyLevel(tick) + 4}
            className="axis-text mono"
            textAnchor="end"
          >
            {100 * tick} %
          </text>
        </g>
      ))}
      {data.branches.map((branch, i) => (
        <path
          key={branch.id}
          d={pathOf(pointsOf(branch.evals))}
          fill="none"
          stroke={branch.ahead ? "var(--run-lake)" : branchColour(i)}
          strokeWidth={1.6}
          strokeDasharray={branch.ahead ? "4 4" : undefined}
        />
      ))}
      <path d={pathOf(points)} fill="none" stroke="var(--run-lake)" strokeWidth={2} />
      {data.yardstick === null ? null : (
        <>
          <path
            d={`M${frame.left} ${y - accuracyLevel(data.yardstick.accuracy)}H${edge}`}
            className="level"
          />
          <text x={frame.left + 6} y={y - accuracyLevel(data.yardstick.accuracy) - 3} className="axis-text">
            {data.yardstick.label} {(100 * data.yardstick.accuracy).toFixed(2)} %
          </text>
        </>
      )}
      {last === undefined ? null : (
        <text
          {...(frame.right < 90
            ? { x: edge, y: last.py - 6, textAnchor: "end" }
            : { x: edge + 10, y: last.py + 4 })}
          className="line-label"
        >
          <tspan className="mono">{right(last.share)}</tspan>
        </text>
      )}
    </g>
  );
}
