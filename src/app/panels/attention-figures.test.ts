/** Golden values of transformer-growth §10.7 and the invariants of §6.24. */
import { describe, expect, it } from "vitest";
import { byChance } from "../store/lens-figures.ts";
import { attentionFigures, layerFigures, uniformityVerdict } from "./attention-figures.ts";

const A = [1, 0, 0, 0, 0.5, 0.5, 0, 0, 0.2, 0.3, 0.5, 0, 0.1, 0.2, 0.3, 0.4];
const B = [1, 0, 0, 0, 0.25, 0.75, 0, 0, 1 / 3, 1 / 3, 1 / 3, 0, 0.25, 0.25, 0.25, 0.25];
const uniform = (T: number) =>
  Array.from({ length: T * T }, (_, i) => (i % T <= Math.floor(i / T) ? 1 / (Math.floor(i / T) + 1) : 0));

describe("attention in figures", () => {
  it("gives the golden values", () => {
    const a = attentionFigures(A, 4);
    const b = attentionFigures(B, 4);
    // The page lists six decimals.
    expect([a.uniformity, a.local, a.start].map((x) => x.toFixed(6))).toEqual([
      "0.953483",
      "0.875000",
      "0.266667",
    ]);
    expect([b.uniformity, b.local, b.start].map((x) => x.toFixed(6))).toEqual([
      "0.937093",
      "0.791667",
      "0.277778",
    ]);
  });
  it.each([
    [64, 0.132622, 0.059427],
    [128, 0.07708, 0.034907],
  ])("knows the chance levels at T = %i", (T, local, start) => {
    const figures = attentionFigures(uniform(T), T);
    expect(figures.uniformity).toBeCloseTo(1, 12);
    expect(figures.local).toBeCloseTo(figures.localChance, 12);
    expect(figures.localChance.toFixed(6)).toBe(local.toFixed(6));
    expect(figures.startChance.toFixed(6)).toBe(start.toFixed(6));
  });
  it.each(["all", "grid"] as const)("counts what comes behind too where %s may be read", (attends) => {
    const T = 17;
    const even = attentionFigures(new Array(T * T).fill(1 / T), T, attends);
    const chance = byChance(T, false, attends === "grid" ? 4 : 0);
    expect(even.uniformity).toBeCloseTo(1, 12);
    expect(even.local).toBeCloseTo(chance.local, 12);
    expect(even.localChance).toBeCloseTo(chance.local, 12);
    expect(even.start).toBeCloseTo(chance.start, 12);
    // Every place reads the one behind it: a causal count would see nothing at all.
    const ahead = new Float32Array(T * T);
    for (let q = 0; q < T; q++) ahead[q * T + Math.min(T - 1, q + 1)] = 1;
    const { uniformity, local } = attentionFigures(ahead, T, attends);
    expect(uniformity).toBe(0);
    // On the square the last patch of a row is not next to the first of the next; nor is the class token to a patch.
    expect(local).toBeCloseTo(attends === "all" ? 1 : 13 / 17, 12);
  });
  it("says nothing of a map with a value that is no number", () => {
    const broken = A.map((a, i) => (i === 8 ? Number.NaN : a));
    expect(Object.values(attentionFigures(broken, 4)).every(Number.isNaN)).toBe(true);
    expect(uniformityVerdict([layerFigures([A, broken], 4), layerFigures([B], 4)])).toBe("");
  });
  it("judges the claim by the order of the layers", () => {
    const [a, b] = [layerFigures([A], 4), layerFigures([B], 4)];
    expect(uniformityVerdict([a, b])).toContain("holds in");
    expect(uniformityVerdict([b, a])).toContain("does not hold");
    expect(uniformityVerdict([a, b, a])).toContain("is mixed");
    expect(uniformityVerdict([a])).toBe("");
  });
});
