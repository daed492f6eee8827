/**
 * What is done to a network besides growing it: cutting, compacting, freezing, surgery on gates. Drawn from the catalog by
 * what an action does, so that a new one appears here by being registered. An action may first be asked what it would do to
 * the loss; the real figure then stands in the record of the event.
 */
import { type ReactNode, useState } from "react";
import type { ActionEntry } from "../../run/catalog.ts";
import { editDraft } from "../store/actions.ts";
import { catalog, choiceOf, dropActionsFor, find, labelOf, structureActionsFor } from "../store/catalog.ts";
import { surgeries } from "../store/draft.ts";
import { objectOf, selectionOf } from "../store/selection.ts";
import { useRun } from "../store/store.ts";
import { ActionForm } from "./ActionForm.tsx";
import { ChoiceField } from "./ChoiceField.tsx";
import { EntryRows } from "./Entries.tsx";
import { Group } from "./Group.tsx";

export function StructureGroup(): ReactNode {
  const model = useRun((s) => s.config?.model.id ?? s.draft.model.id);
  return <ActionsGroup title="Structure" able={structureActionsFor(model)} drops={false} />;
}

/** Layers that training steps leave out: the line says what is so now. */
export function DroppingGroup(): ReactNode {
  const model = useRun((s) => s.config?.model.id ?? s.draft.model.id);
  const now = useRun((s) => s.state?.dropping?.action.id ?? null);
  const able = dropActionsFor(model);
  if (able.length === 0) return null;
  const line = now === null ? null : labelOf(catalog.actions, now);
  return <ActionsGroup title="Dropping" able={able} drops line={line ?? "every layer runs"} />;
}

interface Props {
  readonly title: string;
  readonly able: readonly ActionEntry[];
  readonly drops: boolean;
  /** What stands beside the title when nothing is planned. */
  readonly line?: string;
}

function ActionsGroup({ title, able, drops, line }: Props): ReactNode {
  const model = useRun((s) => s.config?.model.id ?? s.draft.model.id);
  const [id, setId] = useState<string | null>(null);
  const entry = able.find((one) => one.id === id) ?? able[0];
  const draft = useRun((s) => s.draft);
  const planned = surgeries(draft, drops);
  const [open, setOpen] = useState<number | null>(null);
  const anatomy = useRun((s) => s.state?.anatomy ?? null);
  const selected = selectionOf(
    anatomy,
    useRun((s) => s.pinned),
  );
  const target = Object.entries(entry?.schema ?? {}).find(([, field]) => field.kind === "path")?.[0];
  return (
    <Group
      title={title}
      line={line ?? (planned.length > 0 ? `${planned.length} planned` : (entry?.label ?? "nothing here"))}
      owns={() => false}
      off={entry === undefined && planned.length === 0}
    >
      {planned.length > 0 ? (
        <EntryRows entries={planned} actions={able} open={open} onOpen={setOpen} />
      ) : null}
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
          <ActionForm
            key={entry.id}
            entry={entry}
            does={`${entry.label} now`}
            aimed={target === undefined || selected === null ? {} : { [target]: selected.target }}
            where={
              target === undefined
                ? null
                : selected === null || selected.target === ""
                  ? "Acts on the whole network. Press a tile to aim at it."
                  : `Acts on what is selected: ${objectOf(selected)}.`
            }
            onPlan={(action) => {
              const when = find(catalog.triggers, "at");
              if (when === null) return;
              setOpen(draft.recipe.length);
              editDraft((old) => ({ ...old, recipe: [...old.recipe, { trigger: choiceOf(when), action }] }));
            }}
          />
        </>
      )}
    </Group>
  );
}
