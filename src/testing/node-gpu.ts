/**
 * The WebGPU device of tests in Node: the software adapter, which is the same everywhere, unless ESPALIER_GPU=1 asks for
 * the graphics card.
 */
import { createWebGpuBackend, type WebGpuBackend } from "../gpu/device.ts";
import { openNodeGpu, readShaders } from "../worker/node.ts";

export { readShaders } from "../worker/node.ts";

/**
 * Dawn clears workgroup memory by a store for every word, and the software adapter takes up to nine seconds to compile
 * those; without them, half a one. No kernel may count on cleared memory, and one that did would read what the kernel
 * before left there: so tests run without, which asks more of a kernel, and compile for half the time. That kernels are
 * right with it too, as visitors' devices have it, is held by `openClearedBackend` in gpu/kernels.gpu.test.ts, by whole
 * runs of the command line (testing/replay.gpu.test.ts) and by the browser tests.
 */
const UNCLEARED = ["enable-dawn-features=disable_workgroup_init"];

let opened: Promise<GPU | null> | null = null;

/** The GPU object, or null where there is none. */
export function openTestGpu(): Promise<GPU | null> {
  opened ??= openNodeGpu(process.env.ESPALIER_GPU !== "1", UNCLEARED).catch(() => null);
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

/** A device of one's own that clears workgroup memory before a kernel runs, as every visitor's does. */
export async function openClearedBackend(): Promise<WebGpuBackend> {
  const gpu = await openNodeGpu(process.env.ESPALIER_GPU !== "1");
  return createWebGpuBackend({ gpu, shaders: readShaders() });
}
