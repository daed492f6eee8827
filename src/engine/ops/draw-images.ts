/**
 * A batch of images, drawn and unpacked on the device: bytes lie there once, and a step uploads only its number. Which
 * images a batch holds is a function of (seed, step) alone: every image once, in an order of its own for each epoch,
 * before any comes again. The order is a keyed permutation that is computed, not a list that is kept.
 */
import { type Key, STREAM, streamKey, threefry2x32 } from "../../random/threefry.ts";
import { CONTROL_WORDS, control, controlValue } from "../control.ts";
import { sizeOf } from "../layout.ts";
import type { OpDef, TensorSpec } from "../types.ts";
import { evenPick } from "./draw-windows.ts";
import { foldGrid } from "./grid.ts";
import { filled } from "./strided.ts";

export interface DrawImagesAttrs {
  readonly batch: number;
  /** [channels, height, width]; a multiple of four pixels. */
  readonly image: readonly number[];
  /** A pixel is read as (byte / 255 − mean) / std. */
  readonly mean: number;
  readonly std: number;
}

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const u32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "u32" });

/** Bits of 0 … n − 1, shared out to the two halves of a Feistel network. */
function halves(n: number): { readonly low: number; readonly high: number } {
  const bits = Math.max(2, 32 - Math.clz32(n - 1));
  return { low: Math.ceil(bits / 2), high: Math.floor(bits / 2) };
}

/** Image number `index` of epoch `epoch`: for a fixed epoch a permutation of 0 … n − 1. */
export function epochOrder(key: Key, epoch: number, index: number, n: number): number {
  const { low: lowBits, high: highBits } = halves(n);
  const round = (r: number, half: number) => threefry2x32(key[0], key[1], epoch, (half | (r << 16)) >>> 0)[0];
  let low = index & (2 ** lowBits - 1);
  let high = index >>> lowBits;
  for (;;) {
    for (let r = 0; r < 4; r += 2) {
      low ^= round(r, high) & (2 ** lowBits - 1);
      high ^= round(r + 1, low) & (2 ** highBits - 1);
    }
    const at = high * 2 ** lowBits + low;
    if (at < n) return at;
  }
}

/** Number of image b of the batch that a control block asks for. */
export function imagePick(words: ArrayLike<number>, b: number, batch: number, n: number): number {
  const at = (slot: Parameters<typeof controlValue>[1]) => controlValue(words, slot);
  if (at("drawMode") !== 0) return evenPick(words, b, batch, n);
  const item = at("step") * batch + b;
  const key = streamKey(at("seed0"), at("seed1"), STREAM.order);
  return epochOrder(key, Math.floor(item / n) >>> 0, item % n, n);
}

/**
 * Inputs pixels u32 [n · words] (four bytes a word, the first pixel in the lowest), labels u32 [n] and the control block;
 * gives images f32 [B, channels, height, width] and targets u32 [B]. drawMode 1: evenly spaced, as draw-windows.
 */
export const drawImages: OpDef<DrawImagesAttrs> = {
  name: "draw-images",
  infer([pixels, labels, words], { batch, image }) {
    if ([pixels!, labels!, words!].some(({ dtype }) => dtype !== "u32")) {
      throw new Error("draw-images: pixels, labels and the control block are u32");
    }
    if (sizeOf(words!.shape) < CONTROL_WORDS) {
      throw new Error("draw-images: the third input must be the control block");
    }
    const n = sizeOf(labels!.shape);
    const size = sizeOf(image);
    if (image.length !== 3 || size % 4 !== 0 || 4 * sizeOf(pixels!.shape) !== n * size) {
      throw new Error(`draw-images: ${n} images of [${image}] do not lie in ${sizeOf(pixels!.shape)} words`);
    }
    if (batch > n) throw new Error(`draw-images: a batch of ${batch} needs as many images, there are ${n}`);
    return [f32(batch, ...image), u32(batch)];
  },
  lower([pixels, labels, words], [images, targets], { batch, image, mean, std }) {
    const count = sizeOf(labels!.shape);
    const { low, high } = halves(count);
    return [
      {
        shader: "draw-images",
        entry: "forward",
        sizes: {
          batch,
          count,
          words: sizeOf(image) / 4,
          low_bits: low,
          high_bits: high,
          mean,
          inv_std: 1 / std,
        },
        bind: { pixels: pixels!, labels: labels!, control: words!, images: images!, targets: targets! },
        grid: foldGrid(batch),
      },
    ];
  },
  reference([pixels, labels, words], { batch, image, mean, std }) {
    const n = sizeOf(labels!.shape);
    const size = sizeOf(image);
    const images = filled([batch, ...image], "f32");
    const targets = filled([batch], "u32");
    for (let b = 0; b < batch; b++) {
      const from = imagePick(words!.data, b, batch, n);
      targets.data[b] = labels!.data[from]!;
      for (let i = 0; i < size; i++) {
        const byte = (pixels!.data[(from * size + i - (i % 4)) / 4]! >>> (8 * (i % 4))) & 255;
        images.data[b * size + i] = (byte / 255 - mean) / std;
      }
    }
    return [images, targets];
  },
  samples: [
    sample(23, { batch: 5, image: [1, 2, 4], mean: 0.1307, std: 0.3081 }, { step: 3 }),
    // Across the end of an epoch; a number of images that is a power of two; one image.
    sample(23, { batch: 9, image: [1, 2, 2], mean: 0, std: 1 }, { step: 2 }),
    sample(64, { batch: 7, image: [3, 2, 2], mean: 0.5, std: 0.25 }, { step: 0xfffffff0 }),
    sample(1, { batch: 1, image: [1, 2, 2], mean: 0, std: 1 }, { step: 9 }),
    sample(16, { batch: 16, image: [1, 2, 2], mean: 0, std: 1 }, { step: 7 }),
    sample(23, { batch: 3, image: [1, 2, 2], mean: 0, std: 1 }, { drawMode: 1, drawIndex: 1, drawCount: 2 }),
    // More words than a workgroup has lanes.
    sample(3, { batch: 2, image: [1, 28, 28], mean: 0.1307, std: 0.3081 }, { step: 1 }),
  ],
};

function sample(n: number, attrs: DrawImagesAttrs, words: Parameters<typeof control>[0]) {
  const size = (n * sizeOf(attrs.image)) / 4;
  return {
    inputs: [u32(size), u32(n), u32(CONTROL_WORDS)],
    attrs,
    values: (input: number) => {
      if (input === 1) return Array.from({ length: n }, (_, i) => (i * 7) % 10);
      if (input === 2) return control({ seed0: 17, seed1: 0xcafe, ...words });
      return Array.from({ length: size }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 0);
    },
  };
}
