/**
 * Every kernel against its op's float64 reference, on a WebGPU device, for every sample of every op: the engine's and
 * those that methods bring. What is done with a sample stands in check.ts, which the kernel page uses too.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allOps } from "../engine/ops/all.ts";
import { sampleName } from "../engine/samples.ts";
import type { NdArray, OpDef, OpSample } from "../engine/types.ts";
import { openTestBackend } from "../testing/node-gpu.ts";
import { methodOps } from "../testing/runs.ts";
import { checkSample, compare, TOLERANCE } from "./check.ts";
import type { WebGpuBackend } from "./device.ts";

const ops = [...new Set([...allOps, ...methodOps])];

let gpu: WebGpuBackend;

beforeAll(async () => {
  gpu = await openTestBackend();
});

afterAll(async () => {
  await gpu.idle();
  expect(gpu.errors()).toEqual([]);
});

/** The large ones, which are for timing, take minutes on a processor: they come with the long tests. */
function samplesOf({ samples }: OpDef): readonly OpSample[] {
  const short = samples.filter(({ bench }) => !bench);
  return process.env.ESPALIER_LONG || short.length === 0 ? samples : short;
}

describe.each(ops.map((op) => [op.name, op] as const))("%s", (name, op) => {
  it.each(samplesOf(op).map((sample, i) => [sampleName(name, sample, i), sample] as const))(
    "%s",
    async (_, sample) => {
      const { off } = await checkSample(gpu, op, sample);
      await gpu.idle();
      expect(off).toBeNull();
      expect(gpu.errors()).toEqual([]);
    },
  );
});

describe("the comparison sees", () => {
  const wanted: NdArray = { shape: [4], dtype: "f32", data: Float64Array.from([1, 200, Number.NaN, 0]) };
  const off = (...found: number[]) => compare(found, wanted, TOLERANCE).off;

  it("what is off, and by how much", () => {
    expect(compare([1, 200, Number.NaN, 0], wanted, 0)).toEqual({ error: 0, off: null });
    expect(off(1 + 9e-6, 200.0019, Number.NaN, -9e-6)).toBeNull();
    expect(off(1 + 3e-5, 200.01, Number.NaN, 0)).toContain("element 1 of [4]: 200.01");
    expect(off(Number.NaN, 200, Number.NaN, 0)).toContain("element 0");
    expect(off(1, 200, 7, 0)).toContain("element 2");
    expect(off(1, Number.POSITIVE_INFINITY, Number.NaN, 0)).toContain("element 1");
    expect(compare([2, 200, Number.NaN, 0], wanted, 0)).toEqual({
      error: 1,
      off: "element 0 of [4]: 2, reference 1",
    });
  });
});
