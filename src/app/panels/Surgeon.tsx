/**
 * The surgeon's table: what can be done to the selection, each thing with its target filled in. A row opens to its values,
 * asks what it would do to the loss, and does it; all rows can be asked at once, and then stand beside each other by the
 * change of the loss that they would cost.
 */
import { SegmentedControl } from "@mantine/core";
import { type ReactNode, useEffect, useId, useState } from "react";
import type { ActionEntry } from "../../run/catalog.ts";
import { ActionForm, iconOf } from "../controls/ActionForm.tsx";
import { signed } from "../format.ts";
import { Icon } from "../Icons.tsx";
import { beforeAsking } from "../store/can.ts";
import { costLine, happened } from "../store/foretold.ts";
import { askPreview, toldOf } from "../store/previews.ts";
import { NETWORK, selectionOf, weightsIn } from "../store/selection.ts";
import { type AppState, getRun, setRun, useRun, useSlow } from "../store/store.ts";
import { actionOf, type Deed, deedsOn, gateOf, gatesOf, RAIL_TABLE } from "../store/surgery.ts";
import { unitOf } from "../store/units.ts";
import { WithoutLayer } from "./off/WithoutLayer.tsx";
import { RailHead } from "./RailHead.tsx";
import "./surgeon.css";

/** No gate by itself. */
const ALL = "all gates";

const viewOf = (state: AppState) => state.view;

/** In the rail, of what is pinned there. */
export function Surgeon(): ReactNode {
  return <SurgeonTable at={useRun((s) => s.pinned)} titleId={RAIL_TABLE} />;
}

/** The table for one selection, wherever it is shown. */
export function SurgeonTable({
  at,
  titleId,
}: {
  readonly at: string | null;
  readonly titleId: string;
}): ReactNode {
  const anatomy = useRun((s) => s.state?.anatomy ?? null);
  const arch = useRun((s) => s.state?.arch ?? null);
  const network = useRun((s) => s.state);
  const unit = useRun((s) => unitOf(s.config));
  const view = useSlow(viewOf, 500);
  const [open, setOpen] = useState<string | null>(null);
  const [gate, setGate] = useState(ALL);
  const selection = selectionOf(anatomy, at);
  if (selection === null || arch === null) return null;
  const gates = gatesOf(selection);
  const chosen = gates.includes(gate) ? gate : ALL;
  const aim = chosen === ALL ? selection : gateOf(selection, chosen);
  const deeds = deedsOn(aim, arch);
  // Tiles are of all gates together.
  const all = weightsIn(selection, view);
  const size = chosen === ALL ? all : null;
  return (
    <section className="rail-section surgeon" aria-labelledby={titleId}>
      <div className="row spread">
        {/* The keys that open the table lead here. */}
        <h2 id={titleId} tabIndex={-1} data-autofocus>
          What can be done
        </h2>
        <AskAll deeds={deeds} />
      </div>
      <p className="caption soft">
        {all === null || network === null
          ? ""
          : costLine(all, network, { part: selection.id !== NETWORK, unit })}
      </p>
      <WithoutLayer at={selection.tier?.id ?? null} />
      {gates.length === 0 ? null : (
        <SegmentedControl
          className="segmented gates"
          size="xs"
          fullWidth
          aria-label="Gates to act on"
          data={[ALL, ...gates]}
          value={chosen}
          onChange={setGate}
        />
      )}
      <ul className="deeds">
        {deeds.map((deed) => (
          <DeedRow
            key={`${selection.id} ${chosen} ${deed.entry.id}`}
            deed={deed}
            weights={deed.here && selection.target !== "" ? (size?.active ?? null) : null}
            open={open === deed.entry.id}
            onOpen={(on) => setOpen(on ? deed.entry.id : null)}
          />
        ))}
      </ul>
    </section>
  );
}

/** All rows, one question after the other; a press on anything else ends it. */
function AskAll({ deeds }: { readonly deeds: readonly Deed[] }): ReactNode {
  const before = useRun(beforeAsking);
  const standing = before === null;
  const [busy, setBusy] = useState(false);
  const ask = async (): Promise<void> => {
    setBusy(true);
    for (const deed of deeds) {
      const { phase, state } = getRun();
      if (phase !== "paused") break;
      if (deed.here || state?.can[deed.entry.id] === true) await askPreview(actionOf(deed));
    }
    setBusy(false);
  };
  return (
    <button
      type="button"
      className="button small"
      disabled={!standing || busy}
      title={before ?? undefined}
      onClick={() => void ask()}
    >
      {busy ? "Asking" : "Preview all"}
    </button>
  );
}

