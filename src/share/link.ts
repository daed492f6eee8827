/**
 * A config as a link and back: "1.<payload>", the version and base64url(deflate(JSON of what differs from that version's
 * defaults)). A link comes from a stranger, so every fault ends in one sentence that says what stands there and what
 * may; nothing in it is ever dropped or guessed.
 */
import { parseJson, shorten } from "../config/json.ts";
import { type CheckedConfig, checkConfig } from "../run/check.ts";
import { CONFIG_VERSION, type RunConfig } from "../run/config.ts";
import { deflate, fromBase64Url, inflate, toBase64Url } from "./compress.ts";
import { type Json, pack, upgrade, VERSIONS } from "./migrations.ts";

export type OpenedLink =
  | { readonly ok: true; readonly config: RunConfig }
  /** A whole sentence, for a person. */
  | { readonly ok: false; readonly message: string };

/** A recipe of 64 entries with every field changed stays under 16 KiB. */
const MAX_TEXT = 64 * 1024;
const MAX_JSON = 1024 * 1024;

/** "1.<payload>", to stand after `#`. A config that `checkConfig` refuses is an Error with the sentence. */
export async function encodeLink(config: RunConfig): Promise<string> {
  const checked = checkConfig(config);
  if (!checked.ok) throw new Error(`No link can hold this run: ${checked.message}.`);
  const packed = pack(checked.config as unknown as Json, VERSIONS.get(CONFIG_VERSION)!.defaults);
  const bytes = new TextEncoder().encode(JSON.stringify(packed));
  return `${CONFIG_VERSION}.${toBase64Url(await deflate(bytes))}`;
}

/** Reads "1.…", "#1.…", "#/play?c=1.…" and whole addresses that end so. */
export async function decodeLink(text: string): Promise<OpenedLink> {
  if (text.length > MAX_TEXT) return refuse(`it is longer than ${MAX_TEXT.toLocaleString("en")} characters`);
  const code = codeOf(text.trim());
  if (code === null) return refuse("there is no config in it");
  const parts = /^(\d{1,9})\.(.*)$/su.exec(code);
  if (parts === null)
    return refuse(`it begins with "${shorten(code)}" and not with a version and a point, like 1.abc`);
  const version = Number(parts[1]);
  const payload = parts[2]!;
  if (!VERSIONS.has(version)) {
    const unknown = upgrade({}, version);
    if (!unknown.ok) return refuse(unknown.message);
  }
  if (payload === "") return refuse("nothing follows its version");
  const stranger = /[^A-Za-z0-9_-]/u.exec(payload);
  if (stranger !== null) return refuse(`"${shorten(stranger[0])}" is not a character of a link`);
  const bytes = fromBase64Url(payload);
  const inflated = bytes === null ? "damaged" : await inflate(bytes, MAX_JSON);
  if (inflated === "damaged") return refuse("it is cut off or damaged");
  if (inflated === "too large") return refuse("it unpacks to more than 1 MiB");
  let json: string;
  try {
    json = new TextDecoder("utf-8", { fatal: true }).decode(inflated);
  } catch {
    return refuse("what it holds is not text");
  }
  const opened = open(json, version);
  return opened.ok ? opened : refuse(opened.message);
}

/** The text of a config file, of any version ever published; what it leaves out has that version's default. */
export function readConfig(text: string): CheckedConfig {
  return open(text, null);
}

/** `version` null: as the JSON itself says, else the newest. */
function open(json: string, version: number | null): CheckedConfig {
  const read = parseJson(json);
  if (!read.ok) return read;
  const own = (read.value as { readonly version?: unknown } | null)?.version;
  const upgraded = upgrade(read.value, version ?? own ?? CONFIG_VERSION);
  if (!upgraded.ok) return upgraded;
  if (version !== null && own !== undefined) {
    return { ok: false, path: "version", message: "version stands in it twice" };
  }
  return checkConfig(upgraded.value);
}

/** The part that begins with the version, or null when an address carries none. */
function codeOf(text: string): string | null {
  const hash = text.indexOf("#");
  const place = hash < 0 ? text : text.slice(hash + 1);
  if (place.startsWith("/")) {
    const query = place.indexOf("?");
    return query < 0 ? null : new URLSearchParams(place.slice(query)).get("c");
  }
  return place === "" || (hash < 0 && place.includes("://")) ? null : place;
}

function refuse(why: string): OpenedLink {
  return { ok: false, message: `This link was not opened: ${why}.` };
}
