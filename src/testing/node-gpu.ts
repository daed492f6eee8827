/**
 * The WebGPU device of tests in Node: the software adapter, which is the same everywhere, unless ESPALIER_GPU=1 asks for
 * the graphics card.
 */
import { openNodeGpu } from "../worker/node.ts";

export { readShaders } from "../worker/node.ts";

let opened: Promise<GPU | null> | null = null;

/** The GPU object, or null where there is none. */
export function openTestGpu(): Promise<GPU | null> {
  opened ??= openNodeGpu(process.env.ESPALIER_GPU !== "1").catch(() => null);
  return opened;
}
