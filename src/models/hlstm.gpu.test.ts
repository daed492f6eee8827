/** The registered H-LSTM on a device: the golden cells of grow-prune §6, and that plain gates are the LSTM, to the bit. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { WebGpuBackend } from "../gpu/device.ts";
import { goldenNumbers, runModel } from "../testing/h-lstm-golden.ts";
import { openTestBackend } from "../testing/node-gpu.ts";
import { drive, eventsOf, tinyConfig } from "../testing/runs.ts";
import { act, stateOf, trained } from "../testing/structures.ts";

let gpu: WebGpuBackend;
beforeAll(async () => {
  gpu = await openTestBackend();
});
afterAll(async () => {
  await gpu.idle();
  expect(gpu.errors()).toEqual([]);
});

it("gives G10 and G11", async () => {
  for (const [what, found, printed] of await goldenNumbers(gpu, runModel)) {
    found.forEach((v, i) => {
      expect(Math.abs(v - printed[i]!), `${what} [${i}]: ${v}`).toBeLessThanOrEqual(1e-5);
    });
  }
});

const lossesOf = async (model: object): Promise<readonly number[]> => {
  const { events, trainer } = await drive(tinyConfig({ model, budget: { amount: 16 } }), gpu);
  while (trainer.phase === "ready") await trainer.advance(4);
  trainer.dispose();
  return eventsOf(events, "step").flatMap(({ loss, gradNorm }) => [loss, gradNorm]);
};

it("with plain gates has the losses of the LSTM, to the bit", async () => {
  const cell = { blocks: [8], embed: 5, maxCells: 24 };
  const ours = await lossesOf({ id: "hlstm", ...cell, gateLayers: 0 });
  expect(ours).toHaveLength(32);
  expect(ours).toEqual(await lossesOf({ id: "lstm", ...cell, connectivity: "fully-connected" }));
});

it.each([1, 3])("learns with %i hidden layers a gate and dropout in them", async (gateLayers) => {
  const model = { id: "hlstm", blocks: [8], embed: 5, gateLayers, gateWidth: 9, dropout: 0.1 };
  const losses = (await lossesOf(model)).filter((_, i) => i % 2 === 0);
  expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.1);
});

it("gains gate layers without another function, swaps, and learns on", async () => {
  const run = await trained({ id: "hlstm", blocks: [8], embed: 5, gateLayers: 0 }, 8, gpu);
  for (const gateLayers of [1, 2]) {
    const event = await act(run, { id: "insert-gate-layer" }, 8);
    // The trainer takes back what moves a logit by more than 1e-5.
    expect(event).toMatchObject({ type: "structure/done", arch: { gateLayers } });
  }
  expect(await act(run, { id: "swap-activation" }, 8)).toMatchObject({ arch: { slope: 0 } });
  const losses = eventsOf(run.events, "step").map(({ loss }) => loss);
  expect(losses.at(-1)!).toBeLessThan(losses[7]!);
  const { params, ages } = await stateOf(run);
  for (const [path, values] of params) {
    expect(values.some((value, i) => ages!.get(path)![i] === 0 && value !== 0)).toBe(false);
  }
  run.trainer.dispose();
});
