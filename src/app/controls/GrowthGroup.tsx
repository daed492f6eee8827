/**
 * What the network grows by and when: the recipe's entries, each a method with its values and a trigger with its own.
 * One entry is drawn as plain fields; several as rows, a sentence each, which can be dragged, opened and removed. With
 * none the fields show what the Grow button would do, and choosing a rule makes the first entry.
 */
import { type ReactNode, useState } from "react";
import type { Value } from "../../config/schema.ts";
import type { RecipeEntry, RunConfig } from "../../run/config.ts";
import { count } from "../format.ts";
import { Icon } from "../Icons.tsx";
import { editDraft } from "../store/actions.ts";
import { catalog, choiceOf, find, growthActions, growthsFor, labelOf } from "../store/catalog.ts";
import { checkedDraft } from "../store/checked.ts";
import { byHand, growths, newGrowth, sized, valueAt, withValue } from "../store/draft.ts";
import { useRun } from "../store/store.ts";
import { ChoiceField } from "./ChoiceField.tsx";
import { Field } from "./Field.tsx";
import { Group } from "./Group.tsx";
import { HandRows, RecipeRow } from "./RecipeRow.tsx";

/** The draft with an entry at this place; the place after the last makes it. */
function withEntry(draft: RunConfig, index: number, change: (entry: RecipeEntry) => RecipeEntry): RunConfig {
  const entry = draft.recipe[index] ?? newGrowth(draft);
  if (!entry) return draft;
  const recipe = [...draft.recipe];
  recipe[index] = change(entry);
  return { ...draft, recipe };
}

export function setMethod(index: number, id: string): void {
  const method = find(catalog.actions, id);
  if (!method) return;
  editDraft((draft) =>
    withEntry(draft, index, (entry) => ({ ...entry, action: sized(choiceOf(method), draft.model) })),
  );
}

function setTrigger(index: number, id: string): void {
  const trigger = find(catalog.triggers, id);
  if (!trigger) return;
  editDraft((draft) => withEntry(draft, index, (entry) => ({ ...entry, trigger: choiceOf(trigger) })));
}

function EntryFields({ index, entry }: { readonly index: number; readonly entry: RecipeEntry }): ReactNode {
  const model = useRun((s) => s.draft.model.id);
  const path = `recipe.${index}`;
  const base = useRun((s) => {
    const action = valueAt(s.base, `${path}.action.id`);
    return typeof action === "string" ? action : undefined;
  });
  const baseWhen = useRun((s) => {
    const trigger = valueAt(s.base, `${path}.trigger.id`);
    return typeof trigger === "string" ? trigger : undefined;
  });
  const running = useRun((s) => s.config?.recipe[index]);
  const error = useRun((s) => checkedDraft(s.draft, `${path}.action.id`));
  const part = (name: "trigger" | "action"): ReactNode => {
    const source = find(name === "trigger" ? catalog.triggers : catalog.actions, entry[name].id);
    return Object.entries(source?.schema ?? {}).map(([key, field]) => (
      <Field
        key={`${entry[name].id}.${key}`}
        path={`${path}.${name}.${key}`}
        field={field}
        otherwise={entry[name][key] as Value}
        atOnce={byHand(entry)}
        onSet={(value) =>
          editDraft((draft) =>
            withValue(
              withEntry(draft, index, (made) => made),
              `${path}.${name}.${key}`,
              value,
            ),
          )
        }
      />
    ));
  };
  return (
    <>
      <ChoiceField
        label="Method"
        entries={growthActions}
        model={model}
        value={entry.action.id}
        base={base}
        error={error}
        onPick={(id) => setMethod(index, id)}
      />
      <ChoiceField
        label="When"
        entries={catalog.triggers}
        model={model}
        value={entry.trigger.id}
        base={baseWhen}
        late={running?.trigger.id !== entry.trigger.id && entry.trigger.id !== "manual"}
        onPick={(id) => setTrigger(index, id)}
        listed
        wide
      />
      {part("trigger")}
      {part("action")}
    </>
  );
}

export function GrowthGroup(): ReactNode {
  const draft = useRun((s) => s.draft);
  const entries = growths(draft);
  const [open, setOpen] = useState<number | null>(null);
  const able = growthsFor(draft.model.id);
  const model = labelOf(catalog.models, draft.model.id);
  const first = entries[0] ?? virtual(draft);
  const line =
    able.length === 0
      ? `not for ${model}`
      : entries.length > 1
        ? count(entries.length, "event")
        : first
          ? `${labelOf(catalog.actions, first.entry.action.id)}, ${labelOf(catalog.triggers, first.entry.trigger.id).toLowerCase()}`
          : "";
  return (
    <Group
      title="Growth"
      line={line}
      owns={(path) => path.startsWith("recipe")}
      open={able.length > 0}
      off={able.length === 0}
    >
      {able.length === 0 || first === null ? (
        <p className="group-note">No growth is known for {model}.</p>
      ) : (
        <>
          {entries.length <= 1 ? (
            <EntryFields key={first.index} {...first} />
          ) : (
            <ol className="recipe">
              {entries.map(({ index, entry }, place) => (
                <RecipeRow
                  key={`${index}:${entry.action.id}`}
                  entry={entry}
                  index={index}
                  place={place}
                  places={entries.map((each) => each.index)}
                  open={open === index}
                  onOpen={() => setOpen(open === index ? null : index)}
                >
                  <EntryFields index={index} entry={entry} />
                </RecipeRow>
              ))}
            </ol>
          )}
          <HandRows recipe={draft.recipe} />
          <button
            type="button"
            className="button small"
            onClick={() => {
              const entry = newGrowth(draft, "at");
              if (!entry) return;
              setOpen(draft.recipe.length);
              editDraft((old) => ({ ...old, recipe: [...old.recipe, entry] }));
            }}
          >
            <Icon name="grow" size={14} />
            {entries.length === 0 ? "Plan a growth" : "Add another growth"}
          </button>
        </>
      )}
    </Group>
  );
}

/** What the fields show while the recipe has no growth: by hand, with the method's defaults. */
function virtual(draft: RunConfig): { readonly index: number; readonly entry: RecipeEntry } | null {
  const entry = newGrowth(draft);
  return entry === null ? null : { index: draft.recipe.length, entry };
}
