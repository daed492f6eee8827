/**
 * How data reaches a network: where it lies on the device, how a program draws a batch of it, and what a window to look
 * through is. The one place that tells texts from images; programs and networks do not.
 */
import type { LoadedData, LoadedImages, LoadedText } from "../data/types.ts";
import { sizeOf } from "../engine/layout.ts";
import { drawImages } from "../engine/ops/draw-images.ts";
import { drawWindows } from "../engine/ops/draw-windows.ts";
import { maskTokens } from "../engine/ops/mask-tokens.ts";
import { reshape } from "../engine/ops/reshape.ts";
import type { Arena, Backend, Executable, Tensor, Trace } from "../engine/types.ts";
import type { Batch, DataShape } from "../models/types.ts";
import type { Setup } from "./setup.ts";

/** A part of the data on the device, by the names under which programs bind it. */
export type DevicePart = ReadonlyMap<string, Arena>;

export type Part = "train" | "validation";

type Words = ReadonlyMap<string, Uint32Array>;

/** What lies on the device. Bytes stay bytes: four pixels a word, the first in the lowest byte. */
function wordsOf(data: LoadedData, part: Part): Words {
  if (data.kind === "text") {
    const { tokens, starts } = data[part];
    // One unused element when windows may start anywhere: a binding cannot be empty.
    const places = starts === null || starts.length === 0 ? new Uint32Array(1) : starts;
    return new Map([
      ["tokens", tokens],
      ["starts", places],
    ]);
  }
  return imageWords(data[part]);
}

function imageWords({ labels, pixels }: LoadedImages["train"]): Words {
  return new Map([
    ["pixels", packed(pixels)],
    ["labels", Uint32Array.from(labels)],
  ]);
}

function packed(pixels: Uint8Array): Uint32Array {
  const aligned = pixels.byteOffset % 4 === 0 ? pixels : pixels.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}

export function place(backend: Backend, data: LoadedData, part: Part): DevicePart {
  return placed(backend, part, wordsOf(data, part));
}

/** A part that is on the device for one purpose only, such as the test images. */
export function placeImages(backend: Backend, name: string, part: LoadedImages["train"]): DevicePart {
  return placed(backend, name, imageWords(part));
}

function placed(backend: Backend, part: string, words: Words): DevicePart {
  return new Map(
    [...words].map(([name, data]) => {
      const arena = backend.arena(`data.${part}.${name}`, data.length);
      arena.write(0, data);
      return [name, arena];
    }),
  );
}

export function bindPart(executable: Executable, part: DevicePart): void {
  for (const [name, arena] of part) executable.bind(name, arena);
}

export function disposePart(part: DevicePart): void {
  for (const arena of part.values()) arena.dispose();
}

/** A batch as the control block asks for it. */
export function drawn(
  t: Trace,
  setup: Setup,
  part: Part,
  batch: number,
): Batch & { readonly targets: Tensor } {
  const { data } = setup;
  const [inputs, targets] =
    data.kind === "text" ? drawnText(t, setup, data, part, batch) : drawnImages(t, data, part, batch);
  return { inputs: inputs!, targets: targets! };
}

function drawnText(t: Trace, { shape, model }: Setup, data: LoadedText, part: Part, batch: number) {
  const { tokens, starts } = data[part];
  const windows = t.call(
    drawWindows,
    [
      t.buffer("tokens", "data", { shape: [tokens.length], dtype: "u32" }),
      t.buffer("starts", "data", { shape: [Math.max(1, starts?.length ?? 0)], dtype: "u32" }),
      t.control,
    ],
    { batch, context: shape.context, bos: model.bos, vocab: shape.vocab, listed: starts !== null },
  );
  return model.masked ? t.call(maskTokens, [windows[0]!, t.control], { vocab: shape.vocab }) : windows;
}

const imageAttrs = ({ image: { channels, height, width }, normal }: LoadedImages) => ({
  image: [channels, height, width],
  ...normal,
});

function drawnImages(t: Trace, data: LoadedImages, part: Part, batch: number) {
  const { labels, pixels } = data[part];
  return t.call(
    drawImages,
    [
      t.buffer("pixels", "data", { shape: [pixels.length / 4], dtype: "u32" }),
      t.buffer("labels", "data", { shape: [labels.length], dtype: "u32" }),
      t.control,
    ],
    // The fixed batches are no larger than the part they come from.
    { batch: part === "train" ? batch : Math.min(batch, labels.length), ...imageAttrs(data) },
  );
}

/** Words of the buffer "window": a text's tokens, or the pixels of one image. */
export function windowWords({ context, image }: DataShape): number {
  return image === undefined ? context : imageSize(image) / 4;
}

const imageSize = ({ channels, height, width }: NonNullable<DataShape["image"]>): number =>
  channels * height * width;

/** A batch of one, read from the buffer "window". */
export function windowed(t: Trace, { shape, data }: Setup): Tensor {
  const words = windowWords(shape);
  const window = t.buffer("window", "data", { shape: [words], dtype: "u32" });
  if (data.kind === "text") return t.call(reshape, [window], { shape: [1, sizeOf(window.shape)] })[0]!;
  // The one image there is, whichever the draw.
  const label = t.constant({ shape: [1], dtype: "u32" }, [0]);
  return t.call(drawImages, [window, label, t.control], { batch: 1, ...imageAttrs(data) })[0]!;
}
