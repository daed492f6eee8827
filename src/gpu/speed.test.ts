/** Timing, on a device that takes exactly a known time. */
import { expect, it } from "vitest";
import type { Backend, Executable, Program } from "../engine/types.ts";
import { timeProgram } from "./speed.ts";

const one: Program = {
  key: "one",
  flops: 0,
  buffers: [],
  tensors: [],
  commands: [{ kind: "clear", tensor: 0 }],
  calls: [],
  segments: [],
  outputs: {},
};

/** A command takes `each` seconds and a submit `submit`; the GPU's clock sees the commands alone. */
function device(each: number, submit: number, timestamps: boolean, noise: readonly number[] = []) {
  let now = 0;
  let waiting = 0;
  let submits = 0;
  let live = 0;
  const compile = async (program: Program): Promise<Executable> => {
    live++;
    let gpu = 0;
    return {
      program,
      bind: () => {},
      run: () => {
        gpu = program.commands.length * each;
        waiting += gpu;
      },
      read: () => Promise.reject(new Error("nothing to read")),
      seconds: async () =>
        new Map(timestamps && gpu > 0 ? program.segments.map(({ name }) => [name, gpu] as const) : []),
      dispose: () => {
        live--;
      },
    };
  };
  const backend = {
    compile,
    submit: () => {
      now += submit + waiting + (noise[submits++] ?? 0);
      waiting = 0;
    },
    idle: async () => {},
  } as unknown as Backend;
  return { backend, clock: () => now, submits: () => submits, live: () => live };
}

it("is the GPU's own where it has a clock: what a submit costs is not in it", async () => {
  const gpu = device(1e-5, 0.002, true);
  const timing = await timeProgram(gpu.backend, one, new Map(), gpu);
  expect(timing.by).toBe("timestamps");
  expect(timing.seconds).toBeCloseTo(1e-5, 12);
  expect(gpu.live()).toBe(0);
});

it("by the caller's clock spreads what a submit costs over many runs", async () => {
  const gpu = device(1e-5, 0.0005, false);
  const timing = await timeProgram(gpu.backend, one, new Map(), gpu);
  expect(timing.by).toBe("clock");
  expect(timing.seconds).toBeGreaterThan(1e-5);
  expect(timing.seconds).toBeLessThan(1.03e-5);
});

it("takes the middle of its rounds, and the least", async () => {
  // The first submit is warm-up and already long enough; the fourth is disturbed.
  const gpu = device(0.05, 0, false, [0, 0.001, 0.002, 0.5, 0.003, 0.004]);
  const timing = await timeProgram(gpu.backend, one, new Map(), gpu);
  expect(gpu.submits()).toBe(6);
  expect(timing.seconds).toBeCloseTo(0.053, 9);
  expect(timing.least).toBeCloseTo(0.051, 9);
});

it("of what takes long is left at two rounds", async () => {
  const gpu = device(0.8, 0, false);
  expect((await timeProgram(gpu.backend, one, new Map(), gpu)).seconds).toBeCloseTo(0.8, 9);
  expect(gpu.submits()).toBe(3);
});

it("of what takes no time at all comes to an end", async () => {
  const gpu = device(0, 0, false);
  expect((await timeProgram(gpu.backend, one, new Map(), gpu)).seconds).toBe(0);
  expect(gpu.submits()).toBeLessThan(40);
});
