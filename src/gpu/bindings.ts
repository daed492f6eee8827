/** A dispatch bound to buffers: the only place that knows how a tensor is seen by a kernel. */
import type { Dispatch } from "../engine/tiles.ts";
import { GRAIN, roundUp } from "./memory.ts";
import type { Kernel } from "./pipelines.ts";

/** Bytes. */
export interface Place {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly bytes: number;
}

export function bindGroup(
  device: GPUDevice,
  { shader, entry, bind }: Dispatch,
  kernel: Kernel,
  place: (tensor: number) => Place,
  sizes: GPUBufferBinding | null,
): GPUBindGroup {
  const named = `${shader}:${entry}`;
  const entries: GPUBindGroupEntry[] = Object.entries(bind).map(([name, tensor]) => {
    const variable = kernel.reflection.bindings.get(name);
    if (!variable) throw new Error(`${named} has no variable ${name}`);
    const { buffer, offset, bytes } = place(tensor);
    // Rounded up for variables of type array<vec4<f32>>; slices and buffers have that room.
    const size = Math.min(Math.max(GRAIN, roundUp(bytes, GRAIN)), buffer.size - offset);
    return { binding: variable.binding, resource: { buffer, offset, size } };
  });
  if (sizes) entries.push({ binding: kernel.reflection.bindings.get("sizes")!.binding, resource: sizes });
  return device.createBindGroup({ label: named, layout: kernel.layout, entries });
}
