/**
 * Every kernel against its op's float64 reference, on a WebGPU device, for every sample of every op: the engine's and
 * those that methods bring. Each sample is traced and planned as in a model, and replayed three times: on other values
 * first, so that a kernel that counts on zeroed buffers is caught, then twice on the same, which must agree to the bit.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { control } from "../engine/control.ts";
import { allOps } from "../engine/ops/all.ts";
import { plan } from "../engine/plan.ts";
import { createTrace } from "../engine/trace.ts";
import type { DType, NdArray, OpDef, OpSample } from "../engine/types.ts";
import * as methods from "../methods/registry.ts";
import type { Method } from "../methods/types.ts";
import { openTestGpu, readShaders } from "../testing/node-gpu.ts";
import { sampleInputs, sampleName } from "../testing/samples.ts";
import { createWebGpuBackend, type WebGpuBackend } from "./device.ts";

/** Rounding of f32 sums and of WGSL's built-in functions, for values near 1. */
const TOLERANCE = 1e-5;

const ofMethods = (Object.values(methods) as readonly Method[]).flatMap(({ ops }) => ops ?? []);
const ops = [...new Set([...allOps, ...ofMethods])];

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

const typed = (bits: ArrayBuffer, dtype: DType): ArrayLike<number> =>
  dtype === "f32" ? new Float32Array(bits) : new Uint32Array(bits);

/** The op's outputs on the device, as bits. */
async function onDevice(op: OpDef, sample: OpSample, inputs: readonly NdArray[]): Promise<ArrayBuffer[]> {
  const t = createTrace();
  const tensors = inputs.map((input, i) => t.buffer(`input ${i}`, "data", input));
  const outputs = t.call(op, tensors, sample.attrs);
  outputs.forEach((output, i) => {
    t.output(`output ${i}`, output);
  });
  const program = plan(t.finish());
  const run = await gpu.compile(program);
  const used = new Set(program.buffers.map(({ name }) => name));
  const arenas = inputs.map(({ data }, i) => gpu.arena(`input ${i}`, data.length));
  arenas.forEach((arena, i) => {
    if (used.has(`input ${i}`)) run.bind(`input ${i}`, arena);
  });

  const replay = async (values: (input: NdArray) => Float64Array) => {
    inputs.forEach((input, i) => {
      const data = values(input);
      arenas[i]!.write(0, input.dtype === "f32" ? Float32Array.from(data) : Uint32Array.from(data));
    });
    run.run(control({}));
    const reads = outputs.map((_, i) => run.read(`output ${i}`));
    gpu.submit();
    return Promise.all(reads);
  };
  await replay(({ data }) => data.slice().reverse());
  const first = await replay(({ data }) => data);
  const second = await replay(({ data }) => data);
  run.dispose();
  for (const arena of arenas) arena.dispose();
  first.forEach((bits, i) => {
    const same = Buffer.from(bits).equals(Buffer.from(second[i]!));
    if (!same) throw new Error(`output ${i} is not the same a second time`);
  });
  return first;
}

/** The element farthest beyond its tolerance, in words; null when all are within. */
function worst(found: ArrayLike<number>, wanted: NdArray, tolerance: number): string | null {
  let most = 1;
  let words: string | null = null;
  wanted.data.forEach((reference, k) => {
    const value = found[k]!;
    if (Object.is(value, reference) || (Number.isNaN(value) && Number.isNaN(reference))) return;
    const allowed = tolerance * Math.max(1, Math.abs(reference));
    // An infinity or a NaN on one side alone is as far off as can be.
    const excess =
      value === reference ? 0 : Math.abs(value - reference) / allowed || Number.POSITIVE_INFINITY;
    if (excess > most) {
      most = excess;
      words = `element ${k} of [${wanted.shape}]: ${value}, reference ${reference} (${excess.toFixed(1)} × tolerance)`;
    }
  });
  return words;
}

describe.each(ops.map((op) => [op.name, op] as const))("%s", (name, op) => {
  it.each(op.samples.map((sample, i) => [sampleName(name, sample, i), sample] as const))(
    "%s",
    async (_, sample) => {
      const inputs = sampleInputs(sample);
      const wanted = op.reference(inputs, sample.attrs);
      const bits = await onDevice(op, sample, inputs);
      const tolerance = sample.tolerance ?? TOLERANCE;
      const off = wanted.flatMap((output, i) => {
        const words = worst(typed(bits[i]!, output.dtype), output, output.dtype === "u32" ? 0 : tolerance);
        return words === null ? [] : [`output ${i}, ${words}`];
      });
      await gpu.idle();
      expect([...off, ...gpu.errors()]).toEqual([]);
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
