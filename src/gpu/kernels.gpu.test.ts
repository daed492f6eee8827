/**
 * Every kernel against its op's float64 reference, on a WebGPU device, for every sample of every op: the engine's and
 * those that methods bring. What is done with a sample stands in check.ts, which the kernel page uses too.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allOps } from "../engine/ops/all.ts";
import { sampleName } from "../engine/samples.ts";
import type { NdArray, OpDef, OpSample } from "../engine/types.ts";
import { openClearedBackend, openTestBackend, readShaders } from "../testing/node-gpu.ts";
import { methodOps } from "../testing/runs.ts";
import { checkSample, compare, sampleProgram, TOLERANCE } from "./check.ts";
import type { WebGpuBackend } from "./device.ts";
import { expandShader } from "./shader-source.ts";

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

/**
 * The same with workgroup memory that is cleared before a kernel runs, as everyone's is (testing/node-gpu.ts says why it is
 * not, elsewhere): for each entry point of a shader that has such memory the first sample that runs it. Clearing changes
 * what the memory holds at first, for every sample of an entry alike, and has a barrier of its own before the kernel's
 * first line; sizes and switches do not come into it.
 */
describe("with workgroup memory cleared", () => {
  const files = readShaders();
  const has = new Map<string, boolean>();
  const hasMemory = (shader: string): boolean => {
    if (!has.has(shader)) has.set(shader, expandShader(files, shader).text.includes("var<workgroup>"));
    return has.get(shader)!;
  };
  const seen = new Set<string>();
  const first = ops.flatMap((op) =>
    samplesOf(op).flatMap((sample, i) => {
      const fresh = sampleProgram(op, sample).program.commands.flatMap((command) => {
        if (command.kind !== "dispatch" || !hasMemory(command.shader)) return [];
        const entry = `${command.shader}:${command.entry}`;
        return seen.has(entry) ? [] : [entry];
      });
      for (const entry of fresh) seen.add(entry);
      return fresh.length === 0 ? [] : [{ name: sampleName(op.name, sample, i), op, sample }];
    }),
  );

  let cleared: WebGpuBackend;
  beforeAll(async () => {
    cleared = await openClearedBackend();
    // By quads a kernel has none.
    cleared.tuning.prefer("plain");
  });
  afterAll(() => cleared.dispose());

  it.each(first)("$name", async ({ op, sample }) => {
    const { off } = await checkSample(cleared, op, sample);
    await cleared.idle();
    expect(off).toBeNull();
    expect(cleared.errors()).toEqual([]);
  });
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
