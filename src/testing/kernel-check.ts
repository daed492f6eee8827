/**
 * One sample of an op on a WebGPU device, against the op's float64 reference: traced and planned as in a model, and
 * replayed three times: on other values first, so that a kernel that counts on zeroed buffers is caught, then twice on
 * the same, which must agree to the bit.
 */
import { control } from "../engine/control.ts";
import { allOps } from "../engine/ops/all.ts";
import { plan } from "../engine/plan.ts";
import { createTrace } from "../engine/trace.ts";
import type { DType, NdArray, OpDef, OpSample } from "../engine/types.ts";
import type { WebGpuBackend } from "../gpu/device.ts";
import * as methods from "../methods/registry.ts";
import type { Method } from "../methods/types.ts";
import { sampleInputs } from "./samples.ts";

/** Rounding of f32 sums and of WGSL's built-in functions, for values near 1. */
export const TOLERANCE = 1e-5;

const ofMethods = (Object.values(methods) as readonly Method[]).flatMap(({ ops }) => ops ?? []);

/** The engine's ops and those that methods bring. */
export const everyOp: readonly OpDef[] = [...new Set([...allOps, ...ofMethods])];

const typed = (bits: ArrayBuffer, dtype: DType): ArrayLike<number> =>
  dtype === "f32" ? new Float32Array(bits) : new Uint32Array(bits);

function sameBits(a: ArrayBuffer, b: ArrayBuffer): boolean {
  const [x, y] = [new Uint8Array(a), new Uint8Array(b)];
  return x.length === y.length && x.every((byte, i) => byte === y[i]);
}

/** The op's outputs on the device, as bits. */
async function onDevice(
  gpu: WebGpuBackend,
  op: OpDef,
  sample: OpSample,
  inputs: readonly NdArray[],
): Promise<ArrayBuffer[]> {
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
    if (!sameBits(bits, second[i]!)) throw new Error(`output ${i} is not the same a second time`);
  });
  return first;
}

/** The element farthest beyond its tolerance, in words; null when all are within. */
export function worst(found: ArrayLike<number>, wanted: NdArray, tolerance: number): string | null {
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

/** What is wrong with the sample on this device, in words; empty when it is right. */
export async function offOnDevice(gpu: WebGpuBackend, op: OpDef, sample: OpSample): Promise<string[]> {
  const inputs = sampleInputs(sample);
  const wanted = op.reference(inputs, sample.attrs);
  const bits = await onDevice(gpu, op, sample, inputs);
  const tolerance = sample.tolerance ?? TOLERANCE;
  const off = wanted.flatMap((output, i) => {
    const words = worst(typed(bits[i]!, output.dtype), output, output.dtype === "u32" ? 0 : tolerance);
    return words === null ? [] : [`output ${i}, ${words}`];
  });
  await gpu.idle();
  return [...off, ...gpu.errors()];
}
