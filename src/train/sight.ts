/** What a look at a run looks at: a text or an image in the device's window, and how the answer to it is told. */
import type { LoadedImages, LoadedText } from "../data/types.ts";
import type { RunView } from "../run/messages.ts";
import type { Core } from "./core.ts";

/** How a place is drawn that holds [MASK]. */
const MASKED = "▢";
/** Symbols in the list of what comes next. */
const NEXT = 5;

/** What is to be looked at: a text, an image of the validation part by its number, or one's own as bytes. */
export interface Sight {
  readonly text: string;
  readonly picture: number | Uint8Array;
}

/** What a look brings, and how often. */
export interface Look extends Sight {
  /** 0: not at all. */
  readonly every: number;
  readonly part: string | null;
  readonly lens: { readonly layer: number | null } | null;
  readonly graph: boolean;
  readonly bridge: string | null;
}

export interface Window {
  readonly words: Uint32Array;
  /** What the page is told, from the network's answer: [T, V] probabilities. */
  tell(probabilities: Float32Array): Pick<RunView, "text" | "next" | "picture">;
}

export function windowOf(core: Readonly<Core>, sight: Sight): Window {
  const { data } = core.setup;
  return data.kind === "text" ? onText(core, data, sight.text) : onImage(data, sight.picture);
}

/** The last `room` tokens of a text; one token at least, since a network must read something. */
function tail(data: LoadedText, text: string, room: number): Uint32Array {
  const tokens = data.encode(text);
  const some = tokens.length > 0 ? tokens : data.encode(data.excerpt.slice(0, 1));
  return some.slice(Math.max(0, some.length - room));
}

/** The window as the network reads it, and the place of its last token. What follows is read by nobody before: 0, or [MASK]. */
export function textWindow(
  { setup: { shape, model } }: Readonly<Core>,
  data: LoadedText,
  text: string,
): { readonly words: Uint32Array; readonly last: number; readonly tokens: Uint32Array } {
  const words = new Uint32Array(shape.context);
  const first = model.bos ? 1 : 0;
  // A masked model is asked at places that hold [MASK]: one at least must be left for it.
  const tokens = tail(data, text, shape.context - first - (model.masked ? 1 : 0));
  if (model.masked) words.fill(shape.vocab + 1);
  if (model.bos) words[0] = shape.vocab;
  words.set(tokens, first);
  return { words, last: first + tokens.length - 1, tokens };
}

function onText(core: Readonly<Core>, data: LoadedText, text: string): Window {
  const { words, last, tokens } = textWindow(core, data, text === "" ? data.excerpt : text);
  const { vocab } = core.setup.shape;
  const first = last + 1 - tokens.length;
  const asked = core.setup.model.masked ? last + 1 : last;
  return {
    words,
    tell: (probabilities) => ({
      // A place a column of the tiles: [BOS] has no symbol, unused places are empty, or hold [MASK].
      text: Array.from(words, (token, i) => {
        if (i > last) return core.setup.model.masked ? MASKED : "";
        return i < first ? "" : (data.symbols[token & 0x7fffffff] ?? "");
      }),
      next: named(probabilities.subarray(asked * vocab, (asked + 1) * vocab), data.symbols)
        .sort((a, b) => b.probability - a.probability)
        .slice(0, NEXT),
      picture: null,
    }),
  };
}

function named(probabilities: Float32Array, symbols: readonly string[]) {
  return Array.from(probabilities, (probability, i) => ({ symbol: symbols[i] ?? "", probability }));
}

/** A number beyond the last image counts from the first again. */
function onImage(data: LoadedImages, picture: number | Uint8Array): Window {
  const { channels, height, width } = data.image;
  const size = channels * height * width;
  const { labels, pixels: all } = data.validation;
  const of = labels.length;
  const index = typeof picture === "number" ? ((picture % of) + of) % of : null;
  const pixels = new Uint8Array(size);
  if (index !== null) pixels.set(all.subarray(index * size, (index + 1) * size));
  else pixels.set((picture as Uint8Array).subarray(0, size));
  const label = index === null ? null : (data.symbols[labels[index]!] ?? null);
  return {
    words: new Uint32Array(pixels.buffer),
    tell: (probabilities) => ({
      text: [],
      // Every class in its order: bars that change places cannot be read while one draws.
      next: named(probabilities, data.symbols),
      picture: { ...data.image, pixels, index, of, label },
    }),
  };
}
