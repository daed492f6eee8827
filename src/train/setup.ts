/**
 * What stays the same for the whole of a run, whatever its network becomes: the chosen model, optimizer and schedule, the
 * shape of the data, and the data itself, which lies on the device once.
 */
import { formatNumber } from "../config/check.ts";
import type { Schema, Values } from "../config/schema.ts";
import type { LoadedData } from "../data/types.ts";
import type { Backend } from "../engine/types.ts";
import type { OptimMethod } from "../methods/types.ts";
import type { DataShape, Model } from "../models/types.ts";
import type { Choice, LivePath, RunConfig } from "../run/config.ts";
import { LIVE_PATHS } from "../run/config.ts";
import { dataShape, mismatch } from "../run/data-shape.ts";
import { models, optims } from "../run/registries.ts";
import type { DevicePart } from "./feed.ts";
import { lendData, returnData } from "./lent-data.ts";

export interface Setup {
  readonly config: RunConfig;
  readonly model: Model;
  /** The model's values at the start of the run. */
  readonly arch: Values;
  readonly optim: OptimMethod;
  readonly optimValues: Values;
  readonly data: LoadedData;
  readonly shape: DataShape;
  readonly backend: Backend;
  readonly train: DevicePart;
  readonly validation: DevicePart;
}

/** The values of a choice, without its id. */
export function valuesOf(choice: Choice): Values {
  const { id: _, ...values } = choice;
  return values;
}

/** A choice's values with the schema's defaults where it has none: an action pressed on the page may be bare. */
export function filled(schema: Schema, choice: Choice): Values {
  return Object.fromEntries(
    Object.entries(schema).map(([key, field]) => [key, choice[key] ?? field.default]),
  ) as Values;
}

/** What the data of a run decides about its model. */
export function shapeFor(config: RunConfig, data: LoadedData): DataShape {
  const known = dataShape(config, data.symbols.length);
  return data.kind === "images" ? { ...known, image: data.image } : known;
}

export function createSetup(config: RunConfig, data: LoadedData, backend: Backend): Setup {
  const model = models.get(config.model.id);
  const optim = optims.get(config.optim.id);
  if (model === undefined) throw new Error(`There is no model "${config.model.id}".`);
  if (optim === undefined) throw new Error(`There is no optimizer "${config.optim.id}".`);
  const wrong = mismatch(config);
  if (wrong !== null) throw new Error(`${wrong}.`);
  const shape = shapeFor(config, data);
  if (data.kind === "images" && config.batch > data.train.labels.length) {
    throw new Error(
      `batch is ${config.batch}, and there are only ${data.train.labels.length} images to train on.`,
    );
  }
  const arch = valuesOf(config.model);
  const reason = model.check(arch, shape);
  if (reason !== null) throw new Error(reason);
  return {
    config,
    model,
    arch,
    optim,
    optimValues: valuesOf(config.optim),
    data,
    shape,
    backend,
    ...lendData(backend, data),
  };
}

export function disposeSetup({ backend, data }: Setup): void {
  returnData(backend, data);
}

export type Live = Readonly<Partial<Record<LivePath, number>>>;

/** The settings that may change while the run goes on, as the config has them. */
export function liveOf(config: RunConfig): Live {
  const live: Partial<Record<LivePath, number>> = {};
  for (const path of LIVE_PATHS) {
    const value = pick(config, path);
    if (typeof value === "number") live[path] = value;
  }
  return live;
}

function pick(config: RunConfig, path: LivePath): unknown {
  const [part, field] = path.split(".") as ["optim" | "model", string];
  return config[part][field];
}

/** Null, or the sentence why this setting cannot take this value while the run goes on. */
export function checkEdit(setup: Setup, path: string, value: unknown): string | null {
  if (!(LIVE_PATHS as readonly string[]).includes(path)) {
    return `${path} cannot change while a run goes on; only ${LIVE_PATHS.join(", ")} can.`;
  }
  const [part, name] = path.split(".") as ["optim" | "model", string];
  const schema: Schema = part === "optim" ? setup.optim.schema : setup.model.schema;
  const field = schema[name];
  if (field === undefined || (field.kind !== "float" && field.kind !== "int")) {
    return `This run has no setting ${path}.`;
  }
  if (typeof value !== "number" || !(value >= field.min && value <= field.max)) {
    return `${path} is ${String(value)}, allowed are ${formatNumber(field.min)} to ${formatNumber(field.max)}.`;
  }
  return null;
}
