/**
 * Kernels timed and exchanged beside a run on a device, with made-up times: what wins takes its place, and neither the timing nor
 * the exchange is to be seen in any bit of the run. Two kernels of a tiny LSTM are open, one of which walks lists of places.
 */
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { control } from "../engine/control.ts";
import { embeddingGrad } from "../engine/ops/embedding.ts";
import type { Dispatch } from "../engine/tiles.ts";
import { countDevice } from "../testing/device-counts.ts";
import { openTestBackend, openTestGpu, readShaders } from "../testing/node-gpu.ts";
import { drive, eventsOf, losses, tinyConfig } from "../testing/runs.ts";
import { sampleProgram } from "./check.ts";
import { createWebGpuBackend, type WebGpuBackend } from "./device.ts";
import type { Timer } from "./tile-timer.ts";

const OPEN = ["embedding:backward", "lstm-grad:backward"];
const named = ({ shader, entry }: Dispatch): string => `${shader}:${entry}`;
const config = tinyConfig({ budget: { unit: "steps", amount: 90 }, eval: { every: 1000, batches: 1 } });

let backend: WebGpuBackend;

beforeAll(async () => {
  backend = await openTestBackend();
  const { tuning } = backend;
  const choosable = tuning.choosable.bind(tuning);
  vi.spyOn(tuning, "choosable").mockImplementation((d) => (OPEN.includes(named(d)) ? choosable(d) : null));
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
  let turns = 0;
  for (let steps = 40; trainer.step < 70; steps = 1) {
    await trainer.advance(steps);
    if (!timer) continue;
    // Kernels are being compiled: they come when they come, and steps are few.
    const { tiles } = backend;
    do await tiles.turn(() => turns++, timer).then(() => new Promise((turn) => setTimeout(turn, 5)));
    while (tiles.compiling);
  }
  const held = backend.bytes;
  const counts = countDevice(backend.device);
  await trainer.advance(10);
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
  const exchanged = (name: string) => (OPEN.includes(name) ? name.replace(":", "-spread:") : name);
  expect(timed.shaders).toEqual(plain.shaders.map(exchanged));
  expect(timed.losses).toEqual(plain.losses);
  expect(timed.weights).toEqual(plain.weights);
  expect(timed.steady).toEqual(plain.steady);
  expect(timed.steady.made).toBe(0);
  // What was timed on is given back; the sizes of the two kernels lie in a block of their own each.
  expect(timed.held - plain.held).toBeLessThanOrEqual(2 * 256);
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
  expect(eventsOf(again.events, "run/started")[0]!.tiling).toMatchObject({ timed: 2, exchanged: 2 });
});

it("end with the device, without a word", async () => {
  const own = await createWebGpuBackend({ gpu: (await openTestGpu())!, shaders: readShaders() });
  own.choose("", "test");
  const { program } = sampleProgram(embeddingGrad, embeddingGrad.samples[0]!);
  const run = await own.compile(program);
  const named = program.buffers.filter(({ name }) => name !== "");
  for (const { name, bytes } of named) run.bind(name, own.arena(name, bytes / 4));
  let slices = 0;
  const dying: Timer = async (trial, id, times) => {
    if (++slices === 3) own.device.destroy();
    return trial.slice(id, Math.min(times, 2), () => 0).then(() => times * 1e-4);
  };
  for (let i = 0; i < 2000 && (i < 40 || own.tiles.busy); i++) {
    if (slices < 3) run.run(control({}));
    own.submit();
    await own.tiles.turn(() => i, dying);
    await new Promise((turn) => setTimeout(turn, own.tiles.compiling ? 5 : 0));
  }
  expect(slices).toBe(3);
  expect(own.tiles.busy).toBe(false);
  expect(own.tuning.choices!.all.size).toBe(0);
  own.dispose();
});
