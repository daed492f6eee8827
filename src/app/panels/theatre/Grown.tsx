/**
 * A growth that has happened, side by side on the stage: the network before it, the one after it, lines from each layer
 * and each group of channels to what it fed, by the map's own coefficients, the loss before and after, and what the run
 * was charged. The same for a map in closed form and for a learned operator, which brings its matrices.
 */
import { type ReactNode, useMemo } from "react";
import { anatomyOf } from "../../../run/drawn.ts";
import type { Anatomy, RunView } from "../../../run/messages.ts";
import { compact, duration, loss, whole } from "../../format.ts";
import { Icon } from "../../Icons.tsx";
import { catalog, labelOf } from "../../store/catalog.ts";
import { closeScene } from "../../store/scene.ts";
import type { Mark, StructureDone } from "../../store/session.ts";
import { type AppState, useRun, useSlow } from "../../store/store.ts";
import { archAt } from "../../store/tree.ts";
import type { Scheme } from "../../tokens.ts";
import { partIds } from "../stage/births.ts";
import { colsOf, rowsOf } from "../stage/layout.ts";
import { Compared } from "./BesideFpi.tsx";
import { GroupBand, LayerLines } from "./FeedDrawing.tsx";
import { FitLosses } from "./FitLosses.tsx";
import { mostOnWires } from "./map-size.ts";
import { betweenLayers, OnWires, OperatorMaps } from "./OperatorMaps.tsx";
import { BELOW, COMPARED, LOW, NARROW, ROOMY, SCORE } from "./sizes.ts";
import { gapOf, Trees } from "./Trees.tsx";
import "./theatre.css";

/** Height of the heading, and of the figures where there is nothing else below. */
const HEAD = 34;
const FIGURES = 52;
/** Matrices and losses of an operator. */
const MAPS = 116;
const ON_WIRES = 6;

interface GrownProps {
  readonly mark: Mark;
  readonly width: number;
  readonly height: number;
  readonly scheme: Scheme;
  readonly zoom: number;
}

const viewOf = (state: AppState) => state.view;

export function Grown({ mark, scheme, zoom, ...room }: GrownProps): ReactNode {
  const done = mark.done!;
  const feeds = done.feeds!;
  const { fit } = mark;
  const [width, height] = [Math.min(room.width / zoom, 1280), room.height / zoom];
  const narrow = width < NARROW;
  const roomy = width >= ROOMY;
  const low = height < LOW;
  const anatomies = useAnatomies(done);
  const views = useViews(mark, anatomies);
  const below = FIGURES + (fit ? MAPS : 0) + (low || feeds.groups === null ? 0 : BELOW.channels);
  const trees = Math.max(160, height - HEAD - below);
  const between = fit ? betweenLayers(fit.view).filter(({ name }) => !/ at bonds /.test(name)) : [];
  const onWires = narrow ? [] : between.slice(0, Math.min(ON_WIRES, mostOnWires(gapOf(width), trees)));
  const sizes = [done.sizeBefore, done.sizeAfter] as const;
  const title = `${labelOf(catalog.actions, done.method)} at step ${whole(done.step)}, side by side`;
  return (
    <section
      className="theatre"
      data-narrow={narrow || undefined}
      aria-label={title}
      style={{ width, height, ...(zoom === 1 ? {} : { zoom }) }}
    >
      <div className="row spread theatre-head">
        <p className="plate">{title}</p>
        <button type="button" className="button small edged" onClick={closeScene}>
          <Icon name="close" size={12} />
          Back to the network
        </button>
      </div>
      {narrow ? (
        <>
          <p className="caption soft theatre-sizes">
            <span>{sizes[0]}</span> <span>{sizes[1]}</span>
          </p>
          <LayerLines rows={feeds.layers} />
          <Figures done={done} />
        </>
      ) : (
        <Trees
          {...{ width, scheme, sizes, anatomies, views }}
          height={trees}
          rows={feeds.layers}
          step={done.step}
          moving
        >
          {fit ? <OnWires fit={fit.view} parts={onWires} /> : null}
        </Trees>
      )}
      {low && !narrow ? null : <GroupBand rows={feeds.groups} width={Math.min(width - 16, 620)} />}
      {narrow ? null : <Figures done={done} />}
      {fit && narrow ? <Compared fit={fit.view} /> : null}
      {fit ? (
        <div className="theatre-below">
          <OperatorMaps
            fit={fit.view}
            without={new Set(onWires.map(({ id }) => id))}
            width={narrow ? width - 16 : width - SCORE - (roomy ? COMPARED + 80 : 64)}
            height={narrow ? 260 : MAPS}
          />
          {roomy ? <Compared fit={fit.view} /> : null}
          <div className="theatre-score">
            <FitLosses points={fit.points} steps={fit.view.steps} width={narrow ? width - 16 : SCORE} />
          </div>
        </div>
      ) : null}
      {fit && !roomy && !narrow ? <Compared fit={fit.view} /> : null}
    </section>
  );
}

/** Loss, weights, and what it cost. */
function Figures({ done }: { readonly done: StructureDone }): ReactNode {
  const flops = done.extra.operatorFlops;
  const charged =
    flops === undefined
      ? "0 FLOPs, no training"
      : `${compact(flops)} FLOPs, ${whole(done.extra.operatorSteps ?? 0)} operator steps`;
  const rows: readonly (readonly [string, string])[] = [
    ["Loss on the probe batch", `${loss(done.lossBefore)} → ${loss(done.lossAfter)}`],
    ["Weights", `${compact(done.paramsBefore)} → ${compact(done.paramsAfter)}`],
    ["Charged to the run", charged],
    ["Pause", duration(done.milliseconds / 1000)],
  ];
  return (
    <dl className="theatre-figures">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt className="caption soft">{name}</dt>
          <dd className="mono">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Both networks as they are drawn: of a growth that is past, from the values that the model had. */
function useAnatomies(done: StructureDone): readonly [Anatomy, Anatomy] {
  const config = useRun((s) => s.config);
  const before = useRun((s) => archAt(s, done.parent));
  return useMemo(
    () => [anatomyOf(config!, before), anatomyOf(config!, done.arch)],
    [config, before, done.arch],
  );
}

/** Live numbers, where they are of just these networks: the source as last seen, the target as it is now. */
function useViews(mark: Mark, [before, after]: readonly [Anatomy, Anatomy]) {
  const source = useRun((s) => (s.source?.mark === mark.id ? s.source.view : null));
  const now = useSlow(viewOf, 200);
  const stands = useRun((s) => s.marks.findLast(({ done }) => done !== null)?.id === mark.id);
  const run = useRun((s) => s.run);
  const live = stands && now?.run === run ? now : null;
  return [shows(source, before) ? source : null, shows(live, after) ? live : null] as const;
}

/** Whether the tiles are those of this network, size for size. */
function shows(view: RunView | null, anatomy: Anatomy): boolean {
  if (view === null || Object.keys(view.tiles).length !== partIds(anatomy).length) return false;
  return anatomy.tiers.every(({ left, right }) =>
    [...left, ...right].every((part) => {
      const tile = view.tiles[part.id];
      return tile !== undefined && tile.ofRows === rowsOf(part) && tile.ofCols === colsOf(part);
    }),
  );
}
