/** What every op record promises: samples, shapes, references that leave their inputs alone, and a plan that works. */
import { describe, expect, it } from "vitest";
import { evaluate } from "../evaluate.ts";
import { sizeOf } from "../layout.ts";
import { plan } from "../plan.ts";
import { sampleInputs, sampleName } from "../samples.ts";
import { createTrace } from "../trace.ts";
import type { NdArray, OpDef, OpSample, TensorSpec } from "../types.ts";
import { allOps } from "./all.ts";

/** The op in a program of its own, interpreted. In-place outputs are read where they lie. */
function run(op: OpDef, sample: OpSample, inputs: readonly NdArray[]): readonly NdArray[] {
  const t = createTrace();
  const tensors = inputs.map((input, i) => t.buffer(`input ${i}`, "data", input));
  const outputs = t.call(op, tensors, sample.attrs);
  outputs.forEach((output, i) => {
    t.output(`${i}`, output);
  });
  const named = new Map(inputs.map(({ data }, i) => [`input ${i}`, data.slice()]));
  const results = evaluate(plan(t.finish()), named);
  return outputs.map((_, i) => results.get(`${i}`)!);
}

const specOf = ({ shape, dtype }: TensorSpec): TensorSpec => ({ shape: [...shape], dtype });

it("op names are unique and all ops are found", () => {
  expect(new Set(allOps.map(({ name }) => name)).size).toBe(allOps.length);
  expect(allOps.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["add", "gelu", "reshape", "reduce"]),
  );
});

describe.each(allOps.map((op) => ({ name: op.name, op })))("$name", ({ op }) => {
  it("has a sample", () => {
    expect(op.samples.length).toBeGreaterThan(0);
  });

  // Samples for timing are too long for float64; the kernel test of `test:long` looks at them.
  const samples = op.samples.map((sample, i) => ({ name: sampleName(op.name, sample, i), sample }));
  it.each(samples.filter(({ sample }) => !sample.bench))("$name", ({ sample }) => {
    const inputs = sampleInputs(sample);
    const before = inputs.map(({ data }) => data.slice());
    const results = op.reference(inputs, sample.attrs);
    // Object.is by element: NaN stays NaN, −0 stays −0.
    expect(inputs.map(({ data }) => data)).toEqual(before);

    const specs = op.infer(sample.inputs, sample.attrs);
    expect(results.map(specOf)).toEqual(specs.map(specOf));
    for (const { data, shape } of results) expect(data.length).toBe(sizeOf(shape));
    for (const { data, dtype } of results) {
      if (dtype === "u32") expect(data.every((v) => v >>> 0 === v)).toBe(true);
    }

    const interpreted = run(op, sample, inputs);
    interpreted.forEach(({ data }, i) => {
      expect(data).toEqual(results[i]!.data);
    });
  });
});
