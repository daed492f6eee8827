/** A person's own images: what may be read, how they are split, and the sentence when they may not. */
import { type Grey, scaled, strokesBright } from "./grey.ts";
import type { ImagePart, LoadedImages } from "./types.ts";

export const OWN_IMAGES_ID = "own-images";
/** Images, classes and bytes of a file. */
export const OWN_IMAGES_LIMIT = 60_000;
export const OWN_CLASSES_LIMIT = 64;
export const OWN_IMAGE_BYTES = 300_000_000;

const SIDE = 28;
const PIXELS = SIDE * SIDE;
/** One in ten is kept for validation; of fewer there is nothing to see. */
const LEAST = 20;

/** All of one size, with bright strokes: plain data that crosses to the worker and stays in the browser. */
export interface OwnImages {
  readonly classes: readonly string[];
  readonly labels: Uint8Array;
  /** [n, 28, 28] */
  readonly pixels: Uint8Array;
}

export interface Labelled {
  readonly label: string;
  readonly picture: Grey;
}

/** Scaled to 28 × 28 by area, strokes bright; classes in the order of their names. Throws one sentence. */
export function ownImages(name: string, images: readonly Labelled[]): OwnImages {
  const classes = [...new Set(images.map(({ label }) => label))].sort(byName);
  if (images.length < LEAST) {
    throw new Error(`${name} has ${images.length} images; at least ${LEAST} are needed.`);
  }
  if (images.length > OWN_IMAGES_LIMIT) {
    const most = OWN_IMAGES_LIMIT.toLocaleString("en");
    throw new Error(`${name} has ${images.length.toLocaleString("en")} images; at most ${most} can be read.`);
  }
  if (classes.length < 2) {
    throw new Error(`All images of ${name} are of one class: there is nothing to tell apart.`);
  }
  if (classes.length > OWN_CLASSES_LIMIT) {
    throw new Error(`${name} has ${classes.length} classes; at most ${OWN_CLASSES_LIMIT} can be learned.`);
  }
  const numbers = new Map(classes.map((label, i) => [label, i]));
  const labels = Uint8Array.from(images, ({ label }) => numbers.get(label)!);
  const pixels = new Uint8Array(images.length * PIXELS);
  images.forEach(({ picture }, i) => {
    pixels.set(scaled(strokesBright(picture), SIDE, SIDE).pixels, i * PIXELS);
  });
  return { classes, labels, pixels };
}

/** "2" before "10". */
const byName = (a: string, b: string): number =>
  a.localeCompare(b, "en", { numeric: true }) || (a < b ? -1 : a > b ? 1 : 0);

/** `label,pixel0,pixel1,…` with a header; rows of a square of grey bytes. Throws one sentence naming the line. */
export function readImageCsv(name: string, bytes: Uint8Array): OwnImages {
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
  const head = (lines[0] ?? "").split(",").map((cell) => cell.trim().toLowerCase());
  const side = Math.sqrt(head.length - 1);
  if (head[0] !== "label" || !Number.isInteger(side) || side < 2) {
    throw new Error(
      `${name} is no table of images: its first line must be label,pixel0,pixel1 and so on, of a square.`,
    );
  }
  const images: Labelled[] = [];
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i]!;
    if (line.trim() === "") continue;
    const cells = line.split(",");
    const label = cells[0]!.trim();
    const pixels = new Uint8Array(head.length - 1);
    for (let p = 0; p < pixels.length; p++) {
      const value = Number(cells[p + 1]);
      if (!Number.isInteger(value) || value < 0 || value > 255 || cells[p + 1]!.trim() === "") {
        throw new Error(
          `${name}, line ${(i + 1).toLocaleString("en")}: pixel ${p} is "${(cells[p + 1] ?? "").slice(0, 12)}", allowed are whole numbers from 0 to 255.`,
        );
      }
      pixels[p] = value;
    }
    if (cells.length !== head.length || label === "") {
      throw new Error(
        `${name}, line ${(i + 1).toLocaleString("en")}: it has ${cells.length} cells, the first line has ${head.length}.`,
      );
    }
    images.push({ label, picture: { width: side, height: side, pixels } });
  }
  return ownImages(name, images);
}

/**
 * For a run: about one image in ten, by a hash of its pixels, is kept for validation, so that two copies of one image are
 * never on both sides; mean and standard deviation are those of the training part.
 */
export function loadOwnImages({ classes, labels, pixels }: OwnImages): LoadedImages {
  const kept: number[] = [];
  const held: number[] = [];
  for (let i = 0; i < labels.length; i++) {
    (hash(pixels.subarray(i * PIXELS, (i + 1) * PIXELS)) % 10 === 0 ? held : kept).push(i);
  }
  // Of very few images none may fall to one of the parts: then the last one does.
  if (held.length === 0) held.push(kept.pop()!);
  if (kept.length === 0) kept.push(held.pop()!);
  const part = (of: readonly number[]): ImagePart => {
    const some = {
      labels: Uint8Array.from(of, (i) => labels[i]!),
      pixels: new Uint8Array(of.length * PIXELS),
    };
    of.forEach((i, k) => {
      some.pixels.set(pixels.subarray(i * PIXELS, (i + 1) * PIXELS), k * PIXELS);
    });
    return some;
  };
  const train = part(kept);
  return {
    kind: "images",
    id: OWN_IMAGES_ID,
    symbols: classes,
    image: { channels: 1, height: SIDE, width: SIDE },
    normal: moments(train.pixels),
    train,
    validation: part(held),
    test: null,
  };
}

/** FNV-1a, of bytes. */
function hash(bytes: Uint8Array): number {
  let h = 0x811c9dc5;
  for (const byte of bytes) h = Math.imul(h ^ byte, 0x01000193);
  // Its lowest bits hang on few bytes: the higher ones are mixed in.
  return (h ^ (h >>> 15)) >>> 0;
}

function moments(pixels: Uint8Array): { readonly mean: number; readonly std: number } {
  let sum = 0;
  let squares = 0;
  for (const byte of pixels) {
    sum += byte;
    squares += byte * byte;
  }
  const mean = sum / pixels.length / 255;
  const variance = squares / pixels.length / 255 ** 2 - mean ** 2;
  // Images of one colour throughout: nothing to scale.
  return { mean, std: variance > 1e-6 ? Math.sqrt(variance) : 1 };
}
