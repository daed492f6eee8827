/** One sample of an op on a WebGPU device, as a test wants it: what is wrong, in words. The check itself: gpu/check.ts. */
import { allOps } from "../engine/ops/all.ts";
import type { OpDef, OpSample } from "../engine/types.ts";
import { checkSample } from "../gpu/check.ts";
import type { WebGpuBackend } from "../gpu/device.ts";
import { methodOps } from "../run/registries.ts";

/** The engine's ops and those that methods bring. */
export const everyOp: readonly OpDef[] = [...new Set([...allOps, ...methodOps])];

/** What is wrong with the sample on this device; empty when it is right. */
export async function offOnDevice(gpu: WebGpuBackend, op: OpDef, sample: OpSample): Promise<string[]> {
  const { off } = await checkSample(gpu, op, sample);
  await gpu.idle();
  return [...(off === null ? [] : [off]), ...gpu.errors()];
}
