/** What the ops on images mean, by values worked out by hand; kernels and gradients are held against the references. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { STREAM, streamKey } from "../../random/threefry.ts";
import { control } from "../control.ts";
import type { DType, NdArray } from "../types.ts";
import { accuracy } from "./accuracy.ts";
import { IGNORED } from "./cross-entropy.ts";
import { drawImages, epochOrder, imagePick } from "./draw-images.ts";
import { pool, poolGrad } from "./pool.ts";

const array = (dtype: DType, shape: readonly number[], data: ArrayLike<number>): NdArray => ({
  dtype,
  shape,
  data: Float64Array.from(data),
});
const f32 = (shape: readonly number[], data: ArrayLike<number>) => array("f32", shape, data);
const u32 = (data: ArrayLike<number>) => array("u32", [data.length], data);
const list = (a: NdArray | undefined): number[] => [...a!.data];

describe("the order of an epoch", () => {
  const key = streamKey(5, 0, STREAM.order);

  it("is a permutation, another one for each epoch and seed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(1000), (n, epoch) => {
        const order = Array.from({ length: n }, (_, i) => epochOrder(key, epoch, i, n));
        expect([...order].sort((a, b) => a - b)).toEqual(order.map((_, i) => i));
      }),
      { numRuns: 40 },
    );
    const order = (k: typeof key, epoch: number) =>
      Array.from({ length: 100 }, (_, i) => epochOrder(k, epoch, i, 100)).join();
    expect(order(key, 0)).not.toBe(order(key, 1));
    expect(order(key, 0)).not.toBe(order(streamKey(6, 0, STREAM.order), 0));
  });

  it("mixes: neighbours of an epoch come from anywhere", () => {
    const n = 55_000;
    let jump = 0;
    for (let i = 0; i < 2000; i++) jump += Math.abs(epochOrder(key, 3, i, n) - epochOrder(key, 3, i + 1, n));
    // Two uniform places lie n/3 apart on average; of 2,000 differences the mean strays by n/(√18·√2000) = .53 %.
    expect(Math.abs(jump / 2000 / (n / 3) - 1)).toBeLessThan(0.08);
  });

  it("gives every image once before any comes again, over the ends of batches", () => {
    const [n, batch] = [50, 8];
    const seen: number[] = [];
    for (let step = 0; step < 25; step++) {
      for (let b = 0; b < batch; b++) seen.push(imagePick(control({ step, seed0: 9 }), b, batch, n));
    }
    for (let epoch = 0; epoch < 4; epoch++) {
      expect(new Set(seen.slice(epoch * n, (epoch + 1) * n)).size).toBe(n);
    }
  });
});

describe("draw-images", () => {
  it("takes bytes from the lowest up and normalises them", () => {
    const words = u32([0x04030201, 0xff000080]);
    const attrs = { batch: 2, image: [1, 2, 2], mean: 0.5, std: 0.25 };
    const draw = u32([...control({ drawMode: 1, drawCount: 1 })]);
    const [images, targets] = drawImages.reference([words, u32([7, 3]), draw], attrs);
    const wanted = [1, 2, 3, 4, 128, 0, 0, 255].map((byte) => (byte / 255 - 0.5) / 0.25);
    list(images).forEach((value, i) => {
      expect(value).toBeCloseTo(wanted[i]!, 12);
    });
    expect(list(targets)).toEqual([7, 3]);
  });

  it("refuses what does not fit", () => {
    const attrs = { batch: 3, image: [1, 2, 2], mean: 0, std: 1 };
    const at = (n: number, words: number) =>
      drawImages.infer([u32(Array(words).fill(0)), u32(Array(n).fill(0)), u32(Array(64).fill(0))], attrs);
    expect(() => at(2, 2)).toThrow("a batch of 3 needs as many images, there are 2");
    expect(() => at(4, 5)).toThrow("4 images of [1,2,2] do not lie in 5 words");
  });
});

describe("accuracy", () => {
  it("counts rows whose largest is the target, the first of equals, and leaves out what is not asked", () => {
    const logits = f32([5, 3], [0, 2, 1, 5, 1, 1, 1, 1, 0, 1, 1, 0, 0, 0, 9]);
    const share = (targets: number[]) => list(accuracy.reference([logits, u32(targets)], {})[0])[0];
    expect(share([1, 0, 0, 0, 2])).toBe(1);
    expect(share([1, 0, 1, 1, 2])).toBe(0.6);
    expect(share([0, 0, IGNORED, IGNORED, 2])).toBeCloseTo(2 / 3, 15);
    expect(share(Array(5).fill(IGNORED))).toBe(0);
  });
});

describe("pool", () => {
  const x = f32([1, 1, 4, 5], [1, 2, 3, 4, 90, 5, 6, 7, 8, 90, 8, 7, 6, 5, 90, 4, 3, 2, 1, 90]);
  it("takes the largest or the mean of squares and leaves the rest of a row out", () => {
    expect(list(pool.reference([x], { how: "max", size: 2 })[0])).toEqual([6, 8, 8, 6]);
    expect(list(pool.reference([x], { how: "average", size: 2 })[0])).toEqual([3.5, 5.5, 5.5, 3.5]);
  });
  it("sends a gradient to the largest, or in equal parts", () => {
    const dy = f32([1, 1, 2, 2], [10, 20, 30, 40]);
    expect(list(poolGrad.reference([x, dy], { how: "max", size: 2 })[0])).toEqual([
      0, 0, 0, 0, 0, 0, 10, 0, 20, 0, 30, 0, 40, 0, 0, 0, 0, 0, 0, 0,
    ]);
    expect(list(poolGrad.reference([x, dy], { how: "average", size: 2 })[0])).toEqual([
      2.5, 2.5, 5, 5, 0, 2.5, 2.5, 5, 5, 0, 7.5, 7.5, 10, 10, 0, 7.5, 7.5, 10, 10, 0,
    ]);
  });
});
