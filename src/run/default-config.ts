/**
 * The config a first visit trains and from which every other one differs: one LSTM block of 128 cells reading Moby-Dick.
 * Values: grow-prune §4.3 (batch 32, T 64, AdamW 2e-3, clip 1) and plain training. Each value here is part of every
 * link that leaves it out: changing one needs a new `CONFIG_VERSION` and a migration in `share/`.
 */
import { defaults, type Schema } from "../config/schema.ts";
import { type Choice, CONFIG_VERSION, type RunConfig } from "./config.ts";
import { EVAL_FIELDS, RUN_FIELDS } from "./fields.ts";
import { datasets, models, optims } from "./registries.ts";
import { schedules } from "./schedules.ts";

export function defaultConfig(): RunConfig {
  return {
    version: CONFIG_VERSION,
    ...defaults(RUN_FIELDS),
    data: choiceOf(datasets, "moby-dick"),
    model: choiceOf(models, "lstm"),
    optim: { ...choiceOf(optims, "adamw"), lr: 2e-3, clip: 1 },
    schedule: choiceOf(schedules, "constant"),
    budget: { unit: "steps", amount: 3000 },
    eval: defaults(EVAL_FIELDS),
    recipe: [],
  };
}

/** An entry of a registry with every field at its default. */
export function choiceOf(registry: ReadonlyMap<string, { readonly schema: Schema }>, id: string): Choice {
  const entry = registry.get(id);
  if (entry === undefined) throw new Error(`Nothing is registered under "${id}".`);
  // A copy: a default list belongs to its schema.
  return { id, ...structuredClone(defaults(entry.schema)) };
}
