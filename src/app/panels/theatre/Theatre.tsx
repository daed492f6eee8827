/**
 * The stage while a growth operator is trained (design: Operators): the source left, at 60 % and with its live tiles, the
 * larger network right, as yet without weights of its own; between them lines from each layer to what it feeds, by the
 * operator's coefficients as they stand, and on the lines the matrices that blend layers. Below: the channels, the
 * matrices that widen, both losses, and what it costs. On a phone the trees are bars and all of it is one column.
 */
import { type ReactNode, useMemo } from "react";
import type { Anatomy, OperatorPart, RunView } from "../../../run/messages.ts";
import { compact, whole } from "../../format.ts";
import { catalog, labelOf } from "../../store/catalog.ts";
import type { Fit } from "../../store/session.ts";
import { useRun } from "../../store/store.ts";
import { unitOf } from "../../store/units.ts";
import type { Scheme } from "../../tokens.ts";
import { layoutStage } from "../stage/layout.ts";
import { StageView } from "../stage/StageView.tsx";
import { GroupBand, LayerLines, thickness } from "./FeedDrawing.tsx";
import { FitLosses } from "./FitLosses.tsx";
import { linesOf, sayFeeds } from "./feed-lines.ts";
import { betweenLayers, HeatMap, OperatorMaps } from "./OperatorMaps.tsx";
import { MEAN_OF } from "./trailing.ts";
import "./theatre.css";

/** The source's share of the target's size. */
const SMALL = 0.6;
/** Below this width layers are plain bars, and the parts stand under each other and scroll. */
const NARROW = 560;
/** Below this height the channels have no row of their own. */
const LOW = 420;
/** Height of what stands under the trees: matrices and losses, and the row of the channels. */
const BELOW = { maps: 158, channels: 78 };
const SCORE = 340;
/** Learned matrices that stand on the wires at most; the others stand with those of the channels. */
const ON_WIRES = 6;

interface TheatreProps {
  readonly fit: Fit;
  /** The source as it was last seen: it stands still. */
  readonly view: RunView | null;
  readonly width: number;
  readonly height: number;
  readonly scheme: Scheme;
  /** Shown so much larger as a whole, in projector mode. */
  readonly zoom: number;
}

export function Theatre({ fit, view, scheme, zoom, ...room }: TheatreProps): ReactNode {
  const { view: seen, points } = fit;
  const [width, height] = [Math.min(room.width / zoom, 1280), room.height / zoom];
  const narrow = width < NARROW;
  const low = height < LOW;
  const trees = Math.max(160, height - BELOW.maps - (low ? 0 : BELOW.channels));
  const last = points.at(-1);
  const unit = useRun((s) => unitOf(s.config));
  // The slots of a ring are chosen from in the list; on the wires stands what is there as a whole.
  const between = betweenLayers(seen).filter(({ name }) => !/ at bonds /.test(name));
  const onWires = narrow ? [] : between.slice(0, ON_WIRES);
  const score = (
    <div className="theatre-score">
      <FitLosses points={points} steps={seen.steps} width={narrow ? width - 16 : SCORE} />
      <p className="caption soft">
        {labelOf(catalog.actions, seen.method)}, step {whole(last?.step ?? 0)} of {whole(seen.steps)}. Charged
        so far: {compact(seen.flops)} FLOPs, {compact(seen.tokens)} {unit}s. Dashed: the source on the same
        batches; thick: means of {MEAN_OF}.
      </p>
    </div>
  );
  return (
    <section
      className="theatre"
      data-narrow={narrow || undefined}
      aria-label="The operator in training"
      style={{ width, height, ...(zoom === 1 ? {} : { zoom }) }}
    >
      {narrow ? (
        <>
          <p className="caption soft theatre-sizes">
            <span>{seen.sizes[0]}</span> <span>{seen.sizes[1]}</span>
          </p>
          <LayerLines rows={seen.feeds.layers} />
          {score}
        </>
      ) : (
        <Trees {...{ seen, view, width, scheme, onWires }} height={trees} />
      )}
      {low && !narrow ? null : <GroupBand rows={seen.feeds.groups} width={Math.min(width - 16, 620)} />}
      <div className="theatre-below">
        <OperatorMaps
          fit={seen}
          without={new Set(onWires.map(({ id }) => id))}
          width={narrow ? width - 16 : width - SCORE - 64}
          height={narrow ? 260 : BELOW.maps}
        />
        {narrow ? null : score}
      </div>
    </section>
  );
}

/** Pixels of a side of a matrix on the wires. */
const WIRED = 44;
const NONE = { births: {}, copies: {}, scars: new Map<string, readonly number[]>() } as const;
const nothing = (): void => undefined;

function Trees({
  seen,
  view,
  width,
  height,
  scheme,
  onWires,
}: {
  readonly onWires: readonly OperatorPart[];
  readonly seen: Fit["view"];
  readonly view: RunView | null;
  readonly width: number;
  readonly height: number;
  readonly scheme: Scheme;
}): ReactNode {
  const [before, after] = seen.anatomies;
  const gap = Math.max(96, width * 0.16);
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
        <text className="theatre-size" x={source.left + 14} y={height - low + 16}>
          {seen.sizes[0]}
        </text>
        <text className="theatre-size" x={left + gap + target.left + 14} y={30}>
          {seen.sizes[1]}
        </text>
      </svg>
      <div className="theatre-wires" style={{ left, width: gap, height }}>
        {onWires.map((part) => {
          const tile = seen.tiles[part.id];
          return tile === undefined ? null : <HeatMap key={part.id} part={part} tile={tile} most={WIRED} />;
        })}
      </div>
    </div>
  );
}

/** What could still grow is not this scene's matter. */
const bare = (anatomy: Anatomy): Anatomy => ({ ...anatomy, room: [] });
