/**
 * What the score draws, gathered from the session four times a second: lines, marks and sizes on one x. Kept apart from
 * the drawing so that it is computed once for the plot, the table, the picture and the summary that is read aloud.
 */
import { useMemo } from "react";
import { compact, count, list, loss, whole } from "../format.ts";
import { type KeptCurve, keptBeside, sayKept } from "../store/behind.ts";
import { catalog, labelOf } from "../store/catalog.ts";
import { type Axis, column, lastRow, nearest, type Series } from "../store/series.ts";
import type { Branch, Mark, Session } from "../store/session.ts";
import { type AppState, useRun, useSlow } from "../store/store.ts";
import { RUN_COLOURS } from "../tokens.ts";
import { curvesOf, decimated, smoothed } from "./curve.ts";
import type { PlotLine } from "./LossPlot.tsx";
import { xMax, type YAxis, yAxis } from "./scale.ts";

type Picked = Pick<
  Session,
  | "run"
  | "train"
  | "evals"
  | "marks"
  | "branches"
  | "sizes"
  | "clock"
  | "config"
  | "budgetSteps"
  | "vocab"
  | "gauge"
  | "state"
>;

const KEYS = [
  "run",
  "train",
  "evals",
  "marks",
  "branches",
  "sizes",
  "clock",
  "config",
  "budgetSteps",
  "vocab",
  "gauge",
  "state",
] as const;

let picked: Picked | null = null;

/** The same object as long as nothing in it changed. */
function pick(state: AppState): Picked {
  const last = picked;
  if (last !== null && KEYS.every((key) => last[key] === state[key])) return last;
  picked = Object.fromEntries(KEYS.map((key) => [key, state[key]])) as unknown as Picked;
  return picked;
}

export interface Label {
  readonly id: string;
  readonly name: string;
  /** Words before the figure: ", validation". */
  readonly what: string;
  readonly value: number;
  readonly x: number;
  readonly colour: string;
  readonly strong: boolean;
  readonly dash: boolean;
}

export interface Level {
  readonly label: string;
  readonly value: number;
}

export interface ScoreData extends Picked {
  readonly axis: Axis;
  readonly max: number;
  readonly y: YAxis;
  readonly lines: readonly PlotLine[];
  readonly labels: readonly Label[];
  readonly levels: readonly Level[];
  readonly summary: string;
  /** Of images: what a simple method tells right, on request. */
  readonly yardstick: { readonly label: string; readonly accuracy: number } | null;
}

/** Points of one branch: it has few pixels, and there may be many. */
const BRANCH_POINTS = 200;
/** They are told apart by dashes: colours are the present run's. */
const KEPT_DASHES = ["1 0", "6 3", "2 3"] as const;
/** Of a run that this one is compared with. */
const OVER = "var(--run-clay)";

export function branchColour(index: number): string {
  return `var(--run-${RUN_COLOURS[(index + 1) % RUN_COLOURS.length]})`;
}

/** "fully connected", "without growing" */
export function branchName(branch: Branch): string {
  if (branch.label !== "") return labelOf(catalog.actions, branch.label);
  return `left at ${whole(branch.endStep)}`;
}

function levelsOf({ vocab, config }: Picked, yardsticks: boolean): readonly Level[] {
  if (vocab < 2) return [];
  const guessing = Math.log(vocab);
  const levels: Level[] = [{ label: `guessing, ln ${vocab} = ${guessing.toFixed(2)}`, value: guessing }];
  if (!yardsticks) return levels;
  const data = catalog.data.find((entry) => entry.id === config?.data.id);
  for (const yardstick of data?.yardsticks ?? []) {
    // A share of images told right is no loss: its place is another axis.
    if (!("bits" in yardstick)) continue;
    // Yardsticks are counted in bits, losses in nats.
    const nats = yardstick.bits * Math.LN2;
    levels.push({ label: `${yardstick.label} ${nats.toFixed(2)}`, value: nats });
  }
  return levels;
}

function accuracyYardstick({ config }: Picked): ScoreData["yardstick"] {
  const known = catalog.data.find((entry) => entry.id === config?.data.id)?.yardsticks ?? [];
  return known.flatMap((y) => ("accuracy" in y ? [y] : []))[0] ?? null;
}

