/**
 * From a prepared file, or a person's own text, to tokens: the alphabet, the split, the places where windows may start.
 * The same lines run in browsers, workers, Deno and Node; who reads the file is a parameter.
 */
import { defaults, type Value } from "../config/schema.ts";
import { fnv1a } from "../random/threefry.ts";
import { scattered } from "./clean.ts";
import * as registry from "./registry.ts";
import type { Dataset, LoadedData, LoadedText, ReadFile, TextDataset, TokenPart } from "./types.ts";

export const datasets: readonly Dataset[] = Object.values(registry);

/** Bit 31 of a token: read by the network, never asked of it. */
export const NOT_A_TARGET = 0x80000000;

export async function gunzip(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * A built-in data set: a text ready for windows of `context` tokens, or all images that a run with these values draws
 * from. `choice`: its id and the values of its schema. Throws one sentence when it cannot be.
 */
export async function loadData(
  choice: { readonly id: string } & Readonly<Record<string, Value>>,
  context: number,
  read: ReadFile,
): Promise<LoadedData> {
  const dataset = datasets.find(({ id }) => id === choice.id);
  if (dataset === undefined) throw new Error(`There is no data set "${choice.id}".`);
  const unpacked = async (name: string) => gunzip(await read(`${name}.bin`));
  if (dataset.kind === "images") return dataset.load({ ...defaults(dataset.schema), ...choice }, unpacked);
  return tokenize(dataset.id, dataset.kind, new TextDecoder().decode(await unpacked(dataset.id)), context);
}

/** Tokens, alphabet and split of a text. Exported for one's own text and for tests. */
export function tokenize(id: string, kind: TextDataset["kind"], text: string, context: number): LoadedText {
  const items = kind === "pairs" ? pairItems(text) : null;
  const symbols = items === null ? alphabet(text) : pairAlphabet(items);
  const ids = new Map(symbols.map((symbol, index) => [symbol, index]));
  // A loop, since a text of one's own may have 20 million characters: as a list of strings they would take a gigabyte.
  const encode = (piece: string): Uint32Array => {
    const tokens = new Uint32Array(piece.length);
    let count = 0;
    for (const symbol of piece) {
      const token = ids.get(symbol);
      if (token !== undefined) tokens[count++] = token;
    }
    return tokens.slice(0, count);
  };
  const decode = (tokens: ArrayLike<number>): string =>
    items === null
      ? Array.from(tokens, (token) => symbols[token & ~NOT_A_TARGET] ?? "").join("")
      : decodePairs(Array.from(tokens, (token) => symbols[token & ~NOT_A_TARGET] ?? ""));

  let parts: readonly [TokenPart, TokenPart];
  if (kind === "text") {
    const tokens = encode(text);
    const cut = Math.floor(tokens.length * 0.9);
    parts = [
      { tokens: tokens.slice(0, cut), starts: null },
      { tokens: tokens.slice(cut), starts: null },
    ];
  } else {
    // Lists arrive sorted: the split is by a hash of the entry, and the stream in an order that says nothing.
    const lines = scattered(text.split("\n").filter(Boolean));
    const word = (line: string) => line.split("\t")[0] ?? line;
    const held = (line: string) => fnv1a(word(line)) % 10 === 0;
    const join = (some: readonly string[]): TokenPart =>
      listPart(
        some.map((line) => (items === null ? encode(`${line}\n`) : encodePair(line, ids))),
        context,
      );
    parts = [join(lines.filter((line) => !held(line))), join(lines.filter(held))];
  }
  const [train, validation] = parts;
  checkLength(train, validation, symbols.length, context, text.length);
  return {
    kind: "text",
    id,
    symbols,
    train,
    validation,
    encode,
    decode,
    excerpt: decode(validation.tokens.slice(0, 4096)),
  };
}

function checkLength(
  train: TokenPart,
  validation: TokenPart,
  symbols: number,
  context: number,
  chars: number,
): void {
  if (symbols < 2) throw new Error("This text has only one symbol: there is nothing to predict.");
  const least = Math.ceil((context + 2) / 0.1);
  const short = (part: TokenPart) => part.tokens.length < context + 2 || part.starts?.length === 0;
  if (short(train) || short(validation)) {
    throw new Error(
      `This text is too short: ${chars.toLocaleString("en")} characters, and a context of ${context} needs at least ` +
        `${least.toLocaleString("en")} (a tenth is kept for validation).`,
    );
  }
}

function listPart(entries: readonly Uint32Array[], context: number): TokenPart {
  const tokens = new Uint32Array(entries.reduce((n, entry) => n + entry.length, 0));
  const starts: number[] = [];
  let at = 0;
  for (const entry of entries) {
    starts.push(at);
    tokens.set(entry, at);
    at += entry.length;
  }
  return { tokens, starts: Uint32Array.from(starts.filter((start) => start + context + 1 <= tokens.length)) };
}

/** Code-point order: the same ids for the same set of characters, whatever the text's order. */
function alphabet(text: string): string[] {
  return [...new Set(text)].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
}

const pairItems = (text: string): readonly (readonly [string, readonly string[]])[] =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [word = "", phones = ""] = line.split("\t");
      return [word, phones.split(" ")] as const;
    });

/** End of the word, end of the letters, the letters, then the phones: a phone never shares an id with a letter. */
function pairAlphabet(items: readonly (readonly [string, readonly string[]])[]): string[] {
  const letters = [...new Set(items.flatMap(([word]) => [...word]))].sort();
  const phones = [...new Set(items.flatMap(([, some]) => some))].sort();
  return ["\n", "\t", ...letters, ...phones];
}

function encodePair(line: string, ids: ReadonlyMap<string, number>): Uint32Array {
  const [word = "", phones = ""] = line.split("\t");
  const read = [...word, "\t"].map((symbol) => (ids.get(symbol)! | NOT_A_TARGET) >>> 0);
  const asked = [...phones.split(" "), "\n"].map((symbol) => ids.get(symbol)!);
  return Uint32Array.from([...read, ...asked]);
}

/** Letters run together, phones stand apart: "whale\tW EY L\n". */
function decodePairs(symbols: readonly string[]): string {
  const text: string[] = [];
  let phones = false;
  let before = "";
  for (const symbol of symbols) {
    if (phones && symbol !== "\n" && before !== "\t") text.push(" ");
    text.push(symbol);
    if (symbol === "\t") phones = true;
    if (symbol === "\n") phones = false;
    before = symbol;
  }
  return text.join("");
}
