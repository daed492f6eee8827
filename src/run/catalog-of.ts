/** The catalog, made from the registries: schemas and labels as plain data that can cross to a page. */
import type { Schema } from "../config/schema.ts";
import type { Dataset } from "../data/types.ts";
import type { MethodBase } from "../methods/types.ts";
import type { Catalog, CatalogEntry, DatasetEntry } from "./catalog.ts";
import { taskOf } from "./data-shape.ts";
import { actions, datasets, models, optims, triggers } from "./registries.ts";
import { schedules } from "./schedules.ts";

export function catalog(): Catalog {
  return {
    data: [...datasets.values()].map(datasetEntry),
    models: [...models.values()].map(({ id, label, schema, task, attends }) => ({
      ...entry({ id, label, summary: "", schema }),
      task,
      ...(attends === undefined ? {} : { attends }),
    })),
    optims: [...optims.values()].map(methodEntry),
    schedules: [...schedules.values()].map(entry),
    triggers: [...triggers.values()].map(methodEntry),
    actions: [...actions.values()].map((method) => ({
      ...methodEntry(method),
      does: method.kind === "grow" ? ("grow" as const) : method.does,
    })),
  };
}

type Described = {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  readonly schema: Schema;
};

function datasetEntry(dataset: Dataset): DatasetEntry {
  const { symbols, bytes, licence, source, yardsticks } = dataset;
  const count =
    dataset.kind === "images" ? Object.values(dataset.counts).reduce((sum, n) => sum + n, 0) : dataset.chars;
  return {
    ...entry(dataset),
    task: taskOf(dataset.id),
    ...{ count, symbols, bytes, licence, source, yardsticks },
  };
}

function entry({ id, label, summary, schema }: Described): CatalogEntry {
  return { id, label, summary, schema, paper: null, applies: {} };
}

function methodEntry(method: MethodBase<string, Schema>): CatalogEntry {
  const applies = Object.fromEntries([...models.values()].map((model) => [model.id, method.applies(model)]));
  return { ...entry(method), paper: method.paper, applies };
}