export function gather(
  session: Picked,
  axis: Axis,
  logY: boolean,
  smoothing: number,
  yardsticks: boolean,
  kept: readonly KeptCurve[] = [],
): ScoreData {
  const { train, evals, branches, clock, config, budgetSteps } = session;
  const curves = curvesOf(train, evals, axis, smoothing);
  const lake = "var(--run-lake)";
  const lines: PlotLine[] = [];
  const labels: Label[] = [];
  const max = xMax(axis, config, budgetSteps, clock);
  const beside = keptBeside(kept, config, session.run);
  beside.forEach((curve, i) => {
    // By validation where there is any: it is what runs are compared by.
    const [use, amount] = curve.evals.length > 1 ? [curve.evals, 0] : [curve.train, smoothing];
    const points = decimated(column(use, axis), smoothed(column(use, "loss"), amount), BRANCH_POINTS);
    const colour = curve.over ? OVER : "var(--soft)";
    lines.push({
      ...{ id: `kept-${i}`, points, colour },
      ...(curve.over ? { width: 2.4 } : { width: 1.6, opacity: 0.5, dash: KEPT_DASHES[i]! }),
    });
    const end = points.findLast(({ x }) => x <= max);
    if (end)
      labels.push({
        id: `kept-${i}`,
        name: curve.name,
        what: "",
        value: end.y,
        x: end.x,
        colour,
        strong: curve.over === true,
        dash: !curve.over,
      });
  });
  branches.forEach((branch, i) => {
    const points = branchPoints(branch, axis, smoothing);
    const colour = branch.ahead ? lake : branchColour(i);
    // From the ninth on colours repeat, with dashes.
    const dash = branch.ahead || i + 1 >= RUN_COLOURS.length;
    lines.push({
      id: `branch-${i}`,
      points,
      colour,
      width: 1.1,
      ...(dash ? { dash: "4 4" } : {}),
    });
    if (branch.evals.length > 1) {
      lines.push({
        id: `branch-${i}-validation`,
        points: decimated(column(branch.evals, axis), column(branch.evals, "loss"), BRANCH_POINTS),
        colour,
        width: 2,
        ...(dash ? { dash: "4 4" } : {}),
      });
    }
    const last = points[points.length - 1];
    if (last && !branch.ahead) {
      labels.push({
        id: branch.id,
        name: branchName(branch),
        what: "",
        value: last.y,
        x: last.x,
        colour,
        strong: false,
        dash,
      });
    }
  });
  lines.push({ id: "raw", points: curves.raw, colour: lake, width: 1.1, opacity: 0.3 });
  lines.push({ id: "train", points: curves.smooth, colour: lake, width: 1.1 });
  lines.push({ id: "validation", points: curves.evals, colour: lake, width: 2.4 });
  const now = clock[axis];
  const end = (
    id: string,
    name: string,
    what: string,
    line: readonly { y: number }[],
    strong: boolean,
  ): void => {
    const last = line[line.length - 1];
    if (last) labels.push({ id, name, what, value: last.y, x: now, colour: lake, strong, dash: false });
  };
  end("validation", branches.length > 0 ? "main" : "", "validation", curves.evals, true);
  end("train", "", "train", curves.smooth, false);
  const levels = levelsOf(session, yardsticks);
  return {
    ...session,
    yardstick: yardsticks ? accuracyYardstick(session) : null,
    axis,
    max,
    y: yAxis(
      lines.map((line) => line.points),
      levels.map((level) => level.value),
      logY,
    ),
    lines,
    labels,
    levels,
    summary: [summarize(session), ...beside.map(sayKept)].join(" "),
  };
}

function branchPoints(branch: Branch, axis: Axis, smoothing: number): PlotLine["points"] {
  const use = branch.train;
  return decimated(column(use, axis), smoothed(column(use, "loss"), smoothing), BRANCH_POINTS);
}

/** "Validation loss 4.42 at step 0, 1.618 at step 4,182, lowest 1.618. Two growths." */
export function summarize({ evals, train, marks }: Pick<Session, "evals" | "train" | "marks">): string {
  const told = evals.length > 0 ? evals : train;
  const last = lastRow(told);
  if (last === null) return "No loss yet. Press Play.";
  const first = nearest(told, "step", 0);
  const lowest = lowestOf(told);
  const name = evals.length > 0 ? "Validation" : "Training";
  const parts = [
    first && first.step !== last.step ? `${loss(first.loss)} at step ${whole(first.step)}` : "",
    `${loss(last.loss)} at step ${whole(last.step)}`,
    `lowest ${loss(lowest)}`,
  ].filter(Boolean);
  const grown = marks.filter((mark) => mark.kind === "growth").length;
  return `${name} loss ${parts.join(", ")}.${grown > 0 ? ` ${count(grown, "growth")}.` : ""}`;
}

function lowestOf(series: Series): number {
  let low = Number.POSITIVE_INFINITY;
  for (const value of column(series, "loss")) if (value < low) low = value;
  return low;
}

export function useScore(): ScoreData {
  const session = useSlow(pick);
  const axis = useRun((s) => s.axis);
  const logY = useRun((s) => s.logY);
  const smoothing = useRun((s) => s.smoothing);
  const yardsticks = useRun((s) => s.yardsticks);
  const kept = useRun((s) => s.kept);
  return useMemo(
    () => gather(session, axis, logY, smoothing, yardsticks, kept),
    [session, axis, logY, smoothing, yardsticks, kept],
  );
}

/** Where a mark stands on the axis. */
export const markX = (mark: Mark, axis: Axis): number => mark.clock[axis];

/** A mark in words: its name for the press target and the table. */
export function sayMark(mark: Mark): string {
  const at = `step ${whole(mark.clock.step)}`;
  const { done } = mark;
  if (done) {
    const verb = { growth: "Growth", cut: "Cut" }[mark.kind as string] ?? "Change";
    return `${verb} at ${at}, ${labelOf(catalog.actions, done.method)}: ${done.sizeBefore} to ${done.sizeAfter}, ${compact(done.paramsAfter)} weights, loss ${loss(done.lossBefore)} before and ${loss(done.lossAfter)} after`;
  }
  switch (mark.kind) {
    case "undo":
      return `Undone, back to ${at}`;
    case "redo":
      return `Redone, forward to ${at}`;
    case "edit":
      return `Changed at ${at}: ${mark.label}`;
    default:
      return `${list([mark.label.replace(/\.$/, "")])} (${at})`;
  }
}
