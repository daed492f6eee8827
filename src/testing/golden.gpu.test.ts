/** The kernels, and autodiff through them, against PyTorch's float64 and the methods page's G8. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Arena } from "../engine/types.ts";
import type { WebGpuBackend } from "../gpu/device.ts";
import { beyond, type GoldenCase, goldenCases } from "./golden-cases.ts";
import { openTestBackend } from "./node-gpu.ts";

/**
 * f32 rounds at 6e-8. The longest chain here is an LSTM's seven steps forward and back, some 30 roundings deep and a factor
 * of 2 to 4 where gates steepen; WGSL's exp and tanh may err by a few units more. A wrong sign or index is off by 1e-2.
 */
const TOLERANCE = 1e-5;

let gpu: WebGpuBackend;

beforeAll(async () => {
  gpu = await openTestBackend();
});

async function onDevice(one: GoldenCase): Promise<readonly string[]> {
  const executable = await gpu.compile(one.program);
  const arenas = new Map<string, Arena>();
  const write = (name: string, data: readonly number[]) =>
    arenas
      .get(name)!
      .write(0, one.inputs.get(name)!.dtype === "u32" ? Uint32Array.from(data) : Float32Array.from(data));
  for (const [name, { data }] of one.inputs) {
    arenas.set(name, gpu.arena(name, data.length));
    write(name, data);
    executable.bind(name, arenas.get(name)!);
  }
  const off: string[] = [];
  for (const run of one.runs) {
    for (const [name, data] of run.write) write(name, data);
    executable.run(run.control);
    const reads = [...run.outputs.keys()].map(async (name) => {
      const bits = await (name in one.program.outputs ? executable.read(name) : arenas.get(name)!.read());
      return [name, new Float32Array(bits)] as const;
    });
    gpu.submit();
    off.push(...beyond(one, run.outputs, new Map(await Promise.all(reads)), TOLERANCE));
  }
  executable.dispose();
  for (const arena of arenas.values()) arena.dispose();
  return off;
}

describe("golden values on the device", () => {
  it.each(goldenCases().map((one) => [one.name, one] as const))("%s", async (_, one) => {
    const off = await onDevice(one);
    await gpu.idle();
    expect([...off, ...gpu.errors()]).toEqual([]);
  });
});
