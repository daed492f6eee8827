/**
 * The config that the controls show: edited freely, started by a person. Pure functions over RunConfig, by the paths
 * that the check's messages use ("optim.lr", "recipe.0.trigger.window").
 */
import type { Value } from "../../config/schema.ts";
import type { CatalogEntry, Task } from "../../run/catalog.ts";
import { type Choice, LIVE_PATHS, type RecipeEntry, type RunConfig } from "../../run/config.ts";
import { taskOf } from "../../run/data-shape.ts";
import {
  actionsFor,
  type ChoiceGroup,
  catalog,
  choiceOf,
  find,
  GROUPS,
  growthActions,
  growthsFor,
  isGrowth,
} from "./catalog.ts";

type Tree = { readonly [key: string]: unknown };

export function valueAt(config: RunConfig, path: string): Value | undefined {
  let at: unknown = config;
  for (const key of path.split(".")) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Tree)[key];
  }
  return at as Value;
}

export function withValue(config: RunConfig, path: string, value: unknown): RunConfig {
  return put(config, path.split("."), value) as RunConfig;
}

function put(node: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(node)) return node.map((item, i) => (String(i) === key ? put(item, rest, value) : item));
  const tree = (node ?? {}) as Tree;
  return { ...tree, [key]: put(tree[key], rest, value) };
}

/** Another entry of the catalog, with its defaults. Another model takes the growths with it that cannot act on it. */
export function withChoice(config: RunConfig, group: ChoiceGroup, id: string): RunConfig {
  const entry = find(GROUPS[group], id);
  if (!entry || config[group].id === id) return config;
  return fitting(matching({ ...config, [group]: choiceOf(entry) }, group), config.model.id);
}

/** A person's own data, with a model that can read it. */
export function withData(config: RunConfig, data: Choice): RunConfig {
  return fitting(matching({ ...config, data }, "data"), config.model.id);
}

/** Another model takes the growths with it that cannot act on it. */
function fitting(next: RunConfig, before: string): RunConfig {
  if (next.model.id === before) return next;
  const able = new Set(actionsFor(next.model.id).map((action) => action.id));
  return { ...next, recipe: next.recipe.filter(({ action }) => able.has(action.id)) };
}

/** A model that tells images apart needs images: whichever of the two was chosen, the other follows. */
function matching(config: RunConfig, chosen: ChoiceGroup): RunConfig {
  const task = taskOf(config.data.id);
  const model = catalog.models.find(({ id }) => id === config.model.id);
  if (model === undefined || model.task === task) return config;
  if (chosen === "data") return { ...config, model: choiceOf(firstOf(catalog.models, task)) };
  return { ...config, data: choiceOf(firstOf(catalog.data, model.task)) };
}

/** The one that a first run of this task has. */
function firstOf<T extends CatalogEntry & { readonly task: Task }>(entries: readonly T[], task: Task): T {
  const usual = ["lstm", "moby-dick", "mlp", "mnist"];
  return entries.find((entry) => entry.task === task && usual.includes(entry.id))!;
}

function flatten(config: RunConfig): Map<string, string> {
  const flat = new Map<string, string>();
  const walk = (node: unknown, path: string): void => {
    const isTree = typeof node === "object" && node !== null;
    // A list of numbers is one value; the recipe is a list of entries.
    if (
      isTree &&
      !(Array.isArray(node) && node.every((item) => typeof item === "number") && path !== "recipe")
    ) {
      for (const [key, value] of Object.entries(node)) walk(value, path === "" ? key : `${path}.${key}`);
    } else {
      flat.set(path, JSON.stringify(node));
    }
  };
  walk(config, "");
  return flat;
}

/**
 * Paths at which two configs differ. Another choice counts once, as its id: its other fields belong to it. So does a
 * recipe entry that is only in one of them.
 */
export function changes(from: RunConfig, to: RunConfig): readonly string[] {
  const a = flatten(from);
  const b = flatten(to);
  const paths = new Set<string>();
  for (const path of new Set([...a.keys(), ...b.keys()])) {
    if (a.get(path) === b.get(path) || path === "version") continue;
    paths.add(owner(path, from, to));
  }
  return [...paths].sort();
}

