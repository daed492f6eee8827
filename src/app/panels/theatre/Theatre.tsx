/**
 * The stage while a growth operator is trained (design: Operators): the source left, at 60 % and with its live tiles, the
 * larger network right, as yet without weights of its own; between them lines from each layer to what it feeds, by the
 * operator's coefficients as they stand. Below: the channels, the learned matrices, both losses, and what it costs.
 */
import { type ReactNode, useMemo } from "react";
import type { Anatomy, RunView } from "../../../run/messages.ts";
import { compact, whole } from "../../format.ts";
import { catalog, labelOf } from "../../store/catalog.ts";
import type { Fit } from "../../store/session.ts";
import { useRun } from "../../store/store.ts";
import { unitOf } from "../../store/units.ts";
import type { Scheme } from "../../tokens.ts";
import { layoutStage } from "../stage/layout.ts";
import { StageView } from "../stage/StageView.tsx";
import { GroupBand, thickness } from "./FeedDrawing.tsx";
import { FitLosses } from "./FitLosses.tsx";
import { linesOf, sayFeeds } from "./feed-lines.ts";
import { OperatorMaps } from "./OperatorMaps.tsx";
import "./theatre.css";

/** The source's share of the target's size. */
const SMALL = 0.6;
/** Below this the parts stand under each other and scroll. */
const NARROW = 560;

interface TheatreProps {
  readonly fit: Fit;
  /** The source as it was last seen: it stands still. */
  readonly view: RunView | null;
  readonly width: number;
  readonly height: number;
  readonly scheme: Scheme;
}

export function Theatre({ fit, view, width, height, scheme }: TheatreProps): ReactNode {
  const { view: seen, points } = fit;
  const narrow = width < NARROW;
  const trees = narrow ? 190 : Math.max(180, height - 250);
  const last = points.at(-1);
  const unit = useRun((s) => unitOf(s.config));
  return (
    <section className="theatre" data-narrow={narrow || undefined} aria-label="The operator in training">
      <Trees {...{ seen, view, width, scheme }} height={trees} />
      <GroupBand rows={seen.feeds.groups} width={Math.min(width - 8, 620)} />
      <div className="theatre-below">
        <OperatorMaps fit={seen} />
        <div className="theatre-score">
          <FitLosses points={points} steps={seen.steps} width={narrow ? width - 8 : 300} />
          <p className="caption soft">
            {labelOf(catalog.actions, seen.method)}, step {whole(last?.step ?? 0)} of {whole(seen.steps)}.
            Charged so far: {compact(seen.flops)} FLOPs, {compact(seen.tokens)} {unit}s. The dashed line is
            the source on the same batches.
          </p>
        </div>
      </div>
    </section>
  );
}

const NONE = { births: {}, copies: {}, scars: new Map<string, readonly number[]>() } as const;
const nothing = (): void => undefined;

function Trees({
  seen,
  view,
  width,
  height,
  scheme,
}: {
  readonly seen: Fit["view"];
  readonly view: RunView | null;
  readonly width: number;
  readonly height: number;
  readonly scheme: Scheme;
}): ReactNode {
  const [before, after] = seen.anatomies;
  const gap = Math.max(44, width * 0.12);
  const right = (width - gap) / (1 + SMALL);
  const left = width - gap - right;
  const low = height * SMALL;
  const source = useMemo(() => layoutStage(bare(before), left, low), [before, left, low]);
  const target = useMemo(() => layoutStage(bare(after), right, height), [after, right, height]);
  const lines = linesOf(seen.feeds.layers);
  const tree = (anatomy: Anatomy, live: RunView | null, w: number, h: number) => (
    <StageView
      {...NONE}
      anatomy={bare(anatomy)}
      view={live}
      step={live?.step ?? 0}
      budget={1}
      pinned={null}
      hovered={null}
      scheme={scheme}
      reduced
      width={w}
      height={h}
      zoom={1}
      growRefused=""
      onHover={nothing}
      onPin={nothing}
      onGrow={nothing}
    />
  );
  return (
    <div className="theatre-trees" style={{ height }}>
      <ul className="hidden">
        {sayFeeds(seen.feeds.layers, "layer").map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <div className="theatre-tree" style={{ left: 0, top: height - low, width: left, height: low }} inert>
        {tree(before, view, left, low)}
      </div>
      <div className="theatre-tree" style={{ left: left + gap, top: 0, width: right, height }} inert>
        {tree(after, null, right, height)}
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
              d={`M${x1} ${y1}C${bend} ${y1} ${bend} ${y2} ${x2} ${y2}`}
            />
          );
        })}
        <text className="theatre-size" x={4} y={Math.max(12, height - low - 6)}>
          {seen.sizes[0]}
        </text>
        <text className="theatre-size" x={width - 4} y={12} textAnchor="end">
          {seen.sizes[1]}
        </text>
      </svg>
    </div>
  );
}

/** What could still grow is not this scene's matter. */
const bare = (anatomy: Anatomy): Anatomy => ({ ...anatomy, room: [] });
