/** Every op's gradient against finite differences of its own reference, in float64. */
import { describe, expect, it } from "vitest";
import { differentiated, gradientError } from "../../testing/gradients.ts";
import { sampleName } from "../samples.ts";
import type { OpDef } from "../types.ts";
import { allOps } from "./all.ts";
import { mul } from "./binary.ts";
import { square } from "./unary.ts";

/** Without inputs (`fill`, `draw`) there is nothing to differentiate, only a `vjp` that says so. */
const takesInputs = ({ samples }: OpDef): boolean => samples.some(({ inputs }) => inputs.length > 0);

for (const op of allOps.filter((one) => one.vjp && takesInputs(one))) {
  describe(`gradient of ${op.name}`, () => {
    const samples = op.samples
      .map((sample, i) => ({ sample, name: sampleName(op.name, sample, i) }))
      // Those for timing take float64 many seconds: with the long tests.
      .filter(({ sample }) => !sample.bench || process.env.ESPALIER_LONG)
      .filter(({ sample }) => differentiated(sample).length > 0);

    it("has a sample that differentiates", () => {
      // An op that only moves u32 words in some samples must still move f32 in others.
      expect(samples.length).toBeGreaterThan(0);
    });

    it.each(samples)("$name", ({ sample }) => {
      const worst = gradientError(op, sample);
      expect(worst.excess, JSON.stringify(worst)).toBeLessThanOrEqual(1);
    });
  });
}

describe("the gradient check", () => {
  const worstOf = (vjp: NonNullable<OpDef["vjp"]>) =>
    Math.max(
      ...square.samples.map((sample) => gradientError({ ...square, name: "planted", vjp }, sample).excess),
    );

  it("passes the right gradient", () => {
    expect(worstOf(square.vjp!)).toBeLessThanOrEqual(1);
  });

  it("catches a factor that is off by 1e-5, and a missing gradient", () => {
    const product = (t: Parameters<NonNullable<OpDef["vjp"]>>[0], factor: number) =>
      t.constant({ shape: [1], dtype: "f32" }, [factor]);
    const scaled =
      (factor: number): NonNullable<OpDef["vjp"]> =>
      (t, node, dOut) => [t.call(mul, [square.vjp!(t, node, dOut)[0]!, product(t, factor)], {})[0]!];
    expect(worstOf(scaled(1))).toBeLessThanOrEqual(1);
    expect(worstOf(scaled(1 + 1e-5))).toBeGreaterThan(1);
    expect(worstOf(() => [null])).toBeGreaterThan(1);
  });
});
