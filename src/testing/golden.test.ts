/** The ops' float64 references, and autodiff through them, against PyTorch's float64 and the methods page's G8. */
import { describe, expect, it } from "vitest";
import { evaluate } from "../engine/evaluate.ts";
import { beyond, goldenCases, RECORDED } from "./golden-cases.ts";

/** Both sides round in float64: sums of some dozen terms of order 1, a few thousand times 1e-16, and a margin. */
const TOLERANCE = 1e-10;

describe("golden values of PyTorch", () => {
  it("name what made them", () => {
    expect(RECORDED.made).toEqual({
      by: "e2e/golden/make_ops.py",
      torch: expect.any(String),
      numpy: expect.any(String),
      python: expect.any(String),
      seed: expect.any(Number),
    });
  });

  it("are all looked at", () => {
    expect(goldenCases().map(({ name }) => name)).toEqual(
      expect.arrayContaining(Object.keys(RECORDED.cases)),
    );
  });

  it.each(goldenCases().map((one) => [one.name, one] as const))("%s", (_, one) => {
    const named = new Map([...one.inputs].map(([name, { data }]) => [name, Float64Array.from(data)]));
    for (const run of one.runs) {
      for (const [name, data] of run.write) named.get(name)!.set(data);
      const outputs = evaluate(one.program, named, run.control, one.ops);
      const found = new Map([...named, ...[...outputs].map(([name, { data }]) => [name, data] as const)]);
      expect(beyond(one, run.outputs, found, TOLERANCE)).toEqual([]);
    }
  });

  it("would not pass with a number off by 1e-9, or an output left out", () => {
    const one = goldenCases()[0]!;
    const wanted = one.runs[0]!.outputs;
    const shifted = new Map(
      [...wanted].map(([name, data]) => [name, data.map((v, i) => (i === 3 ? v + 1e-9 : v))]),
    );
    expect(beyond(one, wanted, wanted, TOLERANCE)).toEqual([]);
    expect(beyond(one, wanted, shifted, TOLERANCE).length).toBe(wanted.size);
    expect(beyond(one, wanted, new Map(), TOLERANCE).length).toBe(wanted.size);
  });
});
