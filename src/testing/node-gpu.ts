/**
 * The WebGPU device of tests in Node: the software adapter, which is the same everywhere, unless ESPALIER_GPU=1 asks for
 * the graphics card.
 */
import { createWebGpuBackend, type WebGpuBackend } from "../gpu/device.ts";
import { openNodeGpu, readShaders } from "../worker/node.ts";

export { readShaders } from "../worker/node.ts";

let opened: Promise<GPU | null> | null = null;

/** The GPU object, or null where there is none. */
export function openTestGpu(): Promise<GPU | null> {
  opened ??= openNodeGpu(process.env.ESPALIER_GPU !== "1").catch(() => null);
  return opened;
}

let shared: Promise<WebGpuBackend> | null = null;

/**
 * One device for all tests of a process, and with it one set of compiled kernels: compiling is most of what a test on a
 * software adapter costs. Nobody disposes of it, and a test gives back what it takes. A test about memory, about what is
 * compiled or about a device's end opens one of its own.
 */
export function openTestBackend(): Promise<WebGpuBackend> {
  shared ??= openTestGpu().then((gpu) => {
    if (gpu === null) throw new Error("these tests need a WebGPU device in Node, be it a software one");
    return createWebGpuBackend({ gpu, shaders: readShaders() });
  });
  return shared;
}

/**
 * A device of one's own that does not clear workgroup memory for a kernel, which no kernel may then count on. The software
 * adapter clears it by a store for every word, and takes up to nine seconds to compile those; without them, half a one.
 */
export async function openUnclearedBackend(): Promise<WebGpuBackend> {
  const gpu = await openNodeGpu(process.env.ESPALIER_GPU !== "1", [
    "enable-dawn-features=disable_workgroup_init",
  ]);
  return createWebGpuBackend({ gpu, shaders: readShaders() });
}
