/**
 * What stays the same for the whole of a run, whatever its network becomes: the chosen model, optimizer and schedule, the
 * shape of the data, and the texts, which lie on the device once.
 */
import { formatNumber } from "../config/check.ts";
import type { Schema, Values } from "../config/schema.ts";
import type { LoadedData, TokenPart } from "../data/types.ts";
import type { Arena, Backend } from "../engine/types.ts";
import type { OptimMethod } from "../methods/types.ts";
import type { DataShape, Model } from "../models/types.ts";
import type { Choice, LivePath, RunConfig } from "../run/config.ts";
import { LIVE_PATHS } from "../run/config.ts";
import { models, optims } from "../run/registries.ts";

/** A part of the data on the device. */
export interface DevicePart {
  readonly tokens: Arena;
  /** One unused element when windows may start anywhere: a binding cannot be empty. */
  readonly starts: Arena;
  readonly listed: boolean;
}

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

export function createSetup(config: RunConfig, data: LoadedData, backend: Backend): Setup {
  const model = models.get(config.model.id);
  const optim = optims.get(config.optim.id);
  if (model === undefined) throw new Error(`There is no model "${config.model.id}".`);
  if (optim === undefined) throw new Error(`There is no optimizer "${config.optim.id}".`);
  const shape = { vocab: data.symbols.length, context: config.context };
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
    train: place(backend, "train", data.train),
    validation: place(backend, "validation", data.validation),
  };
}

function place(backend: Backend, name: string, part: TokenPart): DevicePart {
  const tokens = backend.arena(`data.${name}.tokens`, part.tokens.length);
  tokens.write(0, part.tokens);
  const starts = backend.arena(`data.${name}.starts`, Math.max(1, part.starts?.length ?? 0));
  if (part.starts !== null && part.starts.length > 0) starts.write(0, part.starts);
  return { tokens, starts, listed: part.starts !== null };
}

export function disposeSetup(setup: Setup): void {
  for (const part of [setup.train, setup.validation]) {
    part.tokens.dispose();
    part.starts.dispose();
  }
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
