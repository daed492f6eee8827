/** Replays on a real device: commands, control blocks, read-backs, and what a steady step costs. */
import { afterEach, describe, expect, it } from "vitest";
import { control } from "../engine/control.ts";
import type { GpuCommand } from "../engine/types.ts";
import { countDevice } from "../testing/device-counts.ts";
import {
  backend,
  chain,
  closeBackends,
  dispatch,
  f32,
  floats,
  N,
  params,
  program,
  scratch,
  sgd,
  X,
} from "../testing/hand-made.ts";

afterEach(closeBackends);

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
    // Beside the copy, what the segment alone writes to is set to 0: here `hidden`, which lies outside of it.
    const segments = chain.segments.map((segment) =>
      segment.name === "block" ? { ...segment, clears: [chain.outputs.hidden!] } : segment,
    );
    const run = await gpu.compile({ ...chain, segments });
    run.bind("params", x);
    run.run(control({}), new Set(["block"]));
    const hidden = run.read("hidden");
    const skipped = run.read("out");
    run.run(control({}));
    const whole = run.read("out");
    gpu.submit();
    expect(floats(await skipped)).toEqual([...X]);
    expect(floats(await hidden)).toEqual([...X].map(() => 0));
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

describe("a steady step", () => {
  it("makes nothing, submits once and uploads 256 bytes", async () => {
    const gpu = await backend();
    const [p, g] = [gpu.arena("p", N), gpu.arena("g", N)];
    const run = await gpu.compile(sgd);
    run.bind("params", p);
    run.bind("grads", g);

    const counts = countDevice(gpu.device);
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

it("times segments where the device has a clock", async () => {
  const gpu = await backend();
  const x = gpu.arena("x", N);
  const run = await gpu.compile(chain);
  run.bind("params", x);
  expect((await run.seconds()).size).toBe(0);
  run.run(control({}));
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
