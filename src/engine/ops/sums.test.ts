/** What reduce, softmax, dropout, norm and draw mean, by values written out; kernels are held to them elsewhere. */
import { describe, expect, it } from "vitest";
import { initial } from "../../random/init.ts";
import { control } from "../control.ts";
import type { NdArray } from "../types.ts";
import { dropout } from "./dropout.ts";
import { draw, fill } from "./fill.ts";
import { joinedNorm, norm } from "./norm.ts";
import { reduce } from "./reduce.ts";
import { softmax } from "./softmax.ts";

const array = (
  shape: readonly number[],
  data: ArrayLike<number>,
  dtype: NdArray["dtype"] = "f32",
): NdArray => ({
  shape,
  dtype,
  data: Float64Array.from(data),
});
const words = (values: Parameters<typeof control>[0]) => array([64], control(values), "u32");

describe("reduce", () => {
  const x = array([2, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7]);
  const of = (axes: number[], keepDims: boolean, how: "sum" | "mean") => {
    const [y] = reduce.reference([x], { axes, keepDims, how });
    expect(y!.shape).toEqual(reduce.infer([x], { axes, keepDims, how })[0]!.shape);
    return [[...y!.shape], [...y!.data]];
  };

  it("sums over any axes", () => {
    expect(of([2], false, "sum")).toEqual([
      [2, 2],
      [1, 5, 9, 13],
    ]);
    expect(of([0], true, "sum")).toEqual([
      [1, 2, 2],
      [4, 6, 8, 10],
    ]);
    expect(of([0, 2], false, "mean")).toEqual([[2], [2.5, 4.5]]);
    expect(of([0, 1, 2], false, "sum")).toEqual([[], [28]]);
  });

  it("adds long columns in stretches, then the stretches: two passes", () => {
    const tensor = (...shape: number[]) => ({ id: 0, shape, dtype: "f32" as const });
    const calls = reduce.lower(
      [tensor(2048, 96)],
      [tensor(96)],
      { axes: [0], keepDims: false, how: "mean" },
      (spec) => ({ ...spec, id: 1 }),
    );
    expect(calls.map((c) => c.sizes)).toEqual([
      { outer: 1, length: 2048, inner: 96, stretch: 46, parts: 45, scale: 1 },
      { outer: 1, length: 45, inner: 96, stretch: 45, parts: 1, scale: 1 / 2048 },
    ]);
  });

  it("refuses an axis that is not there", () => {
    expect(() => reduce.infer([x], { axes: [3], keepDims: false, how: "sum" })).toThrow("no axis 3");
    expect(() => reduce.infer([x], { axes: [1, 1], keepDims: false, how: "sum" })).toThrow("twice");
  });
});

it("softmax of large numbers is that of their differences", () => {
  const [y] = softmax.reference([array([1, 3], [1000, 1000 + Math.log(2), 1000 + Math.log(5)])], {});
  [1 / 8, 2 / 8, 5 / 8].forEach((p, i) => {
    expect(y!.data[i]).toBeCloseTo(p, 12);
  });
});

describe("dropout", () => {
  const ones = array([100_000], new Float64Array(100_000).fill(1));
  const mask = (values: Parameters<typeof control>[0], site = 0) => [
    ...dropout.reference([ones, words({ dropout: 0.25, step: 3, seed0: 1, ...values })], { site })[0]!.data,
  ];

  it("keeps three quarters, scaled to the same mean", () => {
    const y = mask({});
    const kept = y.filter((v) => v !== 0);
    expect(new Set(kept)).toEqual(new Set([1 / 0.75]));
    expect(Math.abs(kept.length / y.length - 0.75)).toBeLessThan(0.0055); // σ = √(.25·.75/10⁵) = .00137; 4 of it
  });

  it("is another mask at another step, site or seed, and the same one again", () => {
    const seen = [mask({}), mask({ step: 4 }), mask({ seed0: 2 }), mask({ seed1: 1 }), mask({}, 1)];
    expect(new Set(seen.map((m) => m.slice(0, 200).join())).size).toBe(5);
    expect(mask({})).toEqual(seen[0]);
  });

  it("passes everything at 0 and nothing at 1", () => {
    expect(new Set(mask({ dropout: 0 }))).toEqual(new Set([1]));
    expect(new Set(mask({ dropout: 1 }))).toEqual(new Set([0]));
  });
});

describe("norm", () => {
  const of = (grad: number[], clip: number, age?: number[]) => {
    const inputs = [array([grad.length], grad), ...(age ? [array([age.length], age, "u32")] : [])];
    return [...joinedNorm(norm.reference(inputs, {})[0]!.data, clip)];
  };

  it("is [‖g‖², clip factor, non-finite, ‖g‖] once an update has joined its parts", () => {
    expect(of([3, 4, 0, 0], 1)).toEqual([25, 1 / 5.000001, 0, 5]);
    expect(of([0.3, 0.4, 0, 0], 1)[1]).toBe(1);
    expect(of([30, 40, 0, 0], 0)).toEqual([2500, 1, 0, 50]);
    expect(of([0, 0, 0, 0], 1)).toEqual([0, 1, 0, 0]);
    expect(of(new Array(10_000).fill(0.1), 0)[3]).toBeCloseTo(10, 12);
  });

  it("tells what is not finite, an overflowing norm included", () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e20]) {
      expect(of([1, bad, 0, 0], 1)).toEqual([0, 0, 1, 0]);
    }
  });

  it("does not look at dormant and frozen entries", () => {
    expect(of([3, Number.NaN, 4, 1e30], 0, [1, 0, 9, 0x80000001])).toEqual([25, 1, 0, 5]);
  });

  it("begins with the mean loss of the places that have a target", () => {
    const losses = [array([3], [1, 2, 6]), array([3], [4, 0xffffffff, 1], "u32")];
    expect(norm.reference([array([4], [0, 0, 0, 0]), ...losses], { report: true })[0]!.data[0]).toBe(3.5);
  });
});

it("draw and fill", () => {
  const key = [9, 8] as const;
  const [y] = draw.reference([], { shape: [3, 5], law: "normal", scale: 0.1, key });
  expect([...y!.data].map(Math.fround)).toEqual([...initial({ law: "normal", scale: 0.1 }, 15, key)]);
  expect([...fill.reference([], { shape: [2], value: 0.1, dtype: "f32" })[0]!.data]).toEqual(
    [0.1, 0.1].map(Math.fround),
  );
});
