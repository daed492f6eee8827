/** The settings of a run that belong to no model or method, as schemas: controls and checks are drawn from them too. */
import type { Schema } from "../config/schema.ts";
import * as limits from "./limits.ts";

export const RUN_FIELDS = {
  seed: {
    kind: "int",
    label: "Seed",
    help: "Every draw of the run comes from it: same seed, same run.",
    default: 1,
    min: 0,
    max: limits.MAX_SEED,
  },
  batch: {
    kind: "int",
    label: "Batch",
    help: "Windows of text a step. Batch times context may be at most 16,384.",
    default: 32,
    min: 1,
    max: limits.MAX_BATCH,
    unit: "windows",
  },
  context: {
    kind: "int",
    label: "Context",
    symbol: "T",
    help: "Length of a window: how far back the network can look while it learns.",
    default: 64,
    min: limits.MIN_CONTEXT,
    max: limits.MAX_CONTEXT,
    unit: "characters",
  },
} as const satisfies Schema;

export const EVAL_FIELDS = {
  every: {
    kind: "int",
    label: "Validate every",
    default: 100,
    min: 1,
    max: 1_000_000,
    unit: "steps",
  },
  batches: {
    kind: "int",
    label: "Validation batches",
    help: "Evenly spaced over the part of the text that is never trained on.",
    default: 4,
    min: 1,
    max: 64,
    unit: "batches",
  },
} as const satisfies Schema;
