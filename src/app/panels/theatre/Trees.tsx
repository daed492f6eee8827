/**
 * Two networks side by side on the stage's own rule: the source left, at 60 %, the target right, and between them a line
 * from each layer to each that it feeds, by the coefficients of the map.
 */
import { type ReactNode, useMemo } from "react";
import type { Anatomy, Feeds, RunView } from "../../../run/messages.ts";
import type { Scheme } from "../../tokens.ts";
import { type Births, partIds } from "../stage/births.ts";
import { layoutStage } from "../stage/layout.ts";
import { StageView } from "../stage/StageView.tsx";
import { thickness } from "./FeedDrawing.tsx";
import { linesOf, sayFeeds } from "./feed-lines.ts";
import { BARE_CROWN } from "./sizes.ts";
import "./theatre.css";

/** Between the trees. */
export const gapOf = (width: number): number => Math.max(96, width * 0.16);

/** The source's share of the target's size. */
const SMALL = 0.6;
const NONE = { copies: {}, scars: new Map<string, readonly number[]>() } as const;
const NOBODY: Births = {};
const nothing = (): void => undefined;

interface TreesProps {
  readonly anatomies: readonly [before: Anatomy, after: Anatomy];
  readonly sizes: readonly [before: string, after: string];
  /** Live numbers of each; null: drawn without. */
  readonly views: readonly [before: RunView | null, after: RunView | null];
  readonly rows: Feeds["layers"];
  readonly width: number;
  readonly height: number;
  readonly scheme: Scheme;
  /** Of the growth, where it has happened: layers that only the target has are newborn then. */
  readonly step?: number;
  /** The lines run out as it appears, and what they feed comes after them. */
  readonly moving?: boolean;
  /** What stands on the lines. */
  readonly children?: ReactNode;
}

export function Trees(props: TreesProps): ReactNode {
  const { anatomies, sizes, views, rows, width, height, scheme, step, moving = false, children } = props;
  const [before, after] = useMemo(() => anatomies.map(bare) as [Anatomy, Anatomy], [anatomies]);
  const gap = gapOf(width);
  const right = (width - gap) / (1 + SMALL);
  const left = width - gap - right;
  const low = height * SMALL;
  const source = useMemo(() => layoutStage(before, left, low, BARE_CROWN), [before, left, low]);
  const target = useMemo(() => layoutStage(after, right, height, BARE_CROWN), [after, right, height]);
  const lines = linesOf(rows);
  const born = useMemo(
    () => (step === undefined ? NOBODY : newborn(before, after, step)),
    [before, after, step],
  );
  const tree = (anatomy: Anatomy, live: RunView | null, w: number, h: number) => (
    <StageView
      {...NONE}
      births={anatomy === after ? born : NOBODY}
      anatomy={anatomy}
      view={live}
      step={live?.step ?? step ?? 0}
      budget={1}
      pinned={null}
      hovered={null}
      scheme={scheme}
      reduced
      width={w}
      height={h}
      zoom={1}
      crown={BARE_CROWN}
      growRefused=""
      onHover={nothing}
      onPin={nothing}
      onGrow={nothing}
    />
  );
  return (
    <div className="theatre-trees" data-moving={moving || undefined} style={{ height }}>
      <ul className="hidden">
        {sayFeeds(rows, "layer").map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <div className="theatre-tree" style={{ left: 0, top: height - low, width: left, height: low }} inert>
        {tree(before, views[0], left, low)}
      </div>
      <div
        className="theatre-tree theatre-after"
        style={{ left: left + gap, top: 0, width: right, height }}
        inert
      >
        {tree(after, views[1], right, height)}
      </div>
      <svg className="theatre-lines" width={width} height={height} aria-hidden="true" focusable="false">
        <title>What feeds what</title>
        {lines.map(({ from, to, share }) => {
          const [a, b] = [source.tiers[from], target.tiers[to]];
          if (a === undefined || b === undefined) return null;
          const [x1, y1] = [left - 8, height - low + a.wire];
          const [x2, y2] = [left + gap + 8, b.wire];
          const bend = (x1 + x2) / 2;
          return (
            <path
              key={`${from} ${to}`}
              className="theatre-line"
              strokeWidth={thickness(share)}
              pathLength={1}
              style={{ animationDelay: `${120 + 60 * Math.min(to, 12)}ms` }}
              d={`M${x1} ${y1}C${bend} ${y1} ${bend} ${y2} ${x2} ${y2}`}
            />
          );
        })}
        <text className="theatre-size" x={source.left + 14} y={height - low + 16}>
          {sizes[0]}
        </text>
        <text className="theatre-size" x={left + gap + target.left + 14} y={30}>
          {sizes[1]}
        </text>
      </svg>
      <div className="theatre-wires" style={{ left, width: gap, height }}>
        {children}
      </div>
    </div>
  );
}

/** Every part of a layer that was not there before. */
function newborn(before: Anatomy, after: Anatomy, step: number): Births {
  const old = new Set(before.tiers.map(({ id }) => id));
  const tiers = after.tiers.filter(({ id }) => !old.has(id));
  return Object.fromEntries(partIds({ ...after, tiers }).map((id) => [id, step]));
}

/** What could still grow is not this scene's matter. */
const bare = (anatomy: Anatomy): Anatomy => ({ ...anatomy, room: [] });
