/**
 * Entries of the recipe as they are edited: an action with its values, and when it acts. The growth group and the
 * structure group show their own actions through these.
 */
import { Fragment, type ReactNode } from "react";
import type { Value } from "../../config/schema.ts";
import type { CatalogEntry } from "../../run/catalog.ts";
import type { RecipeEntry, RunConfig } from "../../run/config.ts";
import { layerMap } from "../../run/layer-map.ts";
import { editDraft } from "../store/actions.ts";
import { catalog, choiceOf, find } from "../store/catalog.ts";
import { checkedDraft } from "../store/checked.ts";
import { byHand, newGrowth, sized, valueAt, withValue } from "../store/draft.ts";
import { useRun } from "../store/store.ts";
import { ChoiceField } from "./ChoiceField.tsx";
import { Field } from "./Field.tsx";
import { LayerMapField } from "./LayerMapField.tsx";
import { RecipeRow } from "./RecipeRow.tsx";

export interface Placed {
  readonly index: number;
  readonly entry: RecipeEntry;
}

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

/** `actions`: those to choose from. */
export function EntryFields({
  index,
  entry,
  actions,
}: Placed & { readonly actions: readonly CatalogEntry[] }): ReactNode {
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
      <Fragment key={`${entry[name].id}.${key}`}>
        <Field
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
        {name === "action" ? <EntryMap index={index} entry={entry} at={key} /> : null}
      </Fragment>
    ));
  };
  return (
    <>
      <ChoiceField
        label="Method"
        entries={actions}
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

/** The layer map behind the field that lists it, where it is known how many layers there are when the entry acts. */
function EntryMap({ index, entry, at }: Placed & { readonly at: string }): ReactNode {
  const now = useRun((s) => (byHand(entry) && s.state?.arch.id === s.draft.model.id ? s.state.arch : null));
  const planned = useRun((s) => s.draft.model);
  const first = index === 0;
  if (now === null && !first) return null;
  const arch = now ?? planned;
  const { schema } = find(catalog.actions, entry.action.id) ?? { schema: {} };
  const [layers, most] = [Number(arch.layers), Number(arch.maxLayers)];
  const map = layerMap(schema, entry.action, layers, most);
  if (map?.list !== at) return null;
  const path = `recipe.${index}.action`;
  const set = (sources: readonly number[]): void =>
    editDraft((draft) => {
      const ruled = withValue(
        withEntry(draft, index, (made) => made),
        `${path}.${map.rule}`,
        "manual",
      );
      return withValue(ruled, `${path}.${map.list}`, sources);
    });
  return <LayerMapField map={map} layers={layers} onSet={set} />;
}

/** Rows, a sentence each; one of them may be open. */
export function EntryRows({
  entries,
  actions,
  open,
  onOpen,
}: {
  readonly entries: readonly Placed[];
  readonly actions: readonly CatalogEntry[];
  readonly open: number | null;
  readonly onOpen: (index: number | null) => void;
}): ReactNode {
  return (
    <ol className="recipe">
      {entries.map(({ index, entry }, place) => (
        <RecipeRow
          key={`${index}:${entry.action.id}`}
          entry={entry}
          index={index}
          place={place}
          places={entries.map((each) => each.index)}
          open={open === index}
          onOpen={() => onOpen(open === index ? null : index)}
        >
          <EntryFields index={index} entry={entry} actions={actions} />
        </RecipeRow>
      ))}
    </ol>
  );
}
