/**
 * Every kernel against its op's float64 reference, on a WebGPU device, for every sample of every op: the engine's and
 * those that methods bring. Each sample is traced and planned as in a model, and replayed three times: on other values
 * first, so that a kernel that counts on zeroed buffers is caught, then twice on the same, which must agree to the bit.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { NdArray } from "../engine/types.ts";
import { everyOp, offOnDevice, TOLERANCE, worst } from "../testing/kernel-check.ts";
import { openTestGpu, readShaders } from "../testing/node-gpu.ts";
import { sampleName } from "../testing/samples.ts";
import { createWebGpuBackend, type WebGpuBackend } from "./device.ts";

let gpu: WebGpuBackend;

beforeAll(async () => {
  const object = await openTestGpu();
  if (object === null) throw new Error("there is no WebGPU device to test with");
  gpu = await createWebGpuBackend({ gpu: object, shaders: readShaders() });
});

afterAll(async () => {
  await gpu.idle();
  const errors = [...gpu.errors()];
  gpu.dispose();
  expect(errors).toEqual([]);
});

describe.each(everyOp.map((op) => [op.name, op] as const))("%s", (name, op) => {
  it.each(op.samples.map((sample, i) => [sampleName(name, sample, i), sample] as const))(
    "%s",
    async (_, sample) => {
      expect(await offOnDevice(gpu, op, sample)).toEqual([]);
    },
  );
});

describe("the comparison sees", () => {
  const wanted: NdArray = { shape: [4], dtype: "f32", data: Float64Array.from([1, 200, Number.NaN, 0]) };

  it("what is off, and by how much", () => {
    expect(worst([1, 200, Number.NaN, 0], wanted, 0)).toBeNull();
    expect(worst([1 + 9e-6, 200.0019, Number.NaN, -9e-6], wanted, TOLERANCE)).toBeNull();
    expect(worst([1 + 3e-5, 200.01, Number.NaN, 0], wanted, TOLERANCE)).toContain("element 1 of [4]: 200.01");
    expect(worst([Number.NaN, 200, Number.NaN, 0], wanted, TOLERANCE)).toContain("element 0");
    expect(worst([1, 200, 7, 0], wanted, TOLERANCE)).toContain("element 2");
    expect(worst([1, Number.POSITIVE_INFINITY, Number.NaN, 0], wanted, TOLERANCE)).toContain("element 1");
    expect(worst([2, 200, Number.NaN, 0], wanted, 0)).toContain("element 0");
  });
});
