import { expect, it } from "vitest";
import { initial } from "./init.ts";
import { fold, STREAM, streamKey, threefry2x32, uniform } from "./threefry.ts";

const key = fold(streamKey(11, 0, STREAM.init), "embed.weight");

it("fixed laws", () => {
  expect([...initial({ law: "zeros" }, 3, key)]).toEqual([0, 0, 0]);
  expect([...initial({ law: "ones" }, 3, key)]).toEqual([1, 1, 1]);
  expect([...initial({ law: "constant", values: [0, 1, 0.5] }, 3, key)]).toEqual([0, 1, 0.5]);
  expect(() => initial({ law: "constant", values: [0] }, 3, key)).toThrow("1 constant values");
});

it("uniform stays within its bound and takes word i mod 2 of counter ⌊i/2⌋", () => {
  const values = initial({ law: "uniform", scale: 0.25 }, 1001, key);
  expect(Math.max(...values)).toBeLessThan(0.25);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(-0.25);
  const words = threefry2x32(key[0], key[1], 3, 0);
  expect(values[6]).toBe(0.25 * (2 * uniform(words[0]) - 1));
  expect(values[7]).toBe(0.25 * (2 * uniform(words[1]) - 1));
});

it("normal has its scale; a shorter draw is the beginning of a longer one; names do not share numbers", () => {
  const values = initial({ law: "normal", scale: 0.02 }, 20_001, key);
  const rms = Math.sqrt(values.reduce((s, x) => s + x * x, 0) / values.length);
  expect(Math.abs(rms / 0.02 - 1)).toBeLessThan(0.02); // standard error 1/√(2n) = .005, 4 of it
  expect([...initial({ law: "normal", scale: 0.02 }, 7, key)]).toEqual([...values.subarray(0, 7)]);
  const other = initial({ law: "normal", scale: 0.02 }, 7, fold(key, "head.weight"));
  expect([...other]).not.toEqual([...values.subarray(0, 7)]);
});