/** The path under which a difference is counted. */
function owner(path: string, from: RunConfig, to: RunConfig): string {
  const parts = path.split(".");
  const entry = parts[0] === "recipe" ? parts.slice(0, 2).join(".") : null;
  if (entry !== null && (valueAt(from, entry) === undefined || valueAt(to, entry) === undefined))
    return entry;
  const choice = parts.slice(0, -1).join(".");
  if (choice !== "" && valueAt(from, `${choice}.id`) !== valueAt(to, `${choice}.id`)) return `${choice}.id`;
  return path;
}

export const isLive = (path: string): boolean => (LIVE_PATHS as readonly string[]).includes(path);

/** Whether a change of this path acts on the run that is on: a live setting of the same optimizer or model. */
export function actsNow(path: string, draft: RunConfig, running: RunConfig | null): boolean {
  if (running === null || !isLive(path)) return false;
  const group = path.split(".")[0] as "optim" | "model";
  return draft[group].id === running[group].id;
}

/** Whether what this path belongs to is another model or method than the run has: its fields are those of another thing. */
export function chosenAnew(path: string, draft: RunConfig, running: RunConfig): boolean {
  const choice = path.split(".").slice(0, -1).join(".");
  return choice !== "" && valueAt(draft, `${choice}.id`) !== valueAt(running, `${choice}.id`);
}

/** Entries by hand only hold the values that Grow uses: they act when it is pressed, and no run depends on them. */
export function byHand(entry: RecipeEntry | undefined): boolean {
  return entry?.trigger.id === "manual";
}

const withoutByHand = (config: RunConfig): RunConfig => ({
  ...config,
  recipe: config.recipe.filter((entry) => !byHand(entry)),
});

/** What the next run would change: everything but what acts at once. */
export function pending(draft: RunConfig, running: RunConfig | null): readonly string[] {
  if (running === null) return [];
  return changes(withoutByHand(running), withoutByHand(draft)).filter(
    (path) => !actsNow(path, draft, running),
  );
}

/** Entries that grow by a rule, with their place in the recipe. By-hand notes (edits, skips) are not among them. */
export function growths(
  config: RunConfig,
): readonly { readonly index: number; readonly entry: RecipeEntry }[] {
  return config.recipe
    .map((entry, index) => ({ index, entry }))
    .filter(({ entry }) => find(growthActions, entry.action.id) !== null);
}

/** Entries that do something else to the structure, or that drop layers, with their place in the recipe. */
export function surgeries(config: RunConfig, drops?: boolean): ReturnType<typeof growths> {
  return config.recipe
    .map((entry, index) => ({ index, entry }))
    .filter(({ entry: { action } }) => {
      const entry = find(catalog.actions, action.id) ?? { does: "grow" as const };
      return !isGrowth(entry) && (drops === undefined || drops === (entry.does === "drop"));
    });
}

/** The growth that the button and the key G do: the recipe's first that can act, else the first method that can. */
export function handGrowth(config: RunConfig): Choice | null {
  const able = growthsFor(config.model.id);
  const chosen = growths(config).find(({ entry }) => able.some((action) => action.id === entry.action.id));
  if (chosen) return chosen.entry.action;
  return able[0] ? sized(choiceOf(able[0]), config.model) : null;
}

/** By default a block is like the newest where that is smaller than usual: as the sentence on the bare wire says. */
export function sized(action: Choice, { blocks }: Choice): Choice {
  const newest = Array.isArray(blocks) ? Number(blocks[blocks.length - 1]) : Number.NaN;
  return typeof action.cells === "number" && newest < action.cells ? { ...action, cells: newest } : action;
}

/** An entry for the recipe: by hand until a rule is chosen. */
export function newGrowth(config: RunConfig, trigger = "manual"): RecipeEntry | null {
  const when = find(catalog.triggers, trigger);
  const action = handGrowth(config);
  return when && action ? { trigger: choiceOf(when), action } : null;
}

/** Steps at which the recipe will act for certain: dated triggers, in steps of this budget. */
export function planned(config: RunConfig, budgetSteps: number): readonly number[] {
  const steps: number[] = [];
  for (const { entry } of [...growths(config), ...surgeries(config)]) {
    const { trigger } = entry;
    if (trigger.id === "at") steps.push(Math.round(Number(trigger.fraction) * budgetSteps));
    if (trigger.id === "step") steps.push(Number(trigger.step));
    if (trigger.id === "every") {
      const every = Number(trigger.steps);
      const times = Number(trigger.times);
      for (let k = 1; k <= times && k * every < budgetSteps && k <= 64; k++) steps.push(k * every);
    }
  }
  return steps.filter((step) => Number.isFinite(step)).sort((x, y) => x - y);
}
