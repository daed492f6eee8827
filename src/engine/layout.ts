/**
 * Where each parameter lies in an arena. Pure, so that the trainer, a snapshot and a trace agree without talking.
 * Slices start on 64 elements = 256 bytes, the least offset every WebGPU device can bind; the gaps stay zero for ever
 * (gradients of the gap are never written), so one flat dispatch over the whole arena is right.
 */
import type { ArenaLayout, ParamSpec } from "./types.ts";

export const ALIGN = 64;

export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

export function arenaLayout(specs: readonly ParamSpec[]): ArenaLayout {
  const entries = new Map<string, { offset: number; shape: readonly number[]; count: number }>();
  let length = 0;
  for (const { path, shape } of specs) {
    const count = sizeOf(shape);
    if (entries.has(path)) throw new Error(`parameter ${path} is listed twice`);
    entries.set(path, { offset: length, shape, count });
    length += Math.ceil(count / ALIGN) * ALIGN;
  }
  return { entries, length: Math.max(length, ALIGN) };
}
