/** The record of one event: what it was, its figures before and after, and whether the function stayed the same. */
import type { ReactNode } from "react";
import type { StructurePreview } from "../../run/events.ts";
import type { Feeds } from "../../run/messages.ts";
import { GLYPHS } from "../charts/marks.ts";
import { sayMark } from "../charts/score-data.ts";
import { RECORD_TITLE } from "../focus.ts";
import { apart, compact, duration, fixed, loss, plain, rough, signed, whole } from "../format.ts";
import { Icon } from "../Icons.tsx";
import { canGoTo, goTo } from "../store/actions.ts";
import { beginWithNode } from "../store/begin.ts";
import { catalog, labelOf } from "../store/catalog.ts";
import { bornTitle } from "../store/say.ts";
import { closeScene, keepScene } from "../store/scene.ts";
import type { Fit, Mark, StructureDone } from "../store/session.ts";
import { setRun, useRun } from "../store/store.ts";
import { unitOf } from "../store/units.ts";
import { type FigureRow, FiguresTable } from "./FiguresTable.tsx";
import { Plate } from "./Plate.tsx";
import { RecordCounts, RecordNotes } from "./RecordNotes.tsx";
import { Compared } from "./theatre/BesideFpi.tsx";
import { GroupBand, LayerLines } from "./theatre/FeedDrawing.tsx";
import { FitLosses } from "./theatre/FitLosses.tsx";
import { OperatorMaps } from "./theatre/OperatorMaps.tsx";

export function EventRecord({ mark }: { readonly mark: Mark }): ReactNode {
  const { done } = mark;
  return (
    <section className="rail-section record" aria-label="Record of the event">
      <div className="row spread">
        <h2 className="record-title" id={RECORD_TITLE} tabIndex={-1}>
          <span className="glyph" data-kind={mark.kind} aria-hidden="true">
            {GLYPHS[mark.kind]}
          </span>
          <span className="plate">{done ? bornTitle(mark) : titleOf(mark)}</span>
        </h2>
        <button
          type="button"
          className="icon-button"
          aria-label="Close"
          onClick={() => setRun({ openMark: null })}
        >
          <Icon name="close" size={14} />
        </button>
      </div>
      <p className="caption soft">
        {done
          ? `step ${whole(mark.clock.step)}, ${labelOf(catalog.actions, done.method)}, ${decidedBy(done.by)}`
          : `${sayMark(mark)}.`}
      </p>
      {done === null ? null : done.feeds ? (
        <Fed feeds={done.feeds} mark={mark} />
      ) : (
        <Silhouettes mark={mark} done={done} />
      )}
      {done && mark.predicted ? <Foretold done={done} predicted={mark.predicted} /> : null}
      {done ? <Figures done={done} node={mark.node} /> : null}
      {mark.fit ? <Learned fit={mark.fit} /> : null}
    </section>
  );
}

/** The network before and after, by the stage's own rule; what it may still grow is not this event's matter. */
function Silhouettes({ mark, done }: { readonly mark: Mark; readonly done: StructureDone }): ReactNode {
  const config = useRun((s) => s.config);
  const marks = useRun((s) => s.marks);
  if (config === null) return null;
  // On another branch: what came before it is not known here by its place.
  const older = marks.slice(0, Math.max(0, marks.indexOf(mark))).filter((each) => each.done !== null);
  const before = older[older.length - 1]?.done?.arch ?? config.model;
  return (
    <figure className="record-figure">
      <div className="silhouettes" aria-hidden="true">
        {[before, done.arch].map((arch, i) => (
          <Plate
            key={i === 0 ? "before" : "after"}
            config={{ ...config, model: { ...config.model, ...arch }, recipe: [] }}
          />
        ))}
      </div>
      <figcaption className="caption soft">
        {done.sizeBefore === done.sizeAfter
          ? `The network before and after, of one shape: ${done.sizeAfter}`
          : `The network before, ${done.sizeBefore}, and after, ${done.sizeAfter}`}
      </figcaption>
    </figure>
  );
}

const TITLES: Readonly<Record<Mark["kind"], string>> = {
  growth: "Grown",
  cut: "Pruned",
  change: "Changed",
  undo: "Undone",
  redo: "Redone",
  edit: "A setting changed",
  refused: "Not grown",
  "given-up": "Given up",
  diverged: "The loss diverged",
  stopped: "Stopped",
};

/** What was refused says so itself: "Not pruned: nothing is old enough." */
const titleOf = ({ kind, label }: Mark): string =>
  (kind === "refused" ? /^Not \w+(?=:)/.exec(label)?.[0] : undefined) ?? TITLES[kind];

function decidedBy(by: string): string {
  if (by === "step") return "set for this step";
  return by === "hand" ? "by hand" : labelOf(catalog.triggers, by).toLowerCase();
}

/** Largest logit change that still counts as the same function (grow-prune §1.3, step 8). */
export function logitLimit(maxLogit: number): number {
  return 1e-5 * Math.max(1, maxLogit);
}

/** What was there, what there is now, and which fed which. */
function Fed({ feeds, mark }: { readonly feeds: Feeds; readonly mark: Mark }): ReactNode {
  const kept = useRun((s) => s.scene?.kept === true && s.scene.mark === mark.id);
  return (
    <>
      <LayerLines rows={feeds.layers} />
      <p className="caption soft">Which layer feeds which: before on the left, after on the right</p>
      <GroupBand rows={feeds.groups} width={300} />
      <div className="row">
        <button
          type="button"
          className="button edged"
          aria-pressed={kept}
          onClick={() => (kept ? closeScene() : keepScene(mark.id))}
        >
          Side by side on the stage
        </button>
      </div>
    </>
  );
}

