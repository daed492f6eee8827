/** The time of a training step, on a device: every segment has its part, and the run is where it was, to the bit. */
import { expect, it } from "vitest";
import { openTestBackend } from "../testing/node-gpu.ts";
import { drive, tinyConfig } from "../testing/runs.ts";
import { stepTimes } from "./step-times.ts";

it("is told by segment, and none is taken", async () => {
  const gpu = await openTestBackend();
  const { trainer } = await drive(tinyConfig(), gpu);
  await trainer.advance(2);
  await trainer.settled();
  const { arrays } = trainer.core.network;
  const state = async () =>
    Promise.all([arrays.params, ...arrays.slots].map(async (arena) => new Uint32Array(await arena.read())));
  const before = await state();
  const held = gpu.bytes;
  const { segments, wall } = await stepTimes(trainer.core, "r");
  expect(await state()).toEqual(before);
  expect(trainer.step).toBe(2);
  // The copies are gone; a page for the timestamps may stay.
  expect(gpu.bytes - held).toBeLessThanOrEqual(128 * 1024);
  if (gpu.features.has("timestamp-query")) {
    const names = segments.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["embed", "layers.0", "head", "layers.0.grad", ""]));
    expect(new Set(names).size).toBe(names.length);
    expect(Math.min(...segments.map(({ seconds }) => seconds))).toBeGreaterThanOrEqual(0);
  } else expect(segments).toEqual([]);
  expect(wall).toBeGreaterThanOrEqual(0);
  expect(gpu.errors()).toEqual([]);
  trainer.dispose();
});
