import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fnv1a, fold, normalPair, STREAM, streamKey, threefry2x32, uniform, uniformInt } from "./threefry.ts";

describe("threefry2x32", () => {
  // kat_vectors of the Random123 distribution, "threefry2x32 20".
  it.each([
    [
      [0, 0, 0, 0],
      [0x6b200159, 0x99ba4efe],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0x1cb996fc, 0xbb002be7],
    ],
    [
      [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3],
      [0xc4923a9c, 0x483df7a0],
    ],
  ] as const)("known answer %#", (input, expected) => {
    expect(threefry2x32(...(input as unknown as [number, number, number, number]))).toEqual(expected);
  });

  it("counts 2¹⁶ counters evenly: each bit of either word is set in half of them", () => {
    const key = streamKey(1, 2, STREAM.test);
    const counts = new Array<number>(64).fill(0);
    const n = 1 << 16;
    for (let i = 0; i < n; i++) {
      const words = threefry2x32(key[0], key[1], i, 0);
      for (let b = 0; b < 64; b++) counts[b]! += (words[b >> 5]! >>> (b & 31)) & 1;
    }
    // σ of a fair coin over n tosses is √n/2 = 128; 5σ over 64 bits fails once in 27 000 keys, and the key is fixed.
    for (const count of counts) expect(Math.abs(count - n / 2)).toBeLessThan(640);
  });
});

describe("keys", () => {
  it("differ by stream, seed word and name", () => {
    const keys = [
      ...Object.values(STREAM).flatMap((s) => [streamKey(7, 0, s), streamKey(0, 7, s)]),
      fold(streamKey(7, 0, STREAM.init), "blocks.0.attn"),
      fold(streamKey(7, 0, STREAM.init), "blocks.1.attn"),
    ];
    expect(new Set(keys.map((k) => k.join())).size).toBe(keys.length);
  });

  it("fnv1a has its published values", () => {
    expect(fnv1a("")).toBe(0x811c9dc5);
    expect(fnv1a("a")).toBe(0xe40c292c);
    expect(fnv1a("foobar")).toBe(0xbf9cf968);
  });

  it("streams have the same numbers in WGSL", () => {
    const wgsl = readFileSync(new URL("../../shaders/lib/random.wgsl", import.meta.url), "utf8");
    const found = [...wgsl.matchAll(/const STREAM_(\w+) = (\d+)u;/g)].map((m) => [
      m[1]!.toLowerCase(),
      Number(m[2]),
    ]);
    expect(Object.fromEntries(found)).toEqual(STREAM);
  });
});

describe("distributions", () => {
  it("uniform covers [0, 1) on 24 bits", () => {
    expect(uniform(0xffffffff)).toBe(1 - 2 ** -24);
    expect(uniform(0xff)).toBe(0);
    expect(Math.fround(uniform(0x12345678))).toBe(uniform(0x12345678));
  });

  it("uniformInt is the exact high word", () => {
    const key = streamKey(3, 4, STREAM.test);
    for (let i = 0; i < 5000; i++) {
      const [bits, other] = threefry2x32(key[0], key[1], i, 1);
      const n = other >>> (i % 32) || 1;
      expect(uniformInt(bits, n)).toBe(Number((BigInt(bits) * BigInt(n)) >> 32n));
    }
    expect(uniformInt(0xffffffff, 0xffffffff)).toBe(0xfffffffe);
  });

  it("normalPair has the moments of N(0, 1)", () => {
    const key = streamKey(5, 6, STREAM.test);
    const n = 50_000;
    const sums = [0, 0, 0, 0];
    let cross = 0;
    for (let i = 0; i < n; i++) {
      const [b0, b1] = threefry2x32(key[0], key[1], i, 2);
      const [x, y] = normalPair(b0, b1);
      cross += x * y;
      for (const z of [x, y]) for (let p = 0; p < 4; p++) sums[p]! += z ** (p + 1);
    }
    const [m1, m2, m3, m4] = sums.map((s) => s / (2 * n));
    // Standard errors of the four means over 10⁵ draws: √(1, 2, 15, 96)/316 = .0032, .0045, .0122, .031; 4 of each.
    expect(Math.abs(m1!)).toBeLessThan(0.013);
    expect(Math.abs(m2! - 1)).toBeLessThan(0.018);
    expect(Math.abs(m3!)).toBeLessThan(0.049);
    expect(Math.abs(m4! - 3)).toBeLessThan(0.124);
    expect(Math.abs(cross / n)).toBeLessThan(0.018);
    expect(normalPair(0, 0)[0]).toBeCloseTo(Math.sqrt(48 * Math.LN2), 12);
  });
});
