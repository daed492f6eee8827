/**
 * The stage on the page: measures its room, follows the run, remembers when each part was born, and says what is under
 * the pointer in one line at its foot. What is drawn is StageView's work.
 */
import { useComputedColorScheme } from "@mantine/core";
import { useElementSize, useReducedMotion } from "@mantine/hooks";
import { useMemo } from "react";
import type { Anatomy, RunView } from "../../../run/messages.ts";
import { compact, rough, whole } from "../../format.ts";
import { growNow } from "../../store/actions.ts";
import { canNow } from "../../store/can.ts";
import { growthActions } from "../../store/catalog.ts";
import { handGrowth } from "../../store/draft.ts";
import { sceneMark } from "../../store/scene.ts";
import { NETWORK } from "../../store/selection.ts";
import { type AppState, setRun, useRun, useSlow } from "../../store/store.ts";
import { unitOf } from "../../store/units.ts";
import { Grown } from "../theatre/Grown.tsx";
import { Theatre } from "../theatre/Theatre.tsx";
import { type Births, partIds, trackBirths } from "./births.ts";
import { gradientOf } from "./colour.ts";
import { scarsOf } from "./cuts.ts";
import { GraphView } from "./GraphView.tsx";
import { graphable } from "./graph.ts";
import { LastSample } from "./LastSample.tsx";
import { colsOf, rowsOf } from "./layout.ts";
import { Preparing } from "./Preparing.tsx";
import { StageRibbon } from "./StageRibbon.tsx";
import { StageView } from "./StageView.tsx";
import "./stage.css";

const viewOf = (state: AppState) => state.view;
const fitOf = (state: AppState) => state.fit;
const stepOf = (state: AppState) => state.clock.step;
const anatomyOf = (state: AppState) => state.state?.anatomy ?? null;

interface Memory {
  readonly run: string | null;
  readonly known: ReadonlySet<string>;
  readonly births: Births;
}

/** Outside the component: another window size or another place of the page makes no newborn part old. */
let memory: Memory = { run: null, known: new Set(), births: {} };

/** Births survive redraws, and go when another run comes. */
function useBirths(run: string | null, anatomy: Anatomy | null, step: number): Births {
  if (anatomy !== null) {
    const last = memory.run === run ? memory : { known: new Set<string>(), births: {} };
    const births = trackBirths(last.known, last.births, anatomy, step);
    const same = JSON.stringify(births) === JSON.stringify(memory.births);
    memory = { run, known: new Set(partIds(anatomy)), births: same ? memory.births : births };
  }
  return memory.births;
}

/** In projector mode the drawing is shown larger as a whole: 11.5 px of caption become 18, and lines 1.5 times as wide. */
const PROJECTED = 1.57;

export function Stage() {
  const { ref, width, height } = useElementSize<HTMLDivElement>();
  const words = useElementSize<HTMLDivElement>();
  const scheme = useComputedColorScheme("light");
  const reduced = useReducedMotion();
  const run = useRun((s) => s.run);
  const anatomy = useRun(anatomyOf);
  const size = useRun((s) => s.state?.size ?? "");
  const label = useRun((s) => s.baseName);
  const params = useRun((s) => s.state?.params ?? 0);
  const active = useRun((s) => s.state?.active ?? 0);
  const budget = useRun((s) => s.budgetSteps);
  const pinned = useRun((s) => s.pinned);
  const hover = useRun((s) => s.hover);
  const marks = useRun((s) => s.marks);
  const phase = useRun((s) => s.phase);
  const missing = useRun((s) => s.missingText);
  const zoom = useRun((s) => (s.projector ? PROJECTED : 1));
  const refused = useRun((s) => refusal(s));
  const flops = useRun((s) => s.state?.flops ?? null);
  const unit = useRun((s) => unitOf(s.config));
  const asGraph = useRun((s) => s.graph);
  const fit = useSlow(fitOf, 150);
  const scene = useRun(sceneMark);
  const view = useSlow(viewOf, 200);
  const step = useSlow(stepOf, 200);
  const births = useBirths(run, anatomy, step);
  const copies = useMemo(
    () => Object.assign({}, ...marks.map((mark) => mark.done?.copies ?? {})) as Record<string, string>,
    [marks],
  );
  const ran = useSlow(ranOf, 500);
  const scars = useMemo(() => scarsOf(marks), [marks]);
  const heading = useMemo(
    () => (words.height === 0 || zoom !== 1 ? null : { right: 24 + words.width, bottom: 14 + words.height }),
    [words.width, words.height, zoom],
  );
  const shown = useMemo(() => (view !== null && view.run === run ? view : null), [view, run]);

  return (
    <section id="network" className="stage-panel" aria-label="The network" tabIndex={-1}>
      {anatomy !== null && (
        <div className="stage-heading">
          <div className="stage-words" ref={words.ref}>
            <h1>
              <button
                type="button"
                className="stage-title"
                title="What can be done to the network (.)"
                onClick={() => setPinned(NETWORK)}
              >
                {label || "Network"}
              </button>
            </h1>
            <p>
              <span>
                {size}, {whole(params)} weights{scars.size > 0 && `, ${whole(active)} in use`}.
              </span>
            </p>
            <StageRibbon />
            {flops !== null && flops.active < flops.executed && (
              <p title="Masked weights do not make this GPU faster. Compaction does.">
                <span>
                  FLOPs per {unit}: {compact(flops.executed)} executed, {compact(flops.active)} active.
                </span>
              </p>
            )}
          </div>
          {/* Comes and goes: the drawing makes no room for it, or it would move. */}
          <Preparing />
        </div>
      )}
      {anatomy !== null && graphable(anatomy) && (
        <button
          type="button"
          className="button small edged stage-views"
          aria-pressed={asGraph}
          title="Units and edges (E)"
          onClick={() => setRun({ graph: !asGraph })}
        >
          Graph
        </button>
      )}
      <div ref={ref} className="stage-room-for-drawing">
        {anatomy === null ? (
          <p className="stage-empty">
            {missing !== null
              ? `The network is drawn when ${missing.name} is here.`
              : phase === "none"
                ? ""
                : "A small network is being planted."}
          </p>
        ) : (
          width > 0 &&
          height > 0 &&
          (fit !== null ? (
            <Theatre {...{ fit, scheme, width, height, zoom }} view={shown} />
          ) : scene !== null ? (
            <Grown key={scene.id} {...{ scheme, width, height, zoom }} mark={scene} />
          ) : asGraph && shown !== null && graphable(anatomy) ? (
            <GraphView
              {...{ anatomy, scheme, reduced, pinned, heading }}
              view={shown}
              width={Math.min(width, 1280)}
              height={height}
              onPin={setPinned}
            />
          ) : (
            <StageView
              anatomy={anatomy}
              view={shown}
              step={step}
              budget={budget}
              births={births}
              copies={copies}
              scars={scars}
              ran={ran}
              pinned={pinned}
              hovered={hover}
              scheme={scheme}
              reduced={reduced}
              width={Math.min(width / zoom, 1280)}
              height={height / zoom}
              zoom={zoom}
              heading={heading}
              growRefused={refused}
              onHover={setHover}
              onPin={setPinned}
              onGrow={growNow}
            />
          ))
        )}
      </div>
      {zoom === 1 ? null : <LastSample />}
      {/* On a phone, where the heading has no width for it. */}
      <div className="stage-ribbon-foot">
        <StageRibbon />
      </div>
      <Foot anatomy={anatomy} view={shown} hover={hover} births={births} step={step} />
    </section>
  );
}

