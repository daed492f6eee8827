/** A person's own text: what may be read, and the sentence when it may not. The text never leaves the browser. */
import { tokenize } from "./load.ts";
import type { LoadedText } from "./types.ts";

export const OWN_ID = "own";
export const OWN_LIMIT = 20_000_000;
/** What a symbol seen fewer than 10 times becomes. */
export const UNKNOWN = "\ufffd";

/** Of a file before it is read: throws one sentence where it is empty or too large. */
export function checkOwnSize(name: string, bytes: number): void {
  if (bytes === 0) throw new Error(`${name} is empty.`);
  if (bytes > OWN_LIMIT) {
    throw new Error(`${name} has ${Math.ceil(bytes / 1e6)} MB; at most ${OWN_LIMIT / 1e6} MB can be read.`);
  }
}

/** UTF-8 bytes to text. Throws one sentence naming the file and the first bad byte. */
export function readOwnText(name: string, bytes: Uint8Array): string {
  checkOwnSize(name, bytes.length);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error(
      `${name} is not UTF-8 text: byte ${firstBadByte(bytes).toLocaleString("en")} cannot be read.`,
    );
  }
  if (text.includes("\0")) throw new Error(`${name} is not text: it has a zero byte.`);
  return text.replace(/\r\n?/g, "\n").normalize("NFC");
}

/** 1-based position of the first byte that no UTF-8 text can have there. */
function firstBadByte(bytes: Uint8Array): number {
  let low = 0;
  let high = bytes.length;
  const reads = (end: number): boolean => {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, end), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  // A prefix that decodes as a stream has no fault yet (an unfinished character at its end is none).
  while (low < high) {
    const middle = (low + high) >> 1;
    if (reads(middle + 1)) low = middle + 1;
    else high = middle;
  }
  return low + 1;
}

/** Matches every one of these symbols. By code point: a symbol may mean something in a pattern. */
function anyOf(symbols: ReadonlySet<string>): RegExp {
  const points = Array.from(symbols, (symbol) => `\\u{${symbol.codePointAt(0)!.toString(16)}}`);
  return new RegExp(`[${points.join("")}]`, "gu");
}

/** Tokens of one's own text: rare symbols become one unknown, then as every other text. */
export function loadOwnText(text: string, context: number): LoadedText {
  const counts = new Map<string, number>();
  for (const symbol of text) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  const rare = new Set([...counts].filter(([, n]) => n < 10).map(([symbol]) => symbol));
  // A short text has few of everything; the rule is for stray symbols in long ones.
  const stray = text.length >= 10_000 && rare.size > 0 && rare.size < counts.size;
  const kept = stray ? text.replace(anyOf(rare), UNKNOWN) : text;
  const symbols = stray ? counts.size - rare.size + 1 : counts.size;
  if (symbols > 256) {
    throw new Error(
      `This text has ${symbols} different symbols; at most 256 can be learned a character at a time.`,
    );
  }
  return tokenize(OWN_ID, "text", kept, context);
}
