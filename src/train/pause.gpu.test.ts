/**
 * What an event costs while training waits for it, in counts: after looking ahead no pipeline is compiled, no program of
 * the next size is traced, and no array is read back whole. Times are noise on a shared machine and are not looked at here.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createWebGpuBackend, type WebGpuBackend } from "../gpu/device.ts";
import type { RunConfig } from "../run/config.ts";
import { openTestGpu, readShaders } from "../testing/node-gpu.ts";
import { drive, eventsOf, losses, tinyConfig, tinyGpt } from "../testing/runs.ts";

let backend: WebGpuBackend;
let pipelines = 0;

async function open(): Promise<WebGpuBackend> {
  const gpu = await openTestGpu();
  if (gpu === null) throw new Error("no adapter, not even a software one");
  const made = await createWebGpuBackend({ gpu, shaders: readShaders() });
  const { device } = made;
  const compile = device.createComputePipelineAsync.bind(device);
  Object.defineProperty(device, "createComputePipelineAsync", {
    value: (descriptor: GPUComputePipelineDescriptor) => {
      pipelines++;
      return compile(descriptor);
    },
  });
  return made;
}

beforeAll(async () => {
  backend = await open();
});

afterAll(() => {
  expect(backend.errors()).toEqual([]);
  backend.dispose();
});

const at = (step: number, action: object) => ({ trigger: { id: "step", step }, action });
const config = (change: object): RunConfig =>
  tinyConfig({ budget: { unit: "steps", amount: 20 }, eval: { every: 1000, batches: 1 }, ...change });

/** `first`: pipelines that the first event of its kind may compile, by programs that its method alone knows. */
it.each([
  ["Cascade", { recipe: [at(8, { id: "cascade", cells: 4 })] }, 0],
  [
    "Fully Connected in two layers",
    {
      model: { id: "lstm", blocks: [6], embed: 5, layers: 2, maxCells: 24 },
      recipe: [at(8, { id: "fully-connected", cells: 5 })],
    },
    0,
  ],
  ["stacking", { ...tinyGpt, recipe: [at(8, { id: "stack" })] }, 0],
  ["identity layers", { ...tinyGpt, recipe: [at(8, { id: "identity", slots: "carry" })] }, 0],
  ["freezing, with its own count", { recipe: [at(8, { id: "freeze", target: "head.weight" })] }, 2],
])("%s", async (_name, change, first) => {
  const plain = config(change);
  const { trainer, events } = await drive(plain, backend);
  await trainer.advance(4);
  await trainer.settled();
  await trainer.core.ahead.done;
  pipelines = 0;
  const { arrays } = trainer.core.network;
  for (const arena of [arrays.params, ...arrays.slots]) {
    const refused = () => Promise.reject<never>(new Error("an array was read back whole"));
    Object.assign(arena, { read: refused, readBy: refused });
  }
  await trainer.advance(6);
  await trainer.settled();
  expect(eventsOf(events, "structure/refused")).toEqual([]);
  expect(eventsOf(events, "structure/done")).toHaveLength(1);
  expect(pipelines).toBeLessThanOrEqual(first);
  while (trainer.phase === "ready") await trainer.advance(100);
  // Looking ahead changes nothing: a run whose events are asked for by hand, unforeseen, is the same to the bit.
  const hand = await drive({ ...plain, recipe: [] }, backend);
  await hand.trainer.advance(8);
  hand.trainer.act(plain.recipe[0]!.action);
  while (hand.trainer.phase === "ready") await hand.trainer.advance(100);
  expect(losses(hand.events)).toEqual(losses(events));
  trainer.dispose();
  hand.trainer.dispose();
});
