/** Programs written by hand for tests of the backend: no op, no trace, nothing but the contract. */
import { expect } from "vitest";
import type { GpuCommand, Program, ProgramBuffer, ProgramSegment } from "../engine/types.ts";
import { createWebGpuBackend, type WebGpuBackend } from "../gpu/device.ts";
import { openTestGpu } from "./node-gpu.ts";

export const SHADERS = {
  "lib/twice": "fn twice(x: f32) -> f32 { return 2.0 * x; }\n",
  affine: `//!include "lib/twice"
struct Sizes { n: u32, shift: f32 }
override SIGN = 1.0;
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read> control: array<u32>;
@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < sizes.n) { y[id.x] = SIGN * twice(x[id.x]) + sizes.shift; }
}
@compute @workgroup_size(64)
fn step(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < sizes.n) { y[id.x] -= bitcast<f32>(control[4]) * x[id.x]; }
}
`,
  wrong: `//!include "lib/twice"
@compute @workgroup_size(1)
fn forward() { let x: u32 = 1.5; }
`,
};

export const N = 5;
export const f32 = { shape: [N], dtype: "f32" } as const;
const bytes = 256;

export function program(
  buffers: readonly ProgramBuffer[],
  commands: readonly GpuCommand[],
  outputs: Record<string, number>,
  segments: readonly ProgramSegment[] = [],
): Program {
  return {
    key: "",
    flops: 0,
    buffers,
    tensors: buffers.map((_, buffer) => ({ buffer, offset: 0, spec: f32 })),
    commands,
    calls: [],
    segments,
    outputs,
  };
}

export const dispatch = (
  entry: string,
  bind: Record<string, number>,
  sizes: Record<string, number>,
  constants: Record<string, number> = {},
): GpuCommand => ({
  kind: "dispatch",
  op: entry,
  shader: "affine",
  entry,
  constants,
  sizes,
  bind,
  grid: [1, 1, 1],
});

export const scratch = { role: "scratch", name: "", bytes } as const;
export const params = { role: "params", name: "params", bytes } as const;
export const grads = { role: "grads", name: "grads", bytes } as const;
export const controls = { role: "control", name: "", bytes } as const;

/** params −= lr · grads, in place. */
export const sgd = program(
  [params, grads, controls],
  [dispatch("step", { x: 1, y: 0, control: 2 }, { n: N, shift: 0 })],
  { params: 0 },
);

/** out = 2 (2x + 1) − 3 in a skippable segment from x to out. */
export const chain = program(
  [params, scratch, scratch],
  [
    dispatch("forward", { x: 0, y: 1 }, { n: N, shift: 1 }),
    dispatch("forward", { x: 1, y: 2 }, { n: N, shift: -3 }),
  ],
  { hidden: 1, out: 2 },
  [{ name: "block", from: 0, to: 2, pass: [0, 2] }],
);

export const floats = (bits: ArrayBuffer): number[] => [...new Float32Array(bits)];
export const X = new Float32Array([1, -2, 0.5, 3, 100]);

const open: WebGpuBackend[] = [];

/** A device that is closed after the test, which fails if the device complained. */
export async function backend(): Promise<WebGpuBackend> {
  const gpu = await openTestGpu();
  if (gpu === null) throw new Error("there is no WebGPU device to test with");
  const made = await createWebGpuBackend({ gpu, shaders: SHADERS });
  open.push(made);
  return made;
}

export async function closeBackends(): Promise<void> {
  for (const made of open.splice(0)) {
    await made.idle();
    const errors = [...made.errors()];
    made.dispose();
    expect(errors).toEqual([]);
  }
}

/** After a test that broke its device on purpose. */
export function abandon(gpu: WebGpuBackend): void {
  open.splice(open.indexOf(gpu), 1);
  gpu.dispose();
}
