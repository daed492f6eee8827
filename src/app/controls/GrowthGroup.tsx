/**
 * What the network grows by and when: the recipe's entries, each a method with its values and a trigger with its own.
 * One entry is drawn as plain fields; several as rows, a sentence each, which can be dragged, opened and removed. With
 * none the fields show what the Grow button would do, and choosing a rule makes the first entry.
 */
import { type ReactNode, useState } from "react";
import type { RecipeEntry, RunConfig } from "../../run/config.ts";
import { count } from "../format.ts";
import { Icon } from "../Icons.tsx";
import { editDraft } from "../store/actions.ts";
import { catalog, growthActions, growthsFor, labelOf } from "../store/catalog.ts";
import { growths, newGrowth } from "../store/draft.ts";
import { useRun } from "../store/store.ts";
import { EntryFields, EntryRows } from "./Entries.tsx";
import { Group } from "./Group.tsx";
import { HandRows } from "./RecipeRow.tsx";

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
            <EntryFields key={first.index} {...first} actions={growthActions} />
          ) : (
            <EntryRows entries={entries} actions={growthActions} open={open} onOpen={setOpen} />
          )}
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
      <HandRows recipe={draft.recipe} />
    </Group>
  );
}

/** What the fields show while the recipe has no growth: by hand, with the method's defaults. */
function virtual(draft: RunConfig): { readonly index: number; readonly entry: RecipeEntry } | null {
  const entry = newGrowth(draft);
  return entry === null ? null : { index: draft.recipe.length, entry };
}