interface DeedRowProps {
  readonly deed: Deed;
  readonly weights: number | null;
  readonly open: boolean;
  readonly onOpen: (open: boolean) => void;
}

const VERBS: Readonly<Record<ActionEntry["does"], string>> = {
  grow: "Grow",
  prune: "Prune",
  swap: "Change",
  insert: "Insert",
  compact: "Compact",
  freeze: "Freeze",
  remove: "Remove",
  drop: "Drop",
};

function DeedRow({ deed, weights, open, onOpen }: DeedRowProps): ReactNode {
  const id = useId();
  const { entry, aimed, here, object, start } = deed;
  return (
    <li className="deed">
      <button
        type="button"
        className="deed-head"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => onOpen(!open)}
      >
        <Icon name={iconOf(entry)} size={14} />
        <span className="deed-name">
          <strong>
            {VERBS[entry.does]}
            {here ? " here" : ""}
          </strong>{" "}
          {entry.label === VERBS[entry.does] ? null : <span className="soft">{entry.label}</span>}
        </span>
        <Change deed={deed} />
        <span className="group-arrow" data-open={open || undefined}>
          <Icon name="down" size={12} />
        </span>
      </button>
      {open ? (
        <div id={id} className="deed-body">
          <ActionForm
            entry={entry}
            aimed={aimed}
            where={`Acts on ${object}.`}
            here={weights}
            does="Apply"
            on={`${entry.label}, ${object}`}
            start={start}
          />
          <Real method={entry.id} />
          <button
            type="button"
            className="button small"
            aria-label={`How it works: ${entry.label}`}
            onClick={() => setRun({ doc: entry.id })}
          >
            How it works
          </button>
        </div>
      ) : null}
    </li>
  );
}

/** What the newest event came to, when it was this action and came while the row stands open. */
function Real({ method }: { readonly method: string }): ReactNode {
  const [before] = useState(() => getRun().marks.at(-1));
  const last = useRun((s) => s.marks.at(-1));
  const unit = useRun((s) => unitOf(s.config));
  if (last === undefined || last === before || last.done?.method !== method) return null;
  return (
    <p className="caption" aria-live="polite">
      {happened(last.done, last.predicted ?? null, unit)}
    </p>
  );
}

/** Pixels of the bar for the change of the loss, to either side; its end is this change or more. */
const BAR = 22;
const MOST = 0.1;

/** The predicted change of the loss as a bar from zero, to the right where it rises, and its figure. */
function Change({ deed }: { readonly deed: Deed }): ReactNode {
  const action = actionOf(deed);
  const told = useRun((s) => toldOf(s, action));
  if (told === null) return null;
  if (told === "asking") return <span className="caption soft">asking</span>;
  if (told.outcome === null) return <span className="caption soft">cannot now</span>;
  const change = told.outcome.lossAfter - told.outcome.lossBefore;
  const length = Math.min(1, Math.abs(change) / MOST) * BAR;
  const rises = change > 0;
  return (
    <span className="deed-change mono">
      <span className="hidden">predicted loss change </span>
      <svg width={2 * BAR} height={10} aria-hidden="true">
        <rect
          x={rises ? BAR : BAR - length}
          y={2}
          width={length}
          height={6}
          fill={rises ? "var(--cut)" : "var(--leaf)"}
        />
        <path d={`M${BAR} 0v10`} stroke="var(--ink)" />
      </svg>
      {signed(change)}
    </span>
  );
}

/** The tier or the network, selected: there is no tile to open. */
export function SelectedTier(): ReactNode {
  const pinned = useRun((s) => s.pinned);
  const anatomy = useRun((s) => s.state?.anatomy ?? null);
  const selection = selectionOf(anatomy, pinned);
  const gone = pinned !== null && anatomy !== null && selection === null;
  // Undone, removed: what was selected is no longer there to be spoken of.
  useEffect(() => {
    if (gone) setRun({ pinned: null });
  }, [gone]);
  if (selection === null || selection.part !== null) return null;
  return (
    <section className="rail-section" aria-label={selection.name}>
      <RailHead>
        {selection.tier === null ? "The whole network" : selection.name}
        {selection.tier === null || selection.unit !== null ? null : (
          <span className="soft"> {selection.tier.note}</span>
        )}
      </RailHead>
    </section>
  );
}