const setHover = (hover: string | null) => setRun({ hover });
const setPinned = (pinned: string | null) => setRun({ pinned, openMark: null });

/** Null when something can grow; else the first sentence why not. */
function refusal(state: AppState): string | null {
  const byHand = handGrowth({ ...state.draft, model: state.config?.model ?? state.draft.model });
  if (byHand !== null && canNow(state, byHand) === true) return null;
  const can = growthActions.flatMap(({ id }) => state.state?.can[id] ?? []);
  if (can.length === 0 || can.some((answer) => answer === true)) return null;
  return String(can[0]);
}

interface FootProps {
  readonly anatomy: Anatomy | null;
  readonly view: RunView | null;
  readonly hover: string | null;
  readonly births: Births;
  readonly step: number;
}

/** The legend, or what the pointed-at part is. Never under the finger. */
function Foot({ anatomy, view, hover, births, step }: FootProps) {
  const scheme = useComputedColorScheme("light");
  if (anatomy === null) return <div className="stage-foot" />;
  if (hover !== null) {
    for (const tier of anatomy.tiers) {
      if (tier.id === hover) {
        return (
          <div className="stage-foot">
            <span className="words">
              <strong>{tier.name}</strong> {tier.note}
            </span>
            <span className="words">press, or the key . for what can be done to it</span>
          </div>
        );
      }
      const part = [...tier.left, ...tier.right].find((p) => p.id === hover);
      if (part === undefined) continue;
      const tile = view?.tiles[part.id];
      return (
        <div className="stage-foot">
          <span className="words">
            <strong>{tier.name}</strong> {part.name}
          </span>
          <span>
            {whole(rowsOf(part))} × {whole(colsOf(part))}
          </span>
          {tile && <span>mean |value| {rough(tile.mean)}</span>}
          {tile && tile.kept < 1 && <span>kept {Math.round(tile.kept * 100)} %</span>}
          {part.kind === "weight" && <span>{whole(step - (births[part.id] ?? 0))} steps old</span>}
        </div>
      );
    }
  }
  const limit = view === null ? "" : rough(view.weightScale);
  const gates = anatomy.tiers.some((t) =>
    t.right.some((p) => p.kind === "activation" && p.strips.length > 0),
  );
  const maps = anatomy.tiers.some((t) => t.left.some((p) => p.kind === "attention"));
  return (
    <div className="stage-foot">
      <span className="stage-legend">
        −{limit} <i style={{ background: gradientOf("diverging", scheme) }} /> {limit}{" "}
        <span className="words">weight</span>
      </span>
      {(gates || maps) && (
        <span className="stage-legend">
          0 <i style={{ background: gradientOf("sequential", scheme) }} /> 1{" "}
          <span className="words">{gates ? "gate" : "attention"}</span>
        </span>
      )}
      {view !== null && Object.values(view.tiles).some((tile) => tile.life != null && tile.kept < 1) && (
        <span className="stage-legend">
          <i className="kept" /> <span className="words">share kept, a tick for each cut</span>
        </span>
      )}
      {Object.keys(births).length > 0 && (
        <span className="stage-legend">
          <i className="new" /> <span className="words">newborn</span>
        </span>
      )}
    </div>
  );
}

/** Which layers the last step ran, where steps leave out layers. */
const ranOf = ({ state, drops }: AppState): string | undefined =>
  state?.dropping ? drops.at(-1)?.ran : undefined;
