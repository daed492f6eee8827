/** The catalog, made from the registries: schemas and labels as plain data that can cross to a page. */
import type { Schema } from "../config/schema.ts";
import type { MethodBase } from "../methods/types.ts";
import type { Catalog, CatalogEntry } from "./catalog.ts";
import { actions, datasets, models, optims, triggers } from "./registries.ts";
import { schedules } from "./schedules.ts";

export function catalog(): Catalog {
  return {
    data: [...datasets.values()].map(
      ({ id, label, summary, schema, chars, symbols, bytes, licence, source, yardsticks }) => ({
        ...entry({ id, label, summary, schema }),
        ...{ chars, symbols, bytes, licence, source, yardsticks },
      }),
    ),
    models: [...models.values()].map(({ id, label, schema }) => entry({ id, label, summary: "", schema })),
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

function entry({ id, label, summary, schema }: Described): CatalogEntry {
  return { id, label, summary, schema, paper: null, applies: {} };
}

function methodEntry(method: MethodBase<string, Schema>): CatalogEntry {
  const applies = Object.fromEntries([...models.values()].map((model) => [model.id, method.applies(model)]));
  return { ...entry(method), paper: method.paper, applies };
}
