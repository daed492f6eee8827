/** The optimizers' kernels against the golden values, on a device. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWebGpuBackend, type WebGpuBackend } from "../../gpu/device.ts";
import { openTestGpu, readShaders } from "../../testing/node-gpu.ts";
import { optimizerCases } from "../../testing/optimizer-cases.ts";
import { backendRig } from "../../testing/optimizer-rig.ts";

let backend: WebGpuBackend;
beforeAll(async () => {
  const gpu = await openTestGpu();
  if (!gpu) throw new Error("these tests need a WebGPU device in Node");
  backend = await createWebGpuBackend({ gpu, shaders: readShaders() });
});
afterAll(() => backend.dispose());

describe("kernels", () => {
  optimizerCases((...given) => backendRig(backend)(...given));

  it("made the device complain of nothing", () => {
    expect(backend.errors()).toEqual([]);
  });
});
