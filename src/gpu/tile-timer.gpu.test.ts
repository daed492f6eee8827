/**
 * Kernels timed and exchanged beside a run on a device, with made-up times: what wins takes its place, and neither the timing nor
 * the exchange is to be seen in any bit of the run. Of a tiny LSTM one kernel is open, which looks for places by number.
 */
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { control } from "../engine/control.ts";
import { embeddingGrad } from "../engine/ops/embedding.ts";
import { sampleInputs } from "../engine/samples.ts";
import type { Dispatch } from "../engine/tiles.ts";
import { countDevice } from "../testing/device-counts.ts";
import { openTestBackend, openTestGpu, readShaders } from "../testing/node-gpu.ts";
import { drive, eventsOf, losses, tinyConfig } from "../testing/runs.ts";
import { sampleProgram } from "./check.ts";
import { createWebGpuBackend, type WebGpuBackend } from "./device.ts";
import type { Timer } from "./tile-timer.ts";

const OPEN = "embedding:backward";
const named = ({ shader, entry }: Dispatch): string => `${shader}:${entry}`;
const config = tinyConfig({ budget: { unit: "steps", amount: 60 }, eval: { every: 1000, batches: 1 } });

let backend: WebGpuBackend;

beforeAll(async () => {
  backend = await openTestBackend();
  const { tuning } = backend;
  const choosable = tuning.choosable.bind(tuning);
  vi.spyOn(tuning, "choosable").mockImplementation((d) => (named(d) === OPEN ? choosable(d) : null));
});

afterEach(() => {
  backend.tuning.choices = null;
});

afterAll(() => {
  vi.restoreAllMocks();
  expect(backend.errors()).toEqual([]);
});

const spread: Timer = async (_, id, times) => times * (id.startsWith("spread") ? 1e-4 : 2e-4);
/** Runs the kernels as well, whatever they take. */
const real: Timer = async (trial, id, times) => {
  expect(await trial.slice(id, Math.min(times, 2), () => performance.now() / 1000)).toBeGreaterThan(0);
  return spread(trial, id, times);
};

/** Trains to the end; `timer`: kernels are timed by it between stretches. */
async function trained(timer: Timer | null, text = "") {
  backend.tuning.choices = null;
  if (timer) backend.choose(text, "test");
  const { trainer, events } = await drive(config, backend);
  for (let steps = 36; trainer.step < 48; steps = 1) {
    await trainer.advance(steps);
    if (!timer) continue;
    // Kernels are being compiled: they come when they come, and steps are few.
    const { tiles } = backend;
    do await tiles.turn(() => 0, timer).then(() => new Promise((turn) => setTimeout(turn, 5)));
    while (tiles.compiling);
  }
  const held = backend.bytes;
  const counts = countDevice(backend.device);
  await trainer.advance(5);
  const steady = { ...counts };
  await trainer.settled();
  while (trainer.phase === "ready") await trainer.advance(100);
  const { program } = trainer.core.network.train;
  const weights = new Float32Array(await trainer.core.network.arrays.params.read());
  trainer.dispose();
  const shaders = program.commands.flatMap((c) => (c.kind === "dispatch" ? [named(c)] : []));
  return { losses: losses(events), events, weights, steady, held, shaders };
}

it("leave a run as it would be, and it goes on at the cost of any step", async () => {
  const plain = await trained(null);
  const timed = await trained(real);
  const exchanged = (name: string) => (name === OPEN ? name.replace(":", "-spread:") : name);
  expect(timed.shaders).toEqual(plain.shaders.map(exchanged));
  expect(timed.losses).toEqual(plain.losses);
  expect(timed.weights).toEqual(plain.weights);
  expect(timed.steady).toEqual(plain.steady);
  expect(timed.steady.made).toBe(0);
  // What was timed on is given back; the sizes of the other kernel lie in a block of their own.
  expect(timed.held - plain.held).toBeLessThanOrEqual(256);
  expect(eventsOf(timed.events, "run/started")[0]!.tiling).toEqual({
    usual: "quads",
    timed: 0,
    exchanged: 0,
  });

  // Opened again, the choices are there from the first step on, and nothing is left to be timed.
  const never: Timer = () => Promise.reject(new Error("it was timed again"));
  const again = await trained(never, backend.tuning.choices!.text());
  expect(again.shaders).toEqual(timed.shaders);
  expect(again.losses).toEqual(plain.losses);
  expect(eventsOf(again.events, "run/started")[0]!.tiling).toMatchObject({ timed: 1, exchanged: 1 });
});

it("touch nothing that is in use, and end with the device, without a word", async () => {
  const own = await createWebGpuBackend({ gpu: (await openTestGpu())!, shaders: readShaders() });
  own.choose("", "test");
  const sample = embeddingGrad.samples[0]!;
  const { program } = sampleProgram(embeddingGrad, sample);
  const run = await own.compile(program);
  const arenas = sampleInputs(sample).map(({ data, dtype }, i) => {
    const arena = own.arena(`input ${i}`, data.length);
    arena.write(0, dtype === "f32" ? Float32Array.from(data) : Uint32Array.from(data));
    if (program.buffers.some(({ name }) => name === `input ${i}`)) run.bind(`input ${i}`, arena);
    return arena;
  });
  const output = (): Promise<ArrayBuffer> => {
    const read = run.read("output 0");
    own.submit();
    return read;
  };
  let slices = 0;
  let before = new ArrayBuffer(0);
  const dying: Timer = async (trial, id, times) => {
    slices++;
    if (slices === 1) {
      before = await output();
      expect(new Float32Array(before).some((value) => value !== 0)).toBe(true);
      // From these inputs a kernel that was bound to what is in use would make another output.
      for (const arena of arenas) arena.write(0, new Uint32Array(arena.elements));
    }
    if (slices === 5) {
      expect(await output()).toEqual(before);
      own.device.destroy();
    }
    return trial.slice(id, Math.min(times, 2), () => 0).then(() => times * 1e-4);
  };
  for (let i = 0; i < 2000 && (i < 40 || own.tiles.busy); i++) {
    if (slices === 0) run.run(control({}));
    own.submit();
    await own.tiles.turn(() => 0, dying);
    await new Promise((turn) => setTimeout(turn, own.tiles.compiling ? 5 : 0));
  }
  expect(slices).toBe(5);
  expect(own.tiles.busy).toBe(false);
  expect(own.tuning.choices!.all.size).toBe(0);
  own.dispose();
});
