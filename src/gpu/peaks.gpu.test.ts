/** The device's own peaks: the probes compute what they claim to be timed for, and the figures are of this world. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { control } from "../engine/control.ts";
import { openTestGpu, readShaders } from "../testing/node-gpu.ts";
import { createWebGpuBackend, type WebGpuBackend } from "./device.ts";
import { measurePeaks, probe } from "./peaks.ts";

let gpu: WebGpuBackend;

beforeAll(async () => {
  gpu = await createWebGpuBackend({ gpu: (await openTestGpu())!, shaders: readShaders() });
});

afterAll(async () => {
  await gpu.idle();
  const errors = [...gpu.errors()];
  gpu.dispose();
  expect(errors).toEqual([]);
});

/** What a probe leaves in y; x is `given`. */
async function leaves(program: ReturnType<typeof probe>, given: Float32Array | null): Promise<Float32Array> {
  const named = program.buffers.map((buffer, i) =>
    i === 1 ? ({ ...buffer, role: "data", name: "x" } as const) : buffer,
  );
  const run = await gpu.compile({ ...program, buffers: named, outputs: { y: 0 } });
  if (given !== null) {
    const x = gpu.arena("x", given.length);
    x.write(0, given);
    run.bind("x", x);
  }
  run.run(control({}));
  const bits = run.read("y");
  gpu.submit();
  return new Float32Array(await bits);
}

it.each([
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
])("the arithmetic is done in full: FUSED %i, WIDE %i", async (FUSED, WIDE) => {
  const y = await leaves(probe("arithmetic", 512, 2, { FUSED, WIDE }), null);
  const gain = Math.fround(0.999);
  for (const id of [0, 255, 256, 511]) {
    const s = id * 1e-7;
    let sum = 0;
    for (let chain = 0; chain < 8; chain++) {
      let v = s + chain;
      if (chain < 4 || WIDE === 1) for (let r = 0; r < 128; r++) v = v * gain + s;
      sum += v;
    }
    // 128 roundings of numbers up to 7, eight times over: at most 8 · 128 · 7 · 2⁻²⁴.
    for (let k = 0; k < 4; k++) expect(Math.abs(y[4 * id + k]! - sum)).toBeLessThan(5e-4);
  }
});

it("the copy copies all of it, in more workgroups than one row holds", async () => {
  const vectors = 300;
  const x = Float32Array.from({ length: 4 * vectors }, (_, i) => i + 0.5);
  expect(await leaves(probe("stream", vectors, 2), x)).toEqual(x);
  expect(probe("stream", 2 ** 24, 2 ** 16).commands[0]).toMatchObject({ grid: [32_768, 2, 1] });
});

it("are measured, and hold nothing of the device afterwards", async () => {
  const before = gpu.bytes;
  const peaks = await measurePeaks(gpu, { clock: () => performance.now() / 1000, round: 0.005, rounds: 2 });
  // From a slow phone's processor to a rack; a figure outside has a wrong unit.
  expect(peaks.flops).toBeGreaterThan(1e7);
  expect(peaks.flops).toBeLessThan(1e15);
  expect(peaks.bytes).toBeGreaterThan(1e7);
  expect(peaks.bytes).toBeLessThan(1e14);
  expect(peaks.by).toBe(gpu.features.has("timestamp-query") ? "timestamps" : "clock");
  // A small page for the timestamps that came back is kept for the next.
  expect(gpu.bytes - before).toBeLessThanOrEqual(64 * 1024);
});
