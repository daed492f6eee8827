/** What the figure of a comparison draws: a line an arm, in colours that are the same everywhere, where each begins. */

import { decimated } from "../../charts/curve.ts";
import type { PlotLine } from "../../charts/LossPlot.tsx";
import { linearTicks, type YAxis, yAxis } from "../../charts/scale.ts";
import { type Axis, column, lastRow, rowAt } from "../../store/series.ts";
import type { Tried } from "../../store/tried.ts";
import { RUN_COLOURS } from "../../tokens.ts";

/** Design, "Try them all": scratch in ink, the others fixed. What is not named takes a colour that is left. */
const COLOURS: Readonly<Record<string, string>> = {
  scratch: "var(--ink)",
  source: "var(--soft)",
  fpi: "var(--run-lake)",
  stack: "var(--run-clay)",
  aki: "var(--run-moss)",
  ligo: "var(--run-rose)",
  mango: "var(--run-iris)",
};
const LEFT = RUN_COLOURS.filter((name) => !Object.values(COLOURS).includes(`var(--run-${name})`));

export function armColour(id: string, among: readonly string[]): string {
  const others = among.filter((each) => COLOURS[each] === undefined);
  return COLOURS[id] ?? `var(--run-${LEFT[others.indexOf(id) % LEFT.length]})`;
}

/** The source that goes on is not grown: dashes. */
export const armDash = (id: string): string | undefined => (id === "source" ? "5 4" : undefined);

export interface FigureArm {
  readonly id: string;
  readonly label: string;
  readonly colour: string;
  readonly dash: string | undefined;
  /** Where its spending on the growth ends, and what it scores there. */
  readonly start: { readonly x: number; readonly y: number };
  /** Its last point that the axis shows. */
  readonly end: { readonly x: number; readonly y: number };
}

export interface Figure {
  readonly lines: readonly PlotLine[];
  readonly arms: readonly FigureArm[];
  readonly max: number;
  readonly y: YAxis;
  readonly ticks: readonly number[];
  /** The source's validation loss at the growth. */
  readonly level: number | null;
}

export function figureOf(tried: Tried, axis: Axis, logY: boolean, tickCount: number): Figure {
  const { arms } = tried.state;
  const ids = arms.map(({ id }) => id);
  const drawn = arms.flatMap(({ id, label }) => {
    const series = tried.curves[id];
    const last = series === undefined ? null : lastRow(series);
    if (series === undefined || last === null) return [];
    const first = rowAt(series, 0);
    const colour = armColour(id, ids);
    const dash = armDash(id);
    const points = decimated(column(series, axis), column(series, "loss"), 300);
    const line: PlotLine = {
      id,
      points,
      colour,
      width: id === "scratch" ? 2.4 : 1.8,
      ...(dash ? { dash } : {}),
    };
    return [
      {
        line,
        arm: {
          ...{ id, label, colour, dash },
          start: { x: first[axis], y: first.loss },
          end: { x: last[axis], y: last.loss },
        },
      },
    ];
  });
  // The control takes many more steps for the same FLOPs: the axis is the arms' own.
  const own = drawn.filter(({ arm }) => arm.id !== "source");
  const given = axis === "step" ? tried.state.asked.steps : 0;
  const max = Math.max(given, ...(own.length > 0 ? own : drawn).map(({ arm }) => arm.end.x)) || 1;
  const level = tried.curves.source === undefined ? null : rowAt(tried.curves.source, 0).loss;
  const seen = drawn.map(({ line, arm }) => {
    const points = line.points.filter(({ x }) => x <= max);
    return { line: { ...line, points }, arm: { ...arm, end: points[points.length - 1] ?? arm.start } };
  });
  return {
    lines: seen.map(({ line }) => line),
    arms: seen.map(({ arm }) => arm),
    max,
    y: yAxis(
      drawn.map(({ line }) => line.points),
      level === null ? [] : [level],
      logY,
    ),
    ticks: linearTicks(max, tickCount, axis === "step" ? 1 : 0),
    level,
  };
}
