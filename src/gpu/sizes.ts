/**
 * The `Sizes` blocks of a whole program, side by side in one uniform buffer that is written once. Sizes are numbers in a
 * buffer, not constants in a kernel, so that growing a network compiles nothing; equal blocks lie there once.
 */
import type { GpuCommand } from "../engine/types.ts";
import { GRAIN, type Memory, roundUp, USAGE } from "./memory.ts";
import type { Kernel } from "./pipelines.ts";
import { packSizes } from "./reflect.ts";

/** Uniform offsets every device accepts. */
const STRIDE = 256;

export function sizesBlocks(
  memory: Memory,
  commands: readonly GpuCommand[],
  kernels: readonly (Kernel | null)[],
): { readonly buffer: GPUBuffer | null; readonly bindings: readonly (GPUBufferBinding | null)[] } {
  const blocks = new Map<string, { readonly words: Uint32Array; readonly offset: number }>();
  let length = 0;
  const keys = commands.map((command, i) => {
    if (command.kind !== "dispatch" || Object.keys(command.sizes).length === 0) return null;
    const { reflection } = kernels[i]!;
    const named = `${command.shader}:${command.entry}`;
    if (!reflection.bindings.has("sizes")) throw new Error(`${named} has no variable sizes`);
    const words = packSizes(named, reflection.sizes, command.sizes);
    const key = words.join();
    if (!blocks.has(key)) {
      blocks.set(key, { words, offset: length });
      length += roundUp(words.byteLength, STRIDE);
    }
    return key;
  });
  if (length === 0) return { buffer: null, bindings: keys.map(() => null) };
  const buffer = memory.create("sizes", length, USAGE.uniform | USAGE.copyTarget);
  const all = new Uint32Array(length / 4);
  for (const { words, offset } of blocks.values()) all.set(words, offset / 4);
  memory.device.queue.writeBuffer(buffer, 0, all);
  const bindings = keys.map((key) => {
    if (key === null) return null;
    const { words, offset } = blocks.get(key)!;
    return { buffer, offset, size: roundUp(words.byteLength, GRAIN) };
  });
  return { buffer, bindings };
}
