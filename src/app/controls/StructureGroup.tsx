/**
 * What is done to a network besides growing it: cutting, compacting, freezing, surgery on gates. Drawn from the catalog by
 * what an action does, so that a new one appears here by being registered. An action may first be asked what it would do to
 * the loss; the real figure then stands in the record of the event, beside what was predicted here.
 */
import { type ReactNode, useEffect, useId, useState } from "react";
import type { Field as FieldSchema, Value } from "../../config/schema.ts";
import type { ActionEntry } from "../../run/catalog.ts";
import type { Choice } from "../../run/config.ts";
import type { StructurePreview } from "../../run/events.ts";
import { fixed, whole } from "../format.ts";
import { Icon, type IconName } from "../Icons.tsx";
import { choiceOf, structureActionsFor } from "../store/catalog.ts";
import { requestPreview, send } from "../store/client.ts";
import { useRun } from "../store/store.ts";
import { ChoiceField } from "./ChoiceField.tsx";
import { capital } from "./Field.tsx";
import { FieldInput, isWide } from "./FieldInput.tsx";
import { Group } from "./Group.tsx";

/** +.004, −.012 */
const signed = (value: number): string => (value < 0 ? fixed(value, 3) : `+${fixed(value, 3)}`);

const ICONS: Readonly<Partial<Record<ActionEntry["does"], IconName>>> = { prune: "prune", compact: "prune" };

/** "Predicted loss change on the probe batch +.004. 2,417 of 6,634 weights stay in use." */
export function predicted(outcome: StructurePreview): string {
  const change = signed(outcome.lossAfter - outcome.lossBefore);
  const { activeBefore, activeAfter, paramsBefore, paramsAfter } = outcome;
  const size =
    paramsAfter !== paramsBefore
      ? `The network goes from ${whole(paramsBefore)} to ${whole(paramsAfter)} weights.`
      : activeAfter !== activeBefore
        ? `${whole(activeBefore - activeAfter)} of ${whole(activeBefore)} weights go, ${Math.round((1 - activeAfter / Math.max(1, activeBefore)) * 100)} %.`
        : "No weight comes or goes.";
  return `Predicted loss change on the probe batch ${change}. ${size}`;
}

/** A row for one value of the action; nothing of it enters the config before it is done. */
function Row(props: {
  readonly field: FieldSchema;
  readonly value: Value;
  readonly onSet: (value: Value) => void;
}): ReactNode {
  const id = useId();
  const { field } = props;
  return (
    <div className={isWide(field) ? "field wide" : "field"}>
      <div className="field-label">
        <label htmlFor={id} id={`${id}-label`}>
          {capital(field.label)}
          {field.symbol === undefined ? null : <span className="plate symbol"> {field.symbol}</span>}
        </label>
      </div>
      <FieldInput id={id} {...props} describedBy={undefined} invalid={false} />
    </div>
  );
}

export function StructureGroup(): ReactNode {
  const model = useRun((s) => s.config?.model.id ?? s.draft.model.id);
  const able = structureActionsFor(model);
  const [id, setId] = useState<string | null>(null);
  const entry = able.find((one) => one.id === id) ?? able[0];
  return (
    <Group
      title="Structure"
      line={entry?.label ?? "nothing here"}
      owns={() => false}
      off={entry === undefined}
    >
      {entry === undefined ? (
        <p className="group-note">Nothing but growth is known for this model.</p>
      ) : (
        <>
          <ChoiceField
            label="Action"
            entries={able}
            model={model}
            value={entry.id}
            onPick={setId}
            listed
            wide
          />
          <ActionForm key={entry.id} entry={entry} />
        </>
      )}
    </Group>
  );
}

function ActionForm({ entry }: { readonly entry: ActionEntry }): ReactNode {
  const [values, setValues] = useState<Choice>(() => choiceOf(entry));
  const [answer, setAnswer] = useState<{ readonly key: string; readonly says: string } | null>(null);
  const can = useRun((s) => s.state?.can[entry.id] ?? "Start a run first.");
  const step = useRun((s) => s.state?.step ?? 0);
  const open = useRun((s) => s.phase === "paused" || s.phase === "running");
  const pinned = useRun((s) => s.pinned);
  const target = Object.keys(entry.schema).find((key) => entry.schema[key]!.kind === "path");
  const action: Choice = target !== undefined && pinned !== null ? { ...values, [target]: pinned } : values;
  const key = `${JSON.stringify(action)} ${step}`;
  useEffect(() => setValues(choiceOf(entry)), [entry]);
  const says = answer?.key === key ? answer.says : null;
  const ready = open && can === true;
  return (
    <>
      <p className="group-note">{entry.summary}</p>
      {Object.entries(entry.schema).map(([name, field]) =>
        field.kind === "path" ? null : (
          <Row
            key={name}
            field={field}
            value={values[name] ?? field.default}
            onSet={(value) => setValues((old) => ({ ...old, [name]: value }))}
          />
        ),
      )}
      {target === undefined ? null : (
        <p className="group-note">
          {pinned === null
            ? "Acts on the whole network. Press a tile to aim at it."
            : "Acts on the part that is pinned."}
        </p>
      )}
      <p className="group-note" aria-live="polite">
        {says ?? (can === true ? "" : can)}
      </p>
      <div className="row wrap">
        <button
          type="button"
          className="button small"
          disabled={!ready}
          onClick={() => {
            setAnswer({ key, says: "Asking the network." });
            void requestPreview(action).then((told) => {
              if (told === null) return;
              setAnswer({ key, says: told.outcome === null ? told.message : predicted(told.outcome) });
            });
          }}
        >
          Preview
        </button>
        <button
          type="button"
          className="button small edged"
          disabled={!ready}
          onClick={() => send({ type: "act", action })}
        >
          <Icon name={ICONS[entry.does] ?? "step"} size={14} />
          {entry.label} now
        </button>
      </div>
      {entry.does === "prune" ? (
        <p className="group-note">Masked weights do not make this GPU faster. Compaction does.</p>
      ) : null}
    </>
  );
}
