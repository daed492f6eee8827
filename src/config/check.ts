/**
 * Fields and schemas as zod/mini types: the one place where a setting from outside is believed or refused. zod does the
 * walking (strict objects, paths, defaults, JSON Schema); the sentences are ours, because a refused link must say what
 * stands there and what may: "optim.lr is 40, allowed are 1e-6 to 1".
 */
import * as z from "zod/mini";
import { type Fault, fault, join, plain, shorten } from "./json.ts";
import type { Field, Schema } from "./schema.ts";

export type Type = z.ZodMiniType;
/** Field name → type. The order is the order of the checked result. */
export type Shape = Readonly<Record<string, Type>>;

/** What JSON Schema says of a field beyond its type. `x-` words are ours, as the standard asks of extensions. */
interface Meta {
  readonly title?: string;
  readonly description?: string;
  readonly "x-unit"?: string;
  readonly "x-symbol"?: string;
  readonly "x-scale"?: string;
  readonly "x-live"?: boolean;
}
const metadata = z.registry<Meta>();

export type Checked<T = unknown> = { readonly ok: true; readonly value: T } | Fault;

/** Every field of the schema, each with its default. */
export function shapeOf(schema: Schema): Shape {
  return Object.fromEntries(Object.entries(schema).map(([key, field]) => [key, fieldType(field)]));
}

export function fieldType(field: Field): Type {
  const type = bareType(field);
  metadata.add(type, {
    title: field.label,
    ...(field.help === undefined ? {} : { description: field.help }),
    ...("unit" in field && field.unit !== undefined ? { "x-unit": field.unit } : {}),
    ...(field.symbol === undefined ? {} : { "x-symbol": field.symbol }),
    ...("scale" in field && field.scale !== undefined ? { "x-scale": field.scale } : {}),
    ...(field.live === undefined ? {} : { "x-live": field.live }),
  });
  return withDefault(type, field.default);
}

/** Absent becomes `value`; the copy keeps one config's lists apart from another's. */
export function withDefault(type: Type, value: unknown): Type {
  return z._default(type, () => structuredClone(value));
}

export function numberType(kind: "int" | "float", min: number, max: number): Type {
  const what = kind === "int" ? "whole numbers from " : "numbers from ";
  const range = `${formatNumber(min)} to ${formatNumber(max)}`;
  const error = (issue: Issue) => {
    const outside = issue.code === "too_big" || issue.code === "too_small";
    return `${state(issue.input)}, allowed are ${outside ? range : what + range}`;
  };
  return (kind === "int" ? z.int({ error }) : z.number({ error })).check(z.minimum(min), z.maximum(max));
}

/** One of some words. */
export function wordType(options: readonly string[]): Type {
  // A patch of 7 is one of "4" and "7": where no word was given the marks say what is missing.
  const shown = (input: unknown) =>
    typeof input === "string" || input === undefined ? options : options.map((each) => `"${each}"`);
  return z.enum(options, {
    error: (issue) => `${state(issue.input)}, ${allowed(shown(issue.input), issue.input)}`,
  });
}

/** Text of a form that the sentence `needed` describes. */
export function textType(pattern: RegExp, needed: string): Type {
  return z.string({ error: (issue) => `${state(issue.input)}, ${needed}` }).check(z.regex(pattern));
}

export function listType(entry: Type, min: number, max: number): Type {
  const error = (issue: Issue) => {
    if (!Array.isArray(issue.input)) return `${state(issue.input)}, a list is needed`;
    const count = issue.input.length;
    return `has ${formatNumber(count)} ${count === 1 ? "entry" : "entries"}, allowed are ${min} to ${max}`;
  };
  return z.array(entry, { error }).check(z.minLength(min), z.maxLength(max));
}

/** No key but these. */
export function objectType(shape: Shape): Type {
  return z.strictObject(shape, { error: (issue) => objectSentence(issue, Object.keys(shape)) });
}

