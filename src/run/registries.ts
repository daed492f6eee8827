/**
 * Every registry as a map by id: what a config may name. Kept apart from the check and the catalog, which both go through
 * it, so that registering stays one `export` line in the room of the thing itself.
 */
import * as datasetExports from "../data/registry.ts";
import type { Dataset } from "../data/types.ts";
import * as methodExports from "../methods/registry.ts";
import type { GrowMethod, Method, OptimMethod, StructureMethod, TriggerMethod } from "../methods/types.ts";
import * as modelExports from "../models/registry.ts";
import type { Model } from "../models/types.ts";

const methods = Object.values(methodExports) as readonly Method[];

export const datasets = byId<Dataset>(Object.values(datasetExports));
export const models = byId<Model>(Object.values(modelExports));
export const optims = byId<OptimMethod>(methods.filter((method) => method.kind === "optim"));
export const grows = byId<GrowMethod>(methods.filter((method) => method.kind === "grow"));
/** Everything that changes the structure: what a recipe's entry or a person may ask for. */
export const actions = byId<GrowMethod | StructureMethod>(
  methods.filter((method) => method.kind === "grow" || method.kind === "structure"),
);
export const triggers = byId<TriggerMethod>(methods.filter((method) => method.kind === "trigger"));

/** Ops that only one method needs: the method brings them along. */
export const methodOps = methods.flatMap(({ ops }) => ops ?? []);

/** Sorted, so that lists in messages and in the page do not depend on the order of export lines. */
function byId<T extends { readonly id: string }>(entries: readonly T[]): ReadonlyMap<string, T> {
  const sorted = [...entries].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const map = new Map(sorted.map((entry) => [entry.id, entry]));
  if (map.size !== entries.length) throw new Error("Two entries of one registry have the same id.");
  return map;
}
