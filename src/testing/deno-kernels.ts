/**
 * Ops on Deno's WebGPU (wgpu, with naga for the shaders), each against its float64 reference: run in Deno by
 * `second-adapter.test.ts`, to which it prints one line of JSON first about the adapter and then about each sample.
 *
 *   deno run --no-lock --node-modules-dir=manual --unstable-webgpu --allow-read src/testing/deno-kernels.ts [--all]
 *
 * Without --all each op's first sample is enough, which is its ordinary case.
 */
import { allOps } from "../engine/ops/all.ts";
import { sampleName } from "../engine/samples.ts";
import type { OpDef, OpSample } from "../engine/types.ts";
import { checkSample } from "../gpu/check.ts";
import type { WebGpuBackend } from "../gpu/device.ts";
import { openDenoBackend } from "../worker/deno.ts";
import { methodOps } from "./runs.ts";

export interface AdapterLine {
  /** Null where this Deno has none. */
  readonly adapter: string | null;
  readonly why?: string;
}

export interface SampleLine {
  readonly op: string;
  readonly sample: string;
  /** What is wrong, in words. */
  readonly off: readonly string[];
}

const { Deno } = globalThis as unknown as { readonly Deno: { readonly args: readonly string[] } };
const most = Deno.args.includes("--all") ? Number.POSITIVE_INFINITY : 1;

const say = (line: AdapterLine | SampleLine) => console.log(JSON.stringify(line));

/** What is wrong with the sample here, in words; empty when it is right. */
async function offHere(gpu: WebGpuBackend, op: OpDef, sample: OpSample): Promise<readonly string[]> {
  const { off } = await checkSample(gpu, op, sample);
  await gpu.idle();
  return [...(off === null ? [] : [off]), ...gpu.errors()];
}

async function check(): Promise<void> {
  let gpu = await openDenoBackend();
  say({ adapter: gpu.name });
  for (const op of new Set([...allOps, ...methodOps])) {
    for (const [i, sample] of op.samples.slice(0, most).entries()) {
      const off = await offHere(gpu, op, sample).catch((error: Error) => [error.message]);
      say({ op: op.name, sample: sampleName(op.name, sample, i), off });
      if (off.length > 0) {
        // A device that has complained refuses everything after: the next sample starts with a new one.
        gpu.dispose();
        gpu = await openDenoBackend();
      }
    }
  }
  gpu.dispose();
}

await check().catch((error: Error) => {
  if (!/no graphics adapter|no GPU/.test(error.message)) throw error;
  say({ adapter: null, why: error.message });
});