/** `{ id, ...values }`: the id decides which fields there are. */
export function choiceType(choices: Readonly<Record<string, Shape>>): Type {
  const ids = Object.keys(choices);
  const types = ids.map((id) =>
    z.strictObject(
      { id: z.literal(id), ...choices[id] },
      { error: (issue) => objectSentence(issue, ["id", ...Object.keys(choices[id] ?? {})]) },
    ),
  );
  return z.discriminatedUnion("id", types as [(typeof types)[number], ...typeof types], {
    error: (issue) => {
      // zod hands the whole object over where the id in it is unknown, and the value where it is no object.
      if (issue.code !== "invalid_union") return `${state(issue.input)}, an object with an id is needed`;
      const id = (issue.input as { id?: unknown }).id;
      return `${state(id)}, ${allowed(ids, id)}`;
    },
  });
}

/** Checks a value against a type. The message begins with the path (after `at`), so that it is a clause on its own. */
export function check(type: Type, input: unknown, at = ""): Checked {
  const copy = plain(input);
  if (!copy.ok) return copy;
  const result = z.safeParse(type, copy.value);
  if (result.success) return { ok: true, value: result.data };
  const issue = result.error.issues[0];
  let path = (issue?.path ?? []).reduce<string>((whole, key) => join(whole, shorten(String(key))), at);
  if (issue?.code === "unrecognized_keys") path = join(path, shorten(issue.keys[0] ?? ""));
  return fault(path, `${path === "" ? "the config" : path} ${issue?.message ?? "is refused"}`);
}

/** JSON Schema (draft 2020-12) of what a person may write: fields with a default are optional. */
export function jsonSchema(type: Type): Record<string, unknown> {
  return z.toJSONSchema(type, { metadata, io: "input" }) as Record<string, unknown>;
}

/** 40, 1e-6, 10,000,000: as it would be typed, with commas from five digits on. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e15)) return value.toExponential().replace("e+", "e");
  if (size < 10_000) return String(value);
  return value.toLocaleString("en", { maximumFractionDigits: 20 });
}

type Issue = z.core.$ZodRawIssue;

function bareType(field: Field): Type {
  switch (field.kind) {
    case "int":
    case "float":
      return numberType(field.kind, field.min, field.max);
    case "flag":
      return z.boolean({ error: (issue) => `${state(issue.input)}, allowed are true, false` });
    case "choice":
      return wordType(field.options);
    case "list":
      return listType(numberType(field.of, field.min, field.max), field.minLength, field.maxLength);
    case "path":
      return textType(
        /^[\w.-]{0,80}(#\d{1,6}|@\w{1,8})?$/,
        "the path of a part is needed, or nothing for the whole network",
      );
    default:
      return field satisfies never;
  }
}

function objectSentence(issue: Issue, keys: readonly string[]): string {
  if (issue.code !== "unrecognized_keys") return `${state(issue.input)}, an object is needed`;
  return `is not a field, ${keys.length === 0 ? "there are none" : allowed(keys, issue.keys[0])}`;
}

/** "is 40", "is \"abc\"", "is missing": what stands there, short enough for one line. */
function state(input: unknown): string {
  if (input === undefined) return "is missing";
  if (typeof input === "number") return `is ${formatNumber(input)}`;
  if (typeof input === "string") return `is "${shorten(input)}"`;
  if (Array.isArray(input)) return "is a list";
  return input !== null && typeof input === "object" ? "is an object" : `is ${String(input)}`;
}

function allowed(options: readonly string[], given: unknown): string {
  const list = options.length === 1 ? `allowed is ${options[0]}` : `allowed are ${options.join(", ")}`;
  const near = typeof given === "string" ? nearest(options, given) : null;
  return near === null ? list : `${list} (${near} is nearest)`;
}

/** The option that a slip of the hand could have been meant for: at most a third of its letters wrong. */
function nearest(options: readonly string[], given: string): string | null {
  if (given.length > 40) return null;
  let best: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const option of options) {
    const distance = editDistance(option.toLowerCase(), given.toLowerCase());
    if (distance <= Math.ceil(option.length / 3) && distance < least) [best, least] = [option, distance];
  }
  return best;
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
