import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asDigit, type Grey, scaled, strokesBright } from "./grey.ts";

const grey = (width: number, pixels: readonly number[]): Grey => ({
  width,
  height: pixels.length / width,
  pixels: Uint8Array.from(pixels),
});

describe("scaled", () => {
  it("is the mean of what a pixel covers, parts by their share", () => {
    expect([...scaled(grey(4, [0, 100, 200, 40, 0, 100, 200, 40]), 2, 1).pixels]).toEqual([50, 120]);
    // Three to two: each covers one and a half.
    expect([...scaled(grey(3, [30, 90, 240]), 2, 1).pixels]).toEqual([50, 190]);
    expect([...scaled(grey(1, [7]), 3, 2).pixels]).toEqual([7, 7, 7, 7, 7, 7]);
  });
  it("keeps the mean, to the rounding of a byte", () => {
    const mean = ({ pixels }: Grey) => pixels.reduce((a, b) => a + b, 0) / pixels.length;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 30 }),
        (w, h, toW, toH) => {
          const picture = grey(
            w,
            Array.from({ length: w * h }, (_, i) => (i * 73) % 256),
          );
          expect(Math.abs(mean(scaled(picture, toW, toH)) - mean(picture))).toBeLessThanOrEqual(0.51);
        },
      ),
    );
  });
});

describe("strokesBright", () => {
  it("inverts dark on bright and leaves bright on dark", () => {
    const ink = grey(3, [250, 255, 250, 255, 10, 255, 250, 255, 250]);
    expect([...strokesBright(ink).pixels]).toEqual([5, 0, 5, 0, 245, 0, 5, 0, 5]);
    const chalk = grey(3, [0, 0, 0, 0, 200, 0, 0, 0, 0]);
    expect(strokesBright(chalk)).toBe(chalk);
  });
});

describe("asDigit", () => {
  const bar = (side: number, left: number, width: number, top: number, height: number): Grey => ({
    width: side,
    height: side,
    pixels: Uint8Array.from({ length: side * side }, (_, i) => {
      const [x, y] = [i % side, Math.floor(i / side)];
      return x >= left && x < left + width && y >= top && y < top + height ? 255 : 0;
    }),
  });
  it("fits into 20 and centres, wherever and however large it was drawn", () => {
    const small = asDigit(bar(100, 3, 10, 5, 40))!;
    const large = asDigit(bar(280, 150, 60, 20, 240))!;
    for (const { pixels } of [small, large]) {
      const rows = Array.from({ length: 28 }, (_, y) => pixels.subarray(28 * y, 28 * y + 28).some(Boolean));
      // 20 rows, 4 above and 4 below.
      expect(rows.map(Number).join("")).toBe(`0000${"1".repeat(20)}0000`);
      const columns = Array.from({ length: 28 }, (_, x) => pixels[28 * 14 + x]! > 0);
      expect(columns.filter(Boolean)).toHaveLength(5);
      expect(columns.indexOf(true)).toBeGreaterThanOrEqual(11);
      expect(columns.lastIndexOf(true)).toBeLessThanOrEqual(16);
    }
  });
  it("keeps proportions, and stays inside where the mass lies at one end", () => {
    const flat = asDigit(bar(100, 0, 100, 40, 5))!;
    expect(new Set([...flat.pixels].flatMap((v, i) => (v > 0 ? [Math.floor(i / 28)] : []))).size).toBe(1);
    const pixels = bar(60, 0, 60, 29, 2).pixels.map((v, i) => (v > 0 && i % 60 > 6 ? 1 : v));
    expect(asDigit({ width: 60, height: 60, pixels })!.pixels.filter(Boolean).length).toBeGreaterThan(18);
  });
  it("is nothing where nothing was drawn", () => {
    expect(asDigit(bar(50, 0, 0, 0, 0))).toBeNull();
  });
});
