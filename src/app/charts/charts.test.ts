import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { append, emptySeries } from "../store/series.ts";
import { curvesOf, decimated, POINTS, smoothed } from "./curve.ts";
import { crossed, freePlace } from "./label-place.ts";
import { apart, inPixels, linearTicks, xInverse, xMax, xScale, yAxis, yScale } from "./scale.ts";

describe("smoothing", () => {
  it("is debiased: a constant stays itself, from the first value on", () => {
    for (const s of [0, 0.5, 0.9, 0.99]) {
      for (const value of smoothed([3, 3, 3, 3, 3], s)) expect(value).toBeCloseTo(3, 12);
    }
  });
  it("0 is the raw curve, and the recurrence is Adam's", () => {
    expect([...smoothed([4, 2, 1], 0)]).toEqual([4, 2, 1]);
    // s = .5: m = .5·4, .5·2+.5·2, … divided by 1 − .5ᵗ
    const [a, b] = smoothed([4, 2], 0.5);
    expect(a).toBe(4);
    expect(b).toBeCloseTo((0.25 * 4 + 0.5 * 2) / 0.75, 12);
  });
  it("leaves what is not a number out of the average", () => {
    const out = smoothed([2, Number.NaN, 2], 0.9);
    expect(out[1]).toBeNaN();
    expect(out[2]).toBeCloseTo(2, 12);
  });
});

describe("decimation", () => {
  it("never gives more points than asked, keeps the ends' order and every extreme", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 0, max: 1 << 30 }), (n, seed) => {
        const ys = new Float64Array(n);
        let state = seed;
        for (let i = 0; i < n; i++) {
          state = (Math.imul(state, 1103515245) + 12345) >>> 0;
          ys[i] = state / 2 ** 32;
        }
        const xs = Float64Array.from({ length: n }, (_, i) => i);
        const points = decimated(xs, ys);
        expect(points.length).toBeLessThanOrEqual(POINTS);
        expect(points[points.length - 1]).toEqual({ x: n - 1, y: ys[n - 1] });
        expect(Math.min(...points.map((p) => p.y))).toBe(Math.min(...ys));
        expect(Math.max(...points.map((p) => p.y))).toBe(Math.max(...ys));
        for (let i = 1; i < points.length; i++) expect(points[i]!.x).toBeGreaterThan(points[i - 1]!.x);
      }),
      { numRuns: 40 },
    );
  });
  it("draws a series by the axis asked for", () => {
    const rows = [1, 2, 3].map((step) => ({ step, tokens: step * 10, flops: 0, seconds: 0, loss: 4 - step }));
    const curves = curvesOf(append(emptySeries(), rows), emptySeries(), "tokens", 0);
    expect(curves.raw).toEqual([
      { x: 10, y: 3 },
      { x: 20, y: 2 },
      { x: 30, y: 1 },
    ]);
    expect(curves.evals).toEqual([]);
  });
});

describe("scales", () => {
  it("ticks are round and cover the axis", () => {
    expect(linearTicks(6000, 6)).toEqual([0, 1000, 2000, 3000, 4000, 5000, 6000]);
    expect(linearTicks(400, 6)).toEqual([0, 100, 200, 300, 400]);
    expect(linearTicks(0, 6)).toEqual([0]);
  });
  it("a log axis has at most five gridlines, all inside", () => {
    const axis = yAxis(
      [
        [
          { x: 0, y: 4.38 },
          { x: 1, y: 1.5 },
        ],
      ],
      [],
      true,
    );
    expect(axis.ticks.length).toBeGreaterThanOrEqual(3);
    expect(axis.ticks.length).toBeLessThanOrEqual(5);
    for (const tick of axis.ticks) expect(tick >= axis.min && tick <= axis.max).toBe(true);
    const y = yScale(axis, 0, 100);
    expect(y(axis.max)).toBeCloseTo(0, 9);
    expect(y(axis.min)).toBeCloseTo(100, 9);
    // Log: equal ratios are equal distances.
    expect(y(2) - y(4)).toBeCloseTo(y(1.5) - y(3), 9);
  });
  it("pixels and values are each other's inverse", () => {
    const frame = { left: 50, right: 100, width: 900 };
    expect(xInverse(frame, 6000)(xScale(frame, 6000)(1234))).toBeCloseTo(1234, 9);
    expect(xInverse(frame, 6000)(0)).toBe(0);
    expect(xInverse(frame, 6000)(5000)).toBe(6000);
  });
  it("the end of the axis is known for steps and characters, estimated and rounded for seconds", () => {
    const config = {
      data: { id: "names" },
      batch: 4,
      context: 8,
      budget: { unit: "steps", amount: 100 },
    } as never;
    const clock = { step: 50, tokens: 1600, flops: 1e9, seconds: 11 };
    expect(xMax("step", config, 100, clock)).toBe(100);
    expect(xMax("tokens", config, 100, clock)).toBe(3200);
    // Of images there is one a place of the batch, whatever the context says.
    expect(xMax("tokens", { ...(config as object), data: { id: "mnist" } } as never, 100, clock)).toBe(400);
    expect(xMax("seconds", config, 100, clock)).toBe(25);
    expect(xMax("step", config, 100, { ...clock, step: 130 })).toBe(130);
  });
  it("labels end up a gap apart and inside, whatever they want", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { minLength: 1, maxLength: 8 }),
        (wanted) => {
          const ys = [...apart(wanted, 17, 0, 200)].sort((a, b) => a - b);
          for (let i = 1; i < ys.length; i++) expect(ys[i]! - ys[i - 1]!).toBeGreaterThanOrEqual(17 - 1e-9);
          expect(ys[0]).toBeGreaterThanOrEqual(-1e-9);
          expect(ys[ys.length - 1]).toBeLessThanOrEqual(200 + 1e-9);
        },
      ),
    );
  });
});

it("points in pixels, without those a logarithm has no place for", () => {
  const y = yScale({ min: 1, max: 100, log: true, ticks: [] }, 0, 200);
  const points = [1, 10, 0, 100].map((value, x) => ({ x, y: value }));
  const drawn = inPixels(points, (x) => 10 * x, y).map((at) => [at.x, Math.round(at.y)]);
  expect(drawn).toEqual([
    [0, 200],
    [10, 100],
    [30, 0],
  ]);
});

describe("a label on the plot", () => {
  const line = [
    { x: 0, y: 10 },
    { x: 100, y: 90 },
    { x: 200, y: 100 },
  ];
  it("sees where a line runs, between its points too", () => {
    expect(crossed(line, 50, 150)).toEqual([50, 95]);
    expect(crossed(line, 110, 120)).toEqual([91, 92]);
    expect(crossed(line, 210, 300)).toBeNull();
  });
  it("stands as near as it can over nothing, inside", () => {
    expect(freePlace([], 40, 9, 10, 150)).toBe(40);
    // Above the curve and below it are free: the nearer one.
    expect(freePlace([[90, 100]], 98, 9, 10, 150)).toBe(109);
    expect(freePlace([[90, 100]], 98, 9, 10, 105)).toBe(81);
    // Between two lines that leave it no room it does not stand.
    expect(
      freePlace(
        [
          [60, 80],
          [90, 100],
        ],
        84,
        9,
        10,
        150,
      ),
    ).toBe(109);
    expect(freePlace([[0, 150]], 84, 9, 10, 140)).toBeNull();
  });
});
