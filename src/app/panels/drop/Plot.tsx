/** A small plot of one row: two ends on the left, curves inside, and a cursor where one is asked for. */
import type { ReactNode } from "react";
import { fixed } from "../../format.ts";

export const WIDTH = 284;
export const LEFT = 30;
const HEIGHT = 48;
const RIGHT = 4;

/** Place `i` of `n`, left to right. */
export const placeOf = (i: number, n: number): number =>
  LEFT + (n > 1 ? i / (n - 1) : 1) * (WIDTH - LEFT - RIGHT);

const heightOf = (value: number, low: number, high: number): number =>
  4 + (1 - (value - low) / Math.max(1e-12, high - low)) * (HEIGHT - 8);

interface PlotProps {
  readonly caption: string;
  /** All that the picture says. */
  readonly label: string;
  readonly low: number;
  readonly high: number;
  /** 0 to 1 of the width. */
  readonly cursor?: number;
  readonly children: ReactNode;
}

export function Plot({ caption, label, low, high, cursor, children }: PlotProps): ReactNode {
  const x = cursor === undefined ? null : placeOf(cursor, 2);
  return (
    <figure>
      <figcaption className="caption soft">{caption}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
        {[low, high].map((value) => {
          const y = heightOf(value, low, high);
          return (
            <g key={value}>
              <path className="ran-hair" d={`M${LEFT} ${y}H${WIDTH - RIGHT}`} />
              <text x={LEFT - 5} y={y + 4} className="axis-text mono" textAnchor="end">
                {fixed(value, Number.isInteger(value) ? 0 : 2)}
              </text>
            </g>
          );
        })}
        {children}
        {x !== null && <path className="ran-cursor" d={`M${x} 2V${HEIGHT - 2}`} />}
      </svg>
    </figure>
  );
}

interface LineProps {
  readonly values: readonly number[];
  readonly low: number;
  readonly high: number;
  readonly dashed?: boolean;
  /** Places that are ringed. */
  readonly rings?: readonly number[];
}

/** Values that are no number leave a gap. */
export function Line({ values, low, high, dashed = false, rings = [] }: LineProps): ReactNode {
  const x = (i: number) => placeOf(i, values.length);
  let drawing = false;
  const d = values
    .map((value, i) => {
      if (!Number.isFinite(value)) {
        drawing = false;
        return "";
      }
      const go = drawing ? "L" : "M";
      drawing = true;
      return `${go}${x(i).toFixed(1)} ${heightOf(value, low, high).toFixed(1)}`;
    })
    .join("");
  return (
    <>
      <path className={dashed ? "ran-line ran-expected" : "ran-line"} d={d} />
      {rings.map((i) => {
        const value = values[i]!;
        const y = Number.isFinite(value) ? heightOf(value, low, high) : 4;
        return <circle key={i} className="ran-ring" cx={x(i)} cy={y} r={3} />;
      })}
    </>
  );
}
