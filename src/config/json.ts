/**
 * JSON from outside, read with suspicion. `JSON.parse` alone lets three things pass that a config must not have: the
 * same key twice (the last one wins silently), a key named `__proto__`, and depth without end. Values that are already
 * objects (from a message, a test, a script) may also carry inherited keys, holes or functions; `plain` copies what is
 * JSON and names the first thing that is not.
 */
export type Read = { readonly ok: true; readonly value: unknown } | Fault;

/** `path` is dotted, "" for the whole; `message` is a clause without a full stop, the path in it. */
export interface Fault {
  readonly ok: false;
  readonly path: string;
  readonly message: string;
}

/** A config is five levels deep (recipe, entry, action, list, number); nothing honest needs more than eight. */
const MAX_DEPTH = 8;
/** Objects, lists and values in all: a recipe of 64 entries with every field written has about 2,000. */
const MAX_NODES = 20_000;
const FORBIDDEN = new Set(["__proto__", "constructor", "prototype"]);

export function parseJson(text: string): Read {
  let value: unknown;
  try {
    value = JSON.parse(text.startsWith("\ufeff") ? text.slice(1) : text);
  } catch {
    return fault("", "it is not JSON");
  }
  const twice = duplicateKey(text);
  return twice === null
    ? plain(value)
    : fault(twice, `the key ${JSON.stringify(shorten(twice))} stands twice`);
}

/** A copy that is nothing but JSON: own keys of plain objects, dense lists, numbers with -0 made 0. */
export function plain(input: unknown): Read {
  let nodes = 0;
  const copy = (value: unknown, path: string, depth: number): unknown => {
    if (++nodes > MAX_NODES) throw fault(path, `it has more than ${MAX_NODES.toLocaleString("en")} values`);
    if (depth > MAX_DEPTH) throw fault(path, `it is nested more than ${MAX_DEPTH} levels deep`);
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    // NaN and infinities stay: the field they stand in says what is allowed there.
    if (typeof value === "number") return value === 0 ? 0 : value;
    if (typeof value !== "object") throw fault(path, `${name(path)} is not JSON`);
    if (Array.isArray(value)) {
      // `Array.from` turns holes into undefined, which the line above refuses.
      if (value.length > MAX_NODES) throw fault(path, `${name(path)} has ${value.length} entries`);
      return Array.from(value, (entry, index) => copy(entry, join(path, String(index)), depth + 1));
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null)
      throw fault(path, `${name(path)} is not plain JSON`);
    const result: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      const inner = join(path, shorten(key));
      if (FORBIDDEN.has(key)) throw fault(inner, `${inner} is not a field`);
      result[key] = copy((value as Record<string, unknown>)[key], inner, depth + 1);
    }
    return result;
  };
  try {
    return { ok: true, value: copy(input, "", 0) };
  } catch (thrown) {
    if (isFault(thrown)) return thrown;
    throw thrown;
  }
}

/** "optim.lr" */
export function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

/** What a reader can bear of a stranger's text: one line, 40 characters, never half of a surrogate pair. */
export function shorten(text: string): string {
  const line = text.slice(0, 200).replace(/[\p{C}\s]+/gu, " ");
  const characters = Array.from(line);
  return characters.length > 40 || text.length > 200 ? `${characters.slice(0, 39).join("")}…` : line;
}

export function fault(path: string, message: string): Fault {
  return { ok: false, path, message };
}

function name(path: string): string {
  return path === "" ? "it" : path;
}

function isFault(thrown: unknown): thrown is Fault {
  return typeof thrown === "object" && thrown !== null && (thrown as Partial<Fault>).ok === false;
}

/** The first key that stands twice in one object of a text that `JSON.parse` has accepted, or null. One pass, no stack. */
function duplicateKey(text: string): string | null {
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "{") open.push(new Set());
    else if (character === "[") open.push(null);
    else if (character === "}" || character === "]") open.pop();
    else if (character === '"') {
      const start = at++;
      while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
      let next = at + 1;
      while (text[next] === " " || text[next] === "\n" || text[next] === "\r" || text[next] === "\t") next++;
      if (text[next] !== ":") continue;
      const key = JSON.parse(text.slice(start, at + 1)) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return null;
}
