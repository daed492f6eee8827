/**
 * One action on a running network: its values, what it would do, and doing it. The same form under Structure and in the
 * surgeon's table; where it acts is told by whoever shows it. Nothing of it enters the config before it is done.
 */
import { Fragment, type ReactNode, useEffect, useState } from "react";
import type { Value } from "../../config/schema.ts";
import type { ActionEntry } from "../../run/catalog.ts";
import type { Choice } from "../../run/config.ts";
import { layerMap } from "../../run/layer-map.ts";
import { Icon, type IconName } from "../Icons.tsx";
import { act } from "../store/actions.ts";
import { beforeAsking } from "../store/can.ts";
import { choiceOf } from "../store/catalog.ts";
import { predicted } from "../store/foretold.ts";
import { askPreview, type Told, toldOf } from "../store/previews.ts";
import { useRun } from "../store/store.ts";
import { unitOf } from "../store/units.ts";
import { InRounds } from "./InRounds.tsx";
import { LayerMapField } from "./LayerMapField.tsx";
import { Row } from "./Row.tsx";

const ICONS: Readonly<Partial<Record<ActionEntry["does"], IconName>>> = {
  grow: "grow",
  insert: "grow",
  prune: "prune",
  compact: "prune",
  remove: "prune",
};

export const iconOf = ({ does }: ActionEntry): IconName => ICONS[does] ?? "step";

function saying(told: Told | null, here: number | null, unit: string): string | null {
  if (told === null) return null;
  if (told === "asking") return "Asking the network.";
  return told.outcome === null ? told.message : predicted(told.outcome, here, unit);
}

export interface ActionFormProps {
  readonly entry: ActionEntry;
  /** Values that the selection decides: the target, the donor. They have no row. */
  readonly aimed: Readonly<Record<string, Value>>;
  /** Where it acts, as a sentence; null where that is said already. */
  readonly where: string | null;
  /** Weights in use there; null for the whole network, or when not known. */
  readonly here?: number | null;
  /** On the button, and after it for whoever does not see where the button stands. */
  readonly does: string;
  readonly on?: string;
  /** Into the recipe, with a rule instead of now. */
  readonly onPlan?: (action: Choice) => void;
  readonly start?: Choice;
}

export function ActionForm({
  entry,
  aimed,
  where,
  here = null,
  does,
  on = "",
  onPlan,
  start,
}: ActionFormProps): ReactNode {
  const fresh = (): Choice => start ?? choiceOf(entry);
  const [values, setValues] = useState<Choice>(fresh);
  const can = useRun((s) => s.state?.can[entry.id] ?? "Start a run first.");
  const before = useRun(beforeAsking);
  const standing = before === null;
  const open = useRun((s) => s.phase === "paused" || s.phase === "running");
  const action: Choice = { ...values, ...aimed };
  const told = useRun((s) => toldOf(s, action));
  // What came of the last press: a refusal is said where it was asked for.
  const [pressed, setPressed] = useState<string | null>(null);
  const refusal = useRun((s) =>
    s.refusal !== null && (s.refusal.about === "growth" || s.refusal.about === "act") ? s.refusal : null,
  );
  const refused = pressed !== null && refusal !== null && refusal.id !== pressed ? refusal.message : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another action begins with its own values
  useEffect(() => setValues(fresh()), [entry]);
  const unit = useRun((s) => unitOf(s.config));
  const layers = useRun((s) => Number(s.state?.arch.layers ?? 0));
  const maxLayers = useRun((s) => Number(s.state?.arch.maxLayers ?? 0));
  const map = layerMap(entry.schema, values, layers, maxLayers);
  const says = saying(told, here, unit);
  // `can` was asked with the defaults: other values may be possible, and are refused with a sentence if they are not.
  const asGiven = JSON.stringify(action) === JSON.stringify(choiceOf(entry));
  const ready = open && (can === true || !asGiven);
  return (
    <>
      <p className="group-note">{entry.summary}</p>
      {Object.entries(entry.schema).map(([name, field]) =>
        field.kind === "path" || name in aimed ? null : (
          <Fragment key={name}>
            <Row
              field={field}
              value={values[name] ?? field.default}
              onSet={(value) => setValues((old) => ({ ...old, [name]: value }))}
            />
            {name === map?.list ? (
              <LayerMapField
                map={map}
                layers={layers}
                onSet={(sources) =>
                  setValues((old) => ({ ...old, [map.rule]: "manual", [map.list]: sources }))
                }
              />
            ) : null}
          </Fragment>
        ),
      )}
      {where === null ? null : <p className="group-note">{where}</p>}
      <p className="group-note" aria-live="polite">
        {refused ??
          says ??
          (can === true || !asGiven
            ? standing
              ? ""
              : `${before} to see what it would do to the loss.`
            : can)}
      </p>
      {/* Never disabled outright: a button that has the focus would lose it while the network is changed. */}
      <div className="row wrap">
        <button
          type="button"
          className="button small"
          aria-disabled={!ready || !standing || told === "asking"}
          aria-label={on === "" ? undefined : `Preview: ${on}`}
          onClick={() => {
            if (ready && standing && told !== "asking") void askPreview(action);
          }}
        >
          Preview
        </button>
        <button
          type="button"
          className="button small edged"
          aria-disabled={!ready}
          aria-label={on === "" ? undefined : `${does}: ${on}`}
          onClick={() => {
            if (!ready) return;
            setPressed(refusal?.id ?? "");
            act(action);
          }}
        >
          <Icon name={iconOf(entry)} size={14} />
          {does}
        </button>
        {onPlan === undefined ? null : (
          <button type="button" className="button small" onClick={() => onPlan(action)}>
            Plan it
          </button>
        )}
      </div>
      {entry.does === "prune" ? (
        <>
          <p className="group-note">Masked weights do not make this GPU faster. Compaction does.</p>
          {"share" in entry.schema ? <InRounds action={action} /> : null}
        </>
      ) : null}
    </>
  );
}
