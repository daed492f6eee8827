/**
 * The curves themselves, by Recharts, in a chunk of their own: the page works before it has come. Axes, labels and marks
 * are drawn by the score over it, on the same scale, since they go through all of its rows.
 */
import type { ReactNode } from "react";
import { CartesianGrid, Curve, type CurveProps, Line, LineChart, XAxis, YAxis } from "recharts";
import type { Point } from "./curve.ts";
import type { Frame, YAxis as Y } from "./scale.ts";

/** Without the reference by which a line measures its length at every drawing, for an animation that there is none of. */
const plain = ({ pathRef: _, ...props }: CurveProps): ReactNode => <Curve {...props} />;

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

type Row = Record<string, number>;

/** Recharts draws one table: each line has its own column, its own x's, and is connected over the rest. */
function table(lines: readonly PlotLine[]): Row[] {
  const rows: Row[] = [];
  for (const { id, points } of lines) for (const { x, y } of points) rows.push({ x, [id]: y });
  return rows.sort((a, b) => (a.x ?? 0) - (b.x ?? 0));
}

export function LossPlot({ frame, top, height, below, max, y, lines }: LossPlotProps): ReactNode {
  return (
    <LineChart
      width={frame.width}
      height={height}
      margin={{ left: frame.left, right: frame.right, top, bottom: below }}
      data={table(lines)}
      accessibilityLayer={false}
      style={{ pointerEvents: "none" }}
    >
      <CartesianGrid vertical={false} stroke="var(--hair)" horizontalValues={[...y.ticks]} />
      <XAxis hide type="number" dataKey="x" domain={[0, max]} allowDataOverflow />
      <YAxis
        hide
        width={0}
        type="number"
        scale={y.log ? "log" : "linear"}
        domain={[y.min, y.max]}
        allowDataOverflow
        ticks={[...y.ticks]}
      />
      {lines.map((line) => (
        <Line
          key={line.id}
          dataKey={line.id}
          type="linear"
          stroke={line.colour}
          strokeWidth={line.width}
          strokeOpacity={line.opacity ?? 1}
          {...(line.dash === undefined ? {} : { strokeDasharray: line.dash })}
          dot={false}
          activeDot={false}
          connectNulls
          isAnimationActive={false}
          shape={plain}
        />
      ))}
    </LineChart>
  );
}
