/**
 * The curves themselves, by Recharts, in a chunk of their own: the page works before it has come. Axes, labels and marks
 * are drawn by the score over it, on the same scale, since they go through all of its rows. The curves are drawn by
 * their own points and not from a table of the chart, of which Recharts makes several objects a row and line, four times
 * a second; what the chart itself keeps (axes, grid, margin) is told to it only when it changes.
 */
import { type ReactNode, useId, useMemo } from "react";
import { CartesianGrid, Curve, LineChart, XAxis, YAxis } from "recharts";
import type { Point } from "./curve.ts";
import { type Frame, inPixels, xScale, type YAxis as Y, yScale } from "./scale.ts";

export interface PlotLine {
  readonly id: string;
  readonly points: readonly Point[];
  readonly colour: string;
  readonly width: number;
  readonly opacity?: number;
  readonly dash?: string;
}

export interface LossPlotProps {
  readonly frame: Frame;
  readonly top: number;
  readonly height: number;
  /** Pixels under the plot. */
  readonly below: number;
  readonly max: number;
  readonly y: Y;
  readonly lines: readonly PlotLine[];
}

const NONE: readonly never[] = [];

const BARE = { pointerEvents: "none" } as const;

export function LossPlot({ frame, top, height, below, max, y, lines }: LossPlotProps): ReactNode {
  const clip = useId();
  const { left, right, width } = frame;
  const margin = useMemo(() => ({ left, right, top, bottom: below }), [left, right, top, below]);
  const { min: low, max: high, log } = y;
  const said = y.ticks.join();
  const ground = useMemo(() => {
    const ticks = said === "" ? [] : said.split(",").map(Number);
    return (
      <>
        <CartesianGrid vertical={false} stroke="var(--hair)" horizontalValues={ticks} />
        <XAxis hide type="number" dataKey="x" domain={[0, max]} allowDataOverflow />
        <YAxis
          hide
          width={0}
          type="number"
          scale={log ? "log" : "linear"}
          domain={[low, high]}
          allowDataOverflow
          ticks={ticks}
        />
      </>
    );
  }, [said, max, low, high, log]);
  const toX = xScale(frame, max);
  const toY = yScale(y, top, height - below);
  return (
    <LineChart
      width={width}
      height={height}
      margin={margin}
      data={NONE}
      accessibilityLayer={false}
      style={BARE}
    >
      {ground}
      <clipPath id={clip}>
        <rect x={left} y={top} width={Math.max(0, width - left - right)} height={height - below - top} />
      </clipPath>
      <g clipPath={`url(#${clip})`}>
        {lines.map((line) => (
          <Curve
            key={line.id}
            className="recharts-line-curve"
            points={inPixels(line.points, toX, toY)}
            type="linear"
            fill="none"
            stroke={line.colour}
            strokeWidth={line.width}
            strokeOpacity={line.opacity ?? 1}
            {...(line.dash === undefined ? {} : { strokeDasharray: line.dash })}
          />
        ))}
      </g>
    </LineChart>
  );
}
