/** The backend on a real device, with programs written by hand: no op, no trace, nothing but the contract. */
import { afterEach, describe, expect, it } from "vitest";
import { control, floatBits } from "../engine/control.ts";
import type { GpuCommand, Program, ProgramBuffer, ProgramSegment } from "../engine/types.ts";
import { openTestGpu } from "../testing/node-gpu.ts";
import { createWebGpuBackend, type WebGpuBackend } from "./device.ts";

const SHADERS = {
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

const N = 5;
const f32 = { shape: [N], dtype: "f32" } as const;
const bytes = 256;

function program(
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

const dispatch = (
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

const scratch = { role: "scratch", name: "", bytes } as const;
const params = { role: "params", name: "params", bytes } as const;
const grads = { role: "grads", name: "grads", bytes } as const;
const controls = { role: "control", name: "", bytes } as const;

/** params −= lr · grads, in place. */
const sgd = program(
  [params, grads, controls],
  [dispatch("step", { x: 1, y: 0, control: 2 }, { n: N, shift: 0 })],
  { params: 0 },
);

/** out = 2 (2x + 1) − 3 in a skippable segment from x to out. */
const chain = program(
  [params, scratch, scratch],
  [
    dispatch("forward", { x: 0, y: 1 }, { n: N, shift: 1 }),
    dispatch("forward", { x: 1, y: 2 }, { n: N, shift: -3 }),
  ],
  { hidden: 1, out: 2 },
  [{ name: "block", from: 0, to: 2, pass: [0, 2] }],
);

const floats = (bits: ArrayBuffer): number[] => [...new Float32Array(bits)];
const X = new Float32Array([1, -2, 0.5, 3, 100]);

const open: WebGpuBackend[] = [];
async function backend(): Promise<WebGpuBackend> {
  const gpu = await openTestGpu();
  if (gpu === null) throw new Error("there is no WebGPU device to test with");
  const made = await createWebGpuBackend({ gpu, shaders: SHADERS });
  open.push(made);
  return made;
}

afterEach(async () => {
  for (const made of open.splice(0)) {
    await made.idle();
    const errors = [...made.errors()];
    made.dispose();
    expect(errors).toEqual([]);
  }
});

describe("replay", () => {
  it("runs dispatches in order, with sizes, override constants and an included library", async () => {
    const gpu = await backend();
    const x = gpu.arena("x", N);
    x.write(0, X);
    const run = await gpu.compile({
      ...chain,
      commands: [chain.commands[0]!, { ...chain.commands[1]!, constants: { SIGN: -1 } } as GpuCommand],
    });
    run.bind("params", x);
    run.run(control({}));
    const both = [run.read("hidden"), run.read("out")];
    gpu.submit();
    const [hidden, out] = await Promise.all(both);
    expect(floats(hidden!)).toEqual([...X].map((v) => 2 * v + 1));
    expect(floats(out!)).toEqual([...X].map((v) => -2 * (2 * v + 1) - 3));
  });

  it("gives each replay of one submit its own control block, in order", async () => {
    const gpu = await backend();
    const [p, g] = [gpu.arena("p", N), gpu.arena("g", N)];
    g.write(0, new Float32Array(N).fill(1));
    const run = await gpu.compile(sgd);
    run.bind("params", p);
    run.bind("grads", g);
    const reads: Promise<ArrayBuffer>[] = [];
    const order: number[] = [];
    for (let i = 0; i < 100; i++) {
      run.run(control({ lr: 2 ** (i % 10) }));
      const read = run.read("params");
      read.then(() => order.push(i));
      reads.push(read);
    }
    gpu.submit();
    let sum = 0;
    for (let i = 0; i < 100; i++) {
      sum -= 2 ** (i % 10);
      expect(floats(await reads[i]!)).toEqual(new Array(N).fill(sum));
    }
    expect(order).toEqual([...order.keys()]);
  });

  it("copies, clears, and copies inside one buffer", async () => {
    const gpu = await backend();
    const p = gpu.arena("p", 128);
    p.write(0, X);
    p.write(64, new Float32Array([9, 9, 9, 9, 9]));
    const run = await gpu.compile({
      ...program([{ ...params, bytes: 512 }, scratch], [], { low: 0, high: 2, other: 1 }),
      tensors: [
        { buffer: 0, offset: 0, spec: f32 },
        { buffer: 1, offset: 0, spec: f32 },
        { buffer: 0, offset: 64, spec: f32 },
      ],
      commands: [
        { kind: "copy", from: 2, to: 1 },
        { kind: "copy", from: 0, to: 2 },
        { kind: "clear", tensor: 0 },
      ],
    });
    run.bind("params", p);
    run.run(control({}));
    const reads = ["low", "high", "other"].map((name) => run.read(name));
    gpu.submit();
    const [low, high, other] = (await Promise.all(reads)).map(floats);
    expect(low).toEqual([0, 0, 0, 0, 0]);
    expect(high).toEqual([...X]);
    expect(other).toEqual([9, 9, 9, 9, 9]);
  });

  it("replaces a skipped segment by its copy, and runs it again afterwards", async () => {
    const gpu = await backend();
    const x = gpu.arena("x", N);
    x.write(0, X);
    const run = await gpu.compile(chain);
    run.bind("params", x);
    run.run(control({}), new Set(["block"]));
    const skipped = run.read("out");
    run.run(control({}));
    const whole = run.read("out");
    gpu.submit();
    expect(floats(await skipped)).toEqual([...X]);
    expect(floats(await whole)).toEqual([...X].map((v) => 4 * v - 1));
    expect(() => run.run(control({}), new Set(["blocks"]))).toThrow("there is no segment blocks");
  });

  it("leaves out what is empty", async () => {
    const gpu = await backend();
    const none = { shape: [0, 4], dtype: "f32" } as const;
    const run = await gpu.compile({
      ...program([scratch, scratch], [], { out: 1 }),
      tensors: [0, 1].map((buffer) => ({ buffer, offset: 64, spec: none })),
      commands: [
        { ...dispatch("forward", { x: 0, y: 1 }, { n: 0, shift: 0 }), grid: [0, 1, 1] } as GpuCommand,
        { kind: "copy", from: 0, to: 1 },
        { kind: "clear", tensor: 1 },
      ],
    });
    run.run(control({}));
    const out = run.read("out");
    gpu.submit();
    expect((await out).byteLength).toBe(0);
    const arena = gpu.arena("empty", 0);
    expect((await arena.read()).byteLength).toBe(0);
  });
});

describe("arenas", () => {
  it("keep the order of writes, copies, replays and reads", async () => {
    const gpu = await backend();
    const [a, b] = [gpu.arena("a", N), gpu.arena("b", N)];
    a.write(0, X);
    b.copyFrom(a);
    a.write(0, new Float32Array(N).fill(7)); // must not overtake the copy
    const first = b.read();
    b.copyFrom(a);
    const second = b.read();
    b.dispose(); // must not overtake the copy either
    expect(floats(await first)).toEqual([...X]);
    expect(floats(await second)).toEqual([7, 7, 7, 7, 7]);
    expect(() => b.write(0, X)).toThrow("b was disposed of");
    expect(() => a.write(1, X)).toThrow("do not fit");
  });

  it("can be exchanged under a program", async () => {
    const gpu = await backend();
    const run = await gpu.compile(chain);
    expect(() => run.run(control({}))).toThrow("params is not bound");
    const answers: Promise<ArrayBuffer>[] = [];
    for (const scale of [1, 2]) {
      const x = gpu.arena("x", N);
      x.write(
        0,
        X.map((v) => scale * v),
      );
      run.bind("params", x);
      run.run(control({}));
      answers.push(run.read("out"));
      x.dispose();
    }
    gpu.submit();
    expect(floats(await answers[0]!)).toEqual([...X].map((v) => 4 * v - 1));
    expect(floats(await answers[1]!)).toEqual([...X].map((v) => 8 * v - 1));
  });

  it("are counted to the byte", async () => {
    const gpu = await backend();
    const before = gpu.bytes;
    const arena = gpu.arena("a", 1000);
    expect(gpu.bytes - before).toBe(4000);
    const run = await gpu.compile(chain);
    expect(gpu.bytes - before).toBe(4000 + 2 * 256 + 2 * 256); // scratch, sizes
    run.dispose();
    arena.dispose();
    expect(gpu.bytes).toBe(before);
    expect(() => gpu.arena("all of it", gpu.maxBufferBytes)).toThrow(
      /needs a buffer of .* this device allows/,
    );
  });
});

describe("a steady step", () => {
  it("makes nothing, submits once and uploads 256 bytes", async () => {
    const gpu = await backend();
    const [p, g] = [gpu.arena("p", N), gpu.arena("g", N)];
    const run = await gpu.compile(sgd);
    run.bind("params", p);
    run.bind("grads", g);

    const counts = { made: 0, submits: 0, uploaded: 0 };
    const { device } = gpu;
    for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(device))) {
      if (!name.startsWith("create") || name === "createCommandEncoder") continue;
      const original = (device as never as Record<string, (...args: unknown[]) => unknown>)[name]!;
      Object.defineProperty(device, name, {
        value: (...args: unknown[]) => {
          counts.made++;
          return original.apply(device, args);
        },
      });
    }
    const { queue } = device;
    const { submit, writeBuffer } = queue;
    Object.defineProperty(device, "queue", { value: queue });
    queue.submit = (list) => {
      counts.submits++;
      return submit.call(queue, list);
    };
    queue.writeBuffer = (
      buffer: GPUBuffer,
      at: number,
      data: Uint32Array<ArrayBuffer>,
      from = 0,
      count?: number,
    ) => {
      counts.uploaded += (count ?? data.length - from) * 4;
      return writeBuffer.call(queue, buffer, at, data, from, count ?? data.length - from);
    };

    // Losses are read back behind the steps: three are in flight.
    const flight: Promise<ArrayBuffer>[] = [];
    const steps = async (count: number) => {
      for (let i = 0; i < count; i++) {
        run.run(control({ step: i, lr: 0.1 }));
        flight.push(run.read("params"));
        gpu.submit();
        if (flight.length > 3) await flight.shift();
      }
    };
    await steps(10);
    expect(counts.made, "the counter sees the first pages").toBeGreaterThan(0);
    Object.assign(counts, { made: 0, submits: 0, uploaded: 0 });
    await steps(50);
    expect(counts).toEqual({ made: 0, submits: 50, uploaded: 50 * 256 });
    await Promise.all(flight);
  });

  it("compiles a kernel once, whatever the sizes", async () => {
    const gpu = await backend();
    const seen: string[] = [];
    const watch = (done: number, total: number) => seen.push(`${done}/${total}`);
    await gpu.compile(chain, watch);
    expect(seen).toEqual(["0/1", "1/1"]);
    const larger = chain.commands.map((c) => ({ ...c, sizes: { n: N - 1, shift: 0 } }) as GpuCommand);
    await gpu.compile({ ...chain, commands: larger }, watch);
    expect(seen).toHaveLength(2);
  });
});

describe("what goes wrong", () => {
  it("in a shader is said with file and line", async () => {
    const gpu = await backend();
    const broken = { ...dispatch("forward", {}, {}), shader: "wrong" } as GpuCommand;
    await expect(gpu.compile({ ...chain, commands: [broken] })).rejects.toThrow(
      /shader wrong \(wrong\.wgsl:3\)/,
    );
    const missing = { ...dispatch("forward", {}, {}), shader: "absent" } as GpuCommand;
    await expect(gpu.compile({ ...chain, commands: [missing] })).rejects.toThrow("no shader absent.wgsl");
    const entry = dispatch("backward", {}, {});
    await expect(gpu.compile({ ...chain, commands: [entry] })).rejects.toThrow(/kernel affine:backward/);
    const sizes = dispatch("forward", { x: 0, y: 1 }, { n: N });
    await expect(gpu.compile({ ...chain, commands: [sizes] })).rejects.toThrow("no value for Sizes.shift");
  });

  it("on the device is kept, and reads reject with it", async () => {
    const gpu = await backend();
    const x = gpu.arena("x", N);
    const run = await gpu.compile({
      ...chain,
      commands: [dispatch("forward", { x: 1, y: 1 }, { n: N, shift: 1 })], // reads and writes one buffer
    });
    run.bind("params", x);
    run.run(control({}));
    const out = run.read("out");
    gpu.submit();
    await expect(out).rejects.toThrow(/nothing came back/);
    await gpu.idle();
    expect(gpu.errors().length).toBeGreaterThan(0);
    open.splice(0);
    gpu.dispose();
  });

  it("with the device resolves `lost`, and open reads reject", async () => {
    const gpu = await backend();
    const x = gpu.arena("x", N);
    const read = x.read();
    open.splice(0);
    gpu.dispose();
    await expect(read).rejects.toThrow();
    expect(await gpu.lost).toMatch(/destroyed/i);
  });
});

it("times segments where the device has a clock", async () => {
  const gpu = await backend();
  const x = gpu.arena("x", N);
  const run = await gpu.compile(chain);
  run.bind("params", x);
  expect((await run.seconds()).size).toBe(0);
  run.run(control({ lr: floatBits(1) }));
  gpu.submit();
  const seconds = await run.seconds();
  if (gpu.features.has("timestamp-query")) {
    expect([...seconds.keys()]).toEqual(["block"]);
    expect(seconds.get("block")).toBeGreaterThanOrEqual(0);
    expect(seconds.get("block")).toBeLessThan(10);
  } else {
    expect(seconds.size).toBe(0);
  }
});