/** The operator as it was committed, and how its loss came there. */
function Learned({ fit }: { readonly fit: Fit }): ReactNode {
  return (
    <>
      <h3 className="caption">The operator, to its commit</h3>
      <FitLosses points={fit.points} steps={fit.view.steps} width={300} />
      <OperatorMaps fit={fit.view} />
      <Compared fit={fit.view} />
    </>
  );
}

/** What was predicted when it was asked for, beside what happened. */
function Foretold({
  done,
  predicted,
}: {
  readonly done: StructureDone;
  readonly predicted: StructurePreview;
}): ReactNode {
  const row = (name: string, value: (of: StructurePreview | StructureDone) => string): FigureRow => [
    name,
    value(predicted),
    value(done),
  ];
  return (
    <FiguresTable
      columns={["predicted", "real"]}
      rows={[
        row("loss change on the probe batch", (of) => signed(of.lossAfter - of.lossBefore, 4)),
        row("weights in use", (of) => whole(of.activeAfter)),
        row("largest logit change", (of) => rough(of.maxLogitDelta)),
      ]}
    />
  );
}

function Figures({ done, node }: { readonly done: StructureDone; readonly node: string | null }): ReactNode {
  const limit = logitLimit(done.maxLogit);
  const same = done.maxLogitDelta <= limit;
  const change = done.lossAfter - done.lossBefore;
  const unit = useRun((s) => unitOf(s.config));
  const canUndo = useRun((s) => canGoTo(s, done.parent));
  const canBranch = useRun((s) => node !== null && canGoTo(s, node));
  const onLine = useRun((s) => s.marks.some((mark) => mark.node === node));
  const { flopsBefore } = done;
  const rows: readonly FigureRow[] = [
    ["loss on the probe batch", fixed(done.lossBefore, 4), fixed(done.lossAfter, 4)],
    ["largest logit change", "", rough(done.maxLogitDelta)],
    ["size", done.sizeBefore, done.sizeAfter],
    ["weights", whole(done.paramsBefore), whole(done.paramsAfter)],
    ["weights in use", whole(done.activeBefore), whole(done.activeAfter)],
    ...(done.executedFlops === undefined
      ? []
      : [[`FLOPs per ${unit}, executed`, ...apart(flopsBefore?.executed, done.executedFlops)] as const]),
    [`FLOPs per ${unit}, active`, ...apart(flopsBefore?.active, done.activeFlops)],
    ...operatorRows(done),
    ["pause", "", duration(done.milliseconds / 1000)],
  ];
  return (
    <>
      <FiguresTable columns={["before", "after"]} words={["size"]} rows={rows} />
      <RecordCounts done={done} />
      <p className="verdict" data-same={same || undefined} data-worse={(!same && change > 0) || undefined}>
        {same ? <Icon name="check" /> : null}
        {same
          ? `Same function: largest logit change ${rough(done.maxLogitDelta)}, limit ${plain(Number(limit.toPrecision(2)))}.`
          : `The function changed: the loss ${sayChange(change)}, largest logit change ${rough(done.maxLogitDelta)}.`}
      </p>
      <RecordNotes done={done} />
      {done.kind === "prune" ? (
        <p className="caption soft record-note">
          Masked weights do not make this GPU faster. Compaction does.
          {onLine ? " Undo this rolls back to just before the cut." : ""}
        </p>
      ) : null}
      <div className="row wrap">
        <button type="button" className="button edged" disabled={!canUndo} onClick={() => goTo(done.parent)}>
          <Icon name="undo" />
          {onLine ? "Undo this" : "Go to before it"}
          {onLine ? (
            <span className="kbd" aria-hidden="true">
              U
            </span>
          ) : null}
        </button>
        {node === null ? null : (
          <button
            type="button"
            className="button edged"
            disabled={!canBranch}
            onClick={() => goTo(node, true)}
          >
            <Icon name="branch" />
            Branch from here
          </button>
        )}
        {canBranch && node !== null ? (
          <button
            type="button"
            className="button"
            title="At step 0, with these weights"
            onClick={() => void beginWithNode(node, `step ${whole(done.step)}`)}
          >
            New run from here
          </button>
        ) : null}
        <button type="button" className="button" onClick={() => setRun({ doc: done.method })}>
          How it works
        </button>
      </div>
    </>
  );
}

/** "goes up .010"; a change too small for three places has as many as it needs. */
function sayChange(change: number): string {
  if (change === 0) return "stays the same";
  const size = Math.abs(change);
  return `goes ${change > 0 ? "up" : "down"} ${size < 5e-4 ? rough(size) : loss(size)}`;
}

/** Of a growth whose operator was trained: how far, what it did to the loss, and what the run was charged for it. */
function operatorRows({ extra }: StructureDone): readonly FigureRow[] {
  const { operatorSteps, operatorFlops, operatorFirst, operatorLast } = extra;
  if (operatorSteps === undefined) return [];
  const learned =
    operatorFirst === undefined || operatorLast === undefined
      ? []
      : [["operator's loss", fixed(operatorFirst, 4), fixed(operatorLast, 4)] as const];
  return [
    ["operator steps", "", whole(operatorSteps)],
    ...learned,
    ["charged for it, FLOPs", "", compact(operatorFlops ?? 0)],
  ];
}
