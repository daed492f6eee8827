/**
 * Every version of the config ever published, and how an old one is brought to today's. A link holds only what differs
 * from the defaults of its version, so those defaults are frozen in a file each: opening first writes them all out, then
 * takes the version's step up, if names or meanings changed. Changing a default today therefore needs a new version, or
 * old links would silently mean something else; a test compares the newest file with the registries.
 *
 * What no frozen file knows (a method added since) is written whole, so adding one needs nothing here.
 */
import { fault, type Read } from "../config/json.ts";
import type { Value } from "../config/schema.ts";
import { CONFIG_VERSION } from "../run/config.ts";
import { DEFAULTS_1 } from "./defaults-1.ts";

export type Json = { readonly [key: string]: unknown };
export type ChoiceKind = "data" | "model" | "optim" | "schedule" | "trigger" | "action";

/** What a link of one version may leave out. */
export interface FrozenDefaults {
  /** The whole config that an empty link means, without its version. */
  readonly config: Json;
  /** Kind of choice → id → its fields. */
  readonly choices: Readonly<Record<ChoiceKind, Readonly<Record<string, Readonly<Record<string, Value>>>>>>;
}

export interface Version {
  readonly defaults: FrozenDefaults;
  /** Makes a whole config of this version one of the next. Absent for the newest. */
  readonly up?: (config: Json) => Json;
}

export const VERSIONS: ReadonlyMap<number, Version> = new Map([[1, { defaults: DEFAULTS_1 }]]);

const CHOICES = ["data", "model", "optim", "schedule"] as const;
const RECORDS = ["budget", "eval"] as const;

/** Only what differs from the version's defaults. `config` is whole, as `checkConfig` gives it. */
export function pack(config: Json, { config: base, choices }: FrozenDefaults): Json {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    if (key === "version" || same(value, base[key])) continue;
    if (isChoice(key)) result[key] = packChoice(value as Json, choices[key]);
    else if (isRecord(key)) result[key] = differing(value as Json, base[key] as Json);
    else if (key === "recipe") {
      result[key] = (value as readonly Json[]).map((entry) => ({
        trigger: packChoice(entry.trigger as Json, choices.trigger),
        action: packChoice(entry.action as Json, choices.action),
      }));
    } else result[key] = value;
  }
  return result;
}

/** The reverse: defaults written out. What has not the form of a config is left as it is, for the check to refuse. */
export function unpack(packed: Json, { config: base, choices }: FrozenDefaults): Json {
  const result: Record<string, unknown> = { ...structuredClone(base) };
  for (const [key, value] of Object.entries(packed)) {
    if (isChoice(key)) result[key] = unpackChoice(value, choices[key]);
    else if (isRecord(key) && isObject(value)) result[key] = { ...(base[key] as Json), ...value };
    else if (key === "recipe" && Array.isArray(value)) {
      result[key] = value.map((entry: unknown) => {
        if (!isObject(entry)) return entry;
        const whole: Record<string, unknown> = { ...entry };
        if ("trigger" in entry) whole.trigger = unpackChoice(entry.trigger, choices.trigger);
        if ("action" in entry) whole.action = unpackChoice(entry.action, choices.action);
        return whole;
      });
    } else result[key] = value;
  }
  return result;
}

/** A packed or partly written config of any published version as a whole one of `newest`. Not yet checked. */
export function upgrade(
  packed: unknown,
  version: unknown,
  versions: ReadonlyMap<number, Version> = VERSIONS,
  newest: number = CONFIG_VERSION,
): Read {
  if (!isObject(packed)) return fault("", "a config must be an object");
  const first = typeof version === "number" ? versions.get(version) : undefined;
  if (first === undefined) {
    const known = newest === 1 ? "version 1" : `versions 1 to ${newest}`;
    return fault("version", `it is of version ${JSON.stringify(version)}, this program reads ${known}`);
  }
  let config = unpack(packed, first.defaults);
  for (let at = version as number; at < newest; at++) config = versions.get(at)!.up!(config);
  return { ok: true, value: { ...config, version: newest } };
}

function packChoice({ id, ...values }: Json, known: FrozenDefaults["choices"][ChoiceKind]): Json {
  const defaults = Object.hasOwn(known, id as string) ? known[id as string]! : {};
  return { id, ...differing(values, defaults) };
}

function unpackChoice(value: unknown, known: FrozenDefaults["choices"][ChoiceKind]): unknown {
  if (!isObject(value) || typeof value.id !== "string" || !Object.hasOwn(known, value.id)) return value;
  return { ...structuredClone(known[value.id]), ...value };
}

function differing(values: Json, defaults: Json): Json {
  return Object.fromEntries(Object.entries(values).filter(([key, value]) => !same(value, defaults[key])));
}

/** Of JSON values whose keys come in one order: the check's. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isChoice(key: string): key is (typeof CHOICES)[number] {
  return (CHOICES as readonly string[]).includes(key);
}

function isRecord(key: string): key is (typeof RECORDS)[number] {
  return (RECORDS as readonly string[]).includes(key);
}
