/** The catalog, made once: what the page knows of models, data and methods. Entries are looked up by their id. */
import { defaults, type Schema } from "../../config/schema.ts";
import type { ActionEntry, Catalog, CatalogEntry } from "../../run/catalog.ts";
import { catalog as makeCatalog } from "../../run/catalog-of.ts";
import type { Choice, RunConfig } from "../../run/config.ts";

export const catalog: Catalog = makeCatalog();

/** Whether an action makes a network larger, and needs no part to be pointed at. */
export const isGrowth = ({ does }: Pick<ActionEntry, "does">): boolean =>
  does === "grow" || does === "insert";

/** Wider and deeper first, then another layer inside; what gathers gradients to wake the dormant adds no room: last. */
const order = ({ does, schema }: ActionEntry): number => ("window" in schema ? 2 : does === "insert" ? 1 : 0);

export const growthActions: readonly CatalogEntry[] = catalog.actions
  .filter(isGrowth)
  .sort((a, b) => order(a) - order(b));

/** Parts of a config that name an entry of the catalog. */
export type ChoiceGroup = "data" | "model" | "optim" | "schedule";

export const GROUPS: Readonly<Record<ChoiceGroup, readonly CatalogEntry[]>> = {
  data: catalog.data,
  model: catalog.models,
  optim: catalog.optims,
  schedule: catalog.schedules,
};

export function find<E extends CatalogEntry>(entries: readonly E[], id: string): E | null {
  return entries.find((entry) => entry.id === id) ?? null;
}

/** What an entry is called; an id that is not in the catalog is called by its id. */
export function labelOf(entries: readonly CatalogEntry[], id: string): string {
  return find(entries, id)?.label ?? id;
}

export function choiceOf(entry: { readonly id: string; readonly schema: Schema }): Choice {
  return { id: entry.id, ...defaults(entry.schema) };
}

/** Actions that can act on this model. */
export function actionsFor(modelId: string): readonly CatalogEntry[] {
  return catalog.actions.filter((entry) => entry.applies[modelId] === true);
}

/** Those of them that do something else than make it larger. */
export function structureActionsFor(modelId: string): readonly ActionEntry[] {
  const able = catalog.actions.filter(
    (entry) => !isGrowth(entry) && entry.does !== "drop" && entry.applies[modelId] === true,
  );
  // What is reached for most stands first.
  return [...able.filter(({ does }) => does === "prune"), ...able.filter(({ does }) => does !== "prune")];
}

/** Those of them that have training steps leave out layers. */
export function dropActionsFor(modelId: string): readonly ActionEntry[] {
  const able = catalog.actions.filter((entry) => entry.does === "drop" && entry.applies[modelId] === true);
  return [
    ...able.filter(({ schema }) => "theta" in schema),
    ...able.filter(({ schema }) => !("theta" in schema)),
  ];
}

/** Those of them that make it larger. */
export function growthsFor(modelId: string): readonly CatalogEntry[] {
  return growthActions.filter((entry) => entry.applies[modelId] === true);
}

/** Every entry that has a page of its own, with the folder of its text under public/docs/. */
export function documented(id: string): { readonly folder: string; readonly entry: CatalogEntry } | null {
  const model = find(catalog.models, id);
  if (model) return { folder: "models", entry: model };
  const method = find([...catalog.actions, ...catalog.optims, ...catalog.triggers], id);
  return method ? { folder: "methods", entry: method } : null;
}

/** What a setting is called: "optim.clip" → "clip norm". */
export function settingLabel(path: string): string {
  const [group, key = path] = path.split(".");
  const field = (group === undefined ? [] : (GROUPS[group as ChoiceGroup] ?? []))
    .map((entry) => entry.schema[key])
    .find((each) => each !== undefined);
  return field?.label ?? key;
}

/** Whom a place of the run's network may read, where it attends. */
export const attendsOf = ({
  config,
  draft,
}: {
  readonly config: RunConfig | null;
  readonly draft: RunConfig;
}) => find(catalog.models, (config ?? draft).model.id)?.attends ?? "causal";
