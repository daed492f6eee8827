/**
 * Under the curves, on their x: the weights as a staircase, and the history as the tree it is, lying on its side. The
 * main line is on top; a branch leaves it at its event and runs in a lane of its own, 20 px lower.
 */
import type { ReactNode } from "react";
import { compact, whole } from "../format.ts";
import { type Axis, nearest } from "../store/series.ts";
import type { Branch, Size } from "../store/session.ts";
import type { Scale } from "./scale.ts";
import { branchColour, branchName, type ScoreData } from "./score-data.ts";

const STAIR = 14;

export function Staircase({
  data,
  x,
  y,
  left,
  right,
}: {
  readonly data: ScoreData;
  readonly x: Scale;
  readonly y: number;
  /** Edges of the plot. */
  readonly left: number;
  readonly right: number;
}): ReactNode {
  const { sizes, axis, clock } = data;
  if (sizes.length === 0) return null;
  const top = Math.max(...sizes.map((size) => size.params));
  const low = Math.min(...sizes.map((size) => size.params));
  // A single size is a flat line at the bottom; a growth always rises by what can be seen.
  const level = (size: Size): number => y - (top > low ? ((size.params - low) / (top - low)) * STAIR : 0);
  const steps = sizes.map((size, i) => ({
    from: x(size.clock[axis]),
    to: x(sizes[i + 1]?.clock[axis] ?? Math.max(clock[axis], size.clock[axis])),
    y: level(size),
    size,
  }));
  const path = steps
    .map(({ from, to, y: at }, i) => `${i === 0 ? "M" : "L"}${from} ${at}L${to} ${at}`)
    .join("");
  return (
    <g>
      <text x={left - 8} y={y + 3} className="axis-text" textAnchor="end">
        weights
      </text>
      <path d={path} fill="none" stroke="var(--ink)" strokeWidth={1.4} />
      {steps.map(({ from, to, y: at, size }, i) => {
        const last = i === steps.length - 1;
        const wide = to - from > 44;
        if (!last && !wide) return null;
        // At the right end the figure stands over its step: the tools are beside it.
        const beside = last && to < right - 40;
        return (
          <text
            key={size.by ?? "start"}
            x={beside ? to + 8 : last ? to : (from + to) / 2}
            y={beside ? at + 4 : at - 4}
            className="axis-text mono"
            textAnchor={beside ? "start" : last ? "end" : "middle"}
          >
            {compact(size.params)}
          </text>
        );
      })}
    </g>
  );
}

/** x of a step on any axis: where the line was when it had made so many steps. */
function stepX(data: ScoreData, step: number): number {
  if (data.axis === "step") return step;
  return nearest(data.train, "step", step)?.[data.axis] ?? 0;
}

function endOf(branch: Branch, axis: Axis, joinX: number): number {
  const row = nearest(branch.train, "step", branch.endStep);
  const mark = branch.marks[branch.marks.length - 1];
  return Math.max(joinX, row?.[axis] ?? mark?.clock[axis] ?? joinX);
}

export interface Spot {
  readonly node: string;
  readonly label: string;
  readonly px: number;
  readonly py: number;
  readonly onLine: boolean;
}

/** Lanes of the branches, the newest nearest to the line; at most so many are drawn. */
export function lanes(branches: readonly Branch[], most: number): readonly Branch[] {
  return branches.slice(-most);
}

export function HistoryLane({
  data,
  x,
  y,
  left,
  most,
}: {
  readonly data: ScoreData;
  readonly x: Scale;
  readonly y: number;
  readonly left: number;
  readonly most: number;
}): ReactNode {
  const { axis, clock, branches } = data;
  const shown = lanes(branches, most);
  const first = branches.length - shown.length;
  return (
    <g>
      {left < 60 ? null : (
        <text x={left - 8} y={y + 4} className="axis-text" textAnchor="end">
          history
        </text>
      )}
      {shown.map((branch, i) => {
        const join = stepX(data, branch.joinStep);
        const end = x(endOf(branch, axis, join));
        const from = x(join);
        const colour = branch.ahead ? "var(--run-lake)" : branchColour(first + i);
        const low = branch.ahead ? y : y + 20 * (i + 1 - shown.slice(0, i).filter((b) => b.ahead).length);
        const bend = Math.min(14, Math.max(0, end - from));
        const path =
          low === y
            ? `M${from} ${y}L${end} ${y}`
            : `M${from} ${y}C${from + bend / 2} ${y} ${from + bend / 2} ${low} ${from + bend} ${low}L${end} ${low}`;
        return (
          <g key={branch.id}>
            <path
              d={path}
              fill="none"
              stroke={colour}
              strokeWidth={1.6}
              strokeDasharray={branch.ahead ? "4 4" : undefined}
            />
            {branch.marks.map((mark) =>
              mark.done ? (
                <text
                  key={mark.id}
                  x={Math.max(from + bend, x(mark.clock[axis]))}
                  y={low + 4}
                  className="lane-glyph"
                  fill={colour}
                  textAnchor="middle"
                >
                  ▲
                </text>
              ) : null,
            )}
            <circle cx={end} cy={low} r={3.6} fill="var(--ground)" stroke={colour} strokeWidth={1.6} />
            {branch.ahead ? null : (
              <text x={end + 9} y={low + 4} className="axis-text">
                {branchName(branch)}, left at {whole(branch.endStep)}
              </text>
            )}
          </g>
        );
      })}
      <path d={`M${x(0)} ${y}L${x(clock[axis])} ${y}`} stroke="var(--run-lake)" strokeWidth={2} />
      <circle cx={x(0)} cy={y} r={3.6} fill="var(--ground)" stroke="var(--ink)" strokeWidth={1.6} />
      <circle cx={x(clock[axis])} cy={y} r={4.4} fill="var(--run-lake)" />
    </g>
  );
}

/** Nodes that can be pressed: the start, and the end of each branch shown. */
export function spots(data: ScoreData, x: Scale, y: number, most: number): readonly Spot[] {
  const { branches, axis, state } = data;
  const shown = lanes(branches, most);
  const root = state?.nodes.find((node) => node.parent === null);
  const start: Spot[] = root ? [{ node: root.id, label: "the start", px: x(0), py: y, onLine: true }] : [];
  return [
    ...start,
    ...shown.map((branch, i) => {
      const ahead = shown.slice(0, i).filter((b) => b.ahead).length;
      return {
        node: branch.node,
        label: branch.ahead ? "what was undone" : branchName(branch),
        px: x(endOf(branch, axis, stepX(data, branch.joinStep))),
        py: branch.ahead ? y : y + 20 * (i + 1 - ahead),
        onLine: false,
      };
    }),
  ];
}
