/**
 * One's own text: read, fingerprinted and kept in this browser. A config names it by file name and SHA-256 only, so a
 * link never carries it; whoever opens such a link is asked for the same file.
 */
import type { RunConfig } from "../../run/config.ts";
import { MAX_NAME } from "../../run/limits.ts";
import { checkOwnSize, OWN_ID, readOwnText } from "../../run/own-text.ts";
import { withData } from "./draft.ts";
import { tellDataFull } from "./full.ts";
import { findText, keepText, type OwnText, StorageFull, sha256 } from "./storage.ts";
import { getRun, setRun } from "./store.ts";

/** Texts of this visit: they work even where the browser keeps nothing (private windows). */
const here = new Map<string, OwnText>();

/** Null: the text is not in this browser, and the drop zone now asks for it. {}: the config needs none. */
export async function ownTextOf(config: RunConfig, retry: () => void): Promise<{ text?: string } | null> {
  if (config.data.id !== OWN_ID) return {};
  const name = String(config.data.name);
  const hash = String(config.data.sha256);
  const kept = here.get(hash) ?? (await findText(hash).catch(() => null));
  if (kept) {
    here.set(hash, kept);
    return { text: kept.text };
  }
  setRun({ missingText: { kind: "text", name, sha256: hash, retry }, playSoon: false });
  return null;
}

/** What came of a file: it is now the draft's data, or one sentence why not. */
export type Taken =
  | { readonly ok: true; readonly text: OwnText }
  | { readonly ok: false; readonly message: string };

export async function takeFile(file: File): Promise<Taken> {
  try {
    checkOwnSize(file.name, file.size);
  } catch (error) {
    return refusedFor(error);
  }
  let bytes: ArrayBuffer;
  try {
    bytes = await file.arrayBuffer();
  } catch {
    // A folder, or a file that is gone or closed to the browser.
    return { ok: false, message: `${file.name} cannot be read. Choose one text file.` };
  }
  return take(file.name, new Uint8Array(bytes));
}

export async function takePaste(text: string): Promise<Taken> {
  return take("pasted text", new TextEncoder().encode(text));
}

const refusedFor = (error: unknown): Taken => ({
  ok: false,
  message: error instanceof Error ? error.message : String(error),
});

async function take(fileName: string, bytes: Uint8Array<ArrayBuffer>): Promise<Taken> {
  // Control characters would be refused by the config's check; a name is only shown.
  const name = fileName.replace(/\p{Cc}/gu, "").slice(0, MAX_NAME) || "text";
  let own: OwnText;
  try {
    const text = readOwnText(name, bytes);
    own = { sha256: await sha256(bytes), name, text, bytes: bytes.length, at: Date.now() };
  } catch (error) {
    return refusedFor(error);
  }
  const wanted = getRun().missingText;
  if (wanted !== null && wanted.sha256 !== own.sha256) {
    return { ok: false, message: `${name} is another text than ${wanted.name}: its fingerprint differs.` };
  }
  here.set(own.sha256, own);
  await keepText(own).catch((error: unknown) => {
    // Kept for this visit all the same. Private windows keep nothing, and nobody expects it of them.
    if (error instanceof StorageFull) tellDataFull(name);
  });
  if (wanted !== null) {
    setRun({ missingText: null });
    wanted.retry();
  } else {
    adoptText(own);
  }
  return { ok: true, text: own };
}

/** The draft's data is this text. */
export function adoptText(own: OwnText): void {
  here.set(own.sha256, own);
  const data = { id: OWN_ID, name: own.name, sha256: own.sha256 };
  setRun(({ draft }) => ({ draft: withData(draft, data) }));
}

export function textHere(hash: string): OwnText | null {
  return here.get(hash) ?? null;
}
