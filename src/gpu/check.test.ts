/** The check of a sample, on the interpreter: a right op passes, and what is wrong is told from what is right. */
import { describe, expect, it } from "vitest";
import { allOps } from "../engine/ops/all.ts";
import { matmul } from "../engine/ops/matmul.ts";
import { relu } from "../engine/ops/unary.ts";
import type { Backend, NdArray, OpDef, OpSample } from "../engine/types.ts";
import { interpreter, methodOps } from "../testing/runs.ts";
import { checkSample, sampleProgram, timeSample, workOf } from "./check.ts";

const sample: OpSample = { inputs: [{ shape: [3, 8], dtype: "f32" }], attrs: {} };

/** What stands in the kernel's answer, changed: `replay` counts from 0. */
function meddled(change: (values: Float32Array, replay: number) => void): Backend {
  const backend = interpreter();
  let replay = 0;
  return new Proxy(backend, {
    get: (target, name) => {
      if (name !== "compile") return Reflect.get(target, name, target);
      return async (...given: Parameters<Backend["compile"]>) => {
        const run = await target.compile(...given);
        const read = run.read.bind(run);
        run.read = async (output) => {
          const values = new Float32Array(await read(output));
          change(values, replay++);
          return values.buffer as ArrayBuffer;
        };
        return run;
      };
    },
  });
}

describe("a sample", () => {
  it("that is right passes, and leaves nothing on the device", async () => {
    const backend = interpreter();
    const { error, off, tolerance } = await checkSample(backend, relu, sample);
    expect(off).toBeNull();
    expect(error).toBeLessThan(1e-6);
    expect(tolerance).toBe(1e-5);
    expect(backend.bytes).toBe(0);
  });

  it("that is off is told with element and figure", async () => {
    const backend = meddled((values) => {
      values[5] = values[5]! + 0.25;
    });
    const { error, off } = await checkSample(backend, relu, sample);
    expect(off).toMatch(/^output 0, element 5 of \[3,8\]: .*, reference .* × tolerance\)$/);
    expect(error).toBeGreaterThan(0.02);
    expect(error).toBeLessThanOrEqual(0.25 + 1e-6);
  });

  it("that is not the same a second time fails, within its tolerance too", async () => {
    const backend = meddled((values, replay) => {
      if (replay === 2) values[0] = values[0]! + 1e-6;
    });
    expect((await checkSample(backend, relu, sample)).off).toBe("output 0 is another a second time");
  });

  it("is held against the answer that the caller has", async () => {
    const wanted: NdArray[] = [{ shape: [3, 8], dtype: "f32", data: new Float64Array(24) }];
    expect((await checkSample(interpreter(), relu, sample, { wanted })).off).toContain("reference 0");
  });
});

it("every kernel is run by more than one workgroup in some short sample, but for those that are one", () => {
  const most = new Map<string, number>();
  for (const op of new Set<OpDef>([...allOps, ...methodOps])) {
    const short = op.samples.filter(({ bench }) => !bench);
    for (const each of short.length > 0 ? short : op.samples) {
      for (const command of sampleProgram(op, each).program.commands) {
        if (command.kind !== "dispatch") continue;
        const name = `${command.shader}:${command.entry}`;
        const [x, y, z] = command.grid;
        most.set(name, Math.max(x * y * z, most.get(name) ?? 0));
      }
    }
  }
  const alone = [...most].filter(([, groups]) => groups === 1).map(([name]) => name);
  // Of these one workgroup walks over all there is.
  expect(alone.sort()).toEqual([
    ...["accuracy:forward", "ages:finish", "masked-mean:backward", "masked-mean:forward"],
    "sample-token:forward",
  ]);
});

it("work is counted: operations by the op, bytes by what goes in and out", async () => {
  const inputs = [
    { shape: [4, 5], dtype: "f32" as const },
    { shape: [5, 6], dtype: "f32" as const },
  ];
  const product: OpSample = { ...matmul.samples[0]!, inputs };
  expect(workOf(matmul as OpDef, product)).toEqual({ flops: 2 * 4 * 5 * 6, bytes: 4 * (20 + 30 + 24) });
  expect(workOf(relu, sample)).toEqual({ flops: 0, bytes: 4 * 48 });
});

it("time is told, and nothing is left on the device", async () => {
  const backend = interpreter();
  let now = 0;
  const clock = () => (now += 0.5);
  expect(await timeSample(backend, relu, sample, { clock, rounds: 2 })).toMatchObject({
    by: "clock",
    seconds: 0.5,
  });
  expect(backend.bytes).toBe(0);
});
