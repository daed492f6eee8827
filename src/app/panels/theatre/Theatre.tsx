/**
 * The stage while a growth operator is trained (design: Operators): the source left, at 60 % and with its live tiles, the
 * larger network right, as yet without weights of its own; between them lines from each layer to what it feeds, by the
 * operator's coefficients as they stand, and on the lines the matrices that blend layers. Below: the channels, the
 * matrices that widen, both losses, and what it costs. On a phone the trees are bars and all of it is one column.
 */
import type { ReactNode } from "react";
import type { RunView } from "../../../run/messages.ts";
import { compact, whole } from "../../format.ts";
import { catalog, labelOf } from "../../store/catalog.ts";
import type { Fit } from "../../store/session.ts";
import { useRun } from "../../store/store.ts";
import { unitOf } from "../../store/units.ts";
import type { Scheme } from "../../tokens.ts";
import { Compared } from "./BesideFpi.tsx";
import { GroupBand, LayerLines } from "./FeedDrawing.tsx";
import { FitLosses } from "./FitLosses.tsx";
import { mostOnWires } from "./map-size.ts";
import { betweenLayers, OnWires, OperatorMaps } from "./OperatorMaps.tsx";
import { BELOW, BONDS, COMPARED, LOW, NARROW, ROOMY, SCORE } from "./sizes.ts";
import { gapOf, Trees } from "./Trees.tsx";
import { MEAN_OF } from "./trailing.ts";
import "./theatre.css";

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
  const roomy = width >= ROOMY;
  const low = height < LOW;
  const maps = BELOW.maps + (seen.bonds == null ? 0 : BONDS);
  const trees = Math.max(160, height - maps - (low ? 0 : BELOW.channels));
  const last = points.at(-1);
  const unit = useRun((s) => unitOf(s.config));
  // The slots of a ring are chosen from in the list; on the wires stands what is there as a whole.
  const between = betweenLayers(seen).filter(({ name }) => !/ at bonds /.test(name));
  const onWires = narrow ? [] : between.slice(0, Math.min(ON_WIRES, mostOnWires(gapOf(width), trees)));
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
        <Trees
          {...{ width, scheme }}
          height={trees}
          sizes={seen.sizes}
          anatomies={seen.anatomies}
          rows={seen.feeds.layers}
          views={[view, null]}
        >
          <OnWires fit={seen} parts={onWires} />
        </Trees>
      )}
      {low && !narrow ? null : <GroupBand rows={seen.feeds.groups} width={Math.min(width - 16, 620)} />}
      {narrow ? <Compared fit={seen} live /> : null}
      <div className="theatre-below">
        <OperatorMaps
          fit={seen}
          without={new Set(onWires.map(({ id }) => id))}
          width={narrow ? width - 16 : width - SCORE - (roomy ? COMPARED + 80 : 64)}
          height={narrow ? 260 : maps}
        />
        {roomy ? <Compared fit={seen} live /> : null}
        {narrow ? null : score}
      </div>
      {roomy || narrow ? null : <Compared fit={seen} live />}
    </section>
  );
}
