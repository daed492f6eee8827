/**
 * Under the curves, on their x: the weights in use as a staircase (with all there are as a fainter one, where masks make
 * them differ), and the history as the tree it is, lying on its side. The
 * main line is on top; a branch leaves it at its event and runs in a lane of its own, 20 px lower.
 */
import type { ReactNode } from "react";
import { compact, whole } from "../format.ts";
import { type Axis, lastRow, rowAt } from "../store/series.ts";
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
  const { sizes, axis, clock, branches } = data;
  if (sizes.length === 0) return null;
  const masked = sizes.some((size) => size.active < size.params);
  const all = [...sizes, ...branches.flatMap((branch) => branch.sizes)];
  const top = Math.max(...all.map((size) => size.params));
  const low = Math.min(...all.map((size) => size.active));
  // A single size is a flat line at the bottom; a growth always rises by what can be seen.
  const level = (weights: number): number => y - (top > low ? ((weights - low) / (top - low)) * STAIR : 0);
  const steps = sizes.map((size, i) => ({
    from: x(size.clock[axis]),
    to: x(sizes[i + 1]?.clock[axis] ?? Math.max(clock[axis], size.clock[axis])),
    y: level(size.active),
    size,
  }));
  const stairs = (of: (size: Size) => number): string =>
    steps
      .map(
        ({ from, to, size }, i) =>
          `${i === 0 ? "M" : "L"}${from} ${level(of(size))}L${to} ${level(of(size))}`,
      )
      .join("");
  return (
    <g>
      <text x={left - 8} y={y + 3} className="axis-text" textAnchor="end">
        weights
      </text>
      {masked && (
        <polyline
          points={stairs((size) => size.params).replace(/[ML]/g, " ")}
          fill="none"
          stroke="var(--edge)"
          strokeWidth={0.8}
        />
      )}
      {branches.map((branch, i) => (
        <polyline
          key={branch.id}
          points={branchStairs(branch, axis, x, level)}
          fill="none"
          stroke={branch.ahead ? "var(--run-lake)" : branchColour(i)}
          strokeWidth={1.1}
          strokeDasharray={branch.ahead ? "4 4" : undefined}
        />
      ))}
      <path d={stairs((size) => size.active)} fill="none" stroke="var(--ink)" strokeWidth={1.4} />
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
            {compact(size.active)}
          </text>
        );
      })}
    </g>
  );
}

/** The weights in use along a branch, from its first event to its end. */
function branchStairs(branch: Branch, axis: Axis, x: Scale, level: (weights: number) => number): string {
  const end = lastRow(branch.train)?.[axis] ?? 0;
  return branch.sizes
    .map((size, i) => {
      const from = size.clock[axis];
      const to = branch.sizes[i + 1]?.clock[axis] ?? Math.max(from, end);
      return `${x(from)} ${level(size.active)} ${x(to)} ${level(size.active)}`;
    })
    .join(" ");
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

/** A branch with its place: from where on the line, or on the branch it leaves, to its end in its own lane. */
interface Laid {
  readonly branch: Branch;
  readonly colour: string;
  readonly from: number;
  readonly fromY: number;
  readonly end: number;
  readonly y: number;
}

function laid(data: ScoreData, x: Scale, y: number, most: number): readonly Laid[] {
  const { axis, branches } = data;
  const shown = lanes(branches, most);
  const first = branches.length - shown.length;
  let lane = 0;
  const places = shown.map((branch, i) => {
    const row = branch.train.length > 0 ? rowAt(branch.train, 0)[axis] : branch.marks[0]?.clock[axis];
    const join = axis === "step" ? branch.joinStep : (row ?? 0);
    const last = lastRow(branch.train)?.[axis] ?? branch.marks[branch.marks.length - 1]?.clock[axis];
    if (!branch.ahead) lane += 1;
    return {
      branch,
      colour: branch.ahead ? "var(--run-lake)" : branchColour(first + i),
      from: x(join),
      end: x(Math.max(join, last ?? join)),
      y: branch.ahead ? y : y + 20 * lane,
    };
  });
  return places.map((place) => ({
    ...place,
    fromY: places.find(({ branch }) => branch.id === place.branch.parent)?.y ?? y,
  }));
}

interface LaneProps {
  readonly data: ScoreData;
  readonly x: Scale;
  readonly y: number;
  readonly left: number;
  readonly most: number;
}

export function HistoryLane({ data, x, y, left, most }: LaneProps): ReactNode {
  const { axis, clock } = data;
  return (
    <g>
      {left < 60 ? null : (
        <text x={left - 8} y={y + 4} className="axis-text" textAnchor="end">
          history
        </text>
      )}
      {laid(data, x, y, most).map((place) => (
        <BranchLane key={place.branch.id} place={place} axis={axis} x={x} />
      ))}
      <path d={`M${x(0)} ${y}L${x(clock[axis])} ${y}`} stroke="var(--run-lake)" strokeWidth={2} />
      <circle cx={x(0)} cy={y} r={3.6} fill="var(--ground)" stroke="var(--ink)" strokeWidth={1.6} />
      <circle cx={x(clock[axis])} cy={y} r={4.4} fill="var(--run-lake)" />
    </g>
  );
}

function BranchLane({
  place,
  axis,
  x,
}: {
  readonly place: Laid;
  readonly axis: Axis;
  readonly x: Scale;
}): ReactNode {
  const { branch, colour, from, fromY, end, y } = place;
  const bend = Math.min(14, Math.max(0, end - from));
  const half = from + bend / 2;
  const path =
    fromY === y
      ? `M${from} ${y}L${end} ${y}`
      : `M${from} ${fromY}C${half} ${fromY} ${half} ${y} ${from + bend} ${y}L${end} ${y}`;
  return (
    <g>
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
            y={y + 4}
            className="lane-glyph"
            style={{ fill: colour }}
            textAnchor="middle"
          >
            ▲
          </text>
        ) : null,
      )}
      <circle cx={end} cy={y} r={3.6} fill="var(--ground)" stroke={colour} strokeWidth={1.6} />
      {branch.ahead ? null : (
        <text x={end + 9} y={y + 4} className="axis-text">
          {branch.label === "" ? "" : `${branchName(branch)}, `}left at {whole(branch.endStep)}
        </text>
      )}
    </g>
  );
}

/** Nodes that can be pressed: the start, and the end of each branch shown. */
export function spots(data: ScoreData, x: Scale, y: number, most: number): readonly Spot[] {
  const root = data.state?.nodes.find((node) => node.parent === null);
  const start: Spot[] = root ? [{ node: root.id, label: "the start", px: x(0), py: y, onLine: true }] : [];
  return [
    ...start,
    ...laid(data, x, y, most).map((place) => ({
      node: place.branch.node,
      label: place.branch.ahead ? "what was undone" : branchName(place.branch),
      px: place.end,
      py: place.y,
      onLine: false,
    })),
  ];
}
