/**
 * What was added comes to matter (issue's proof for block growth; grow-prune §4.2): at the event the function is the same
 * to rounding, a hundred steps later the network is worse without the new part. On the device, over windows of 64.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { WebGpuBackend } from "../gpu/device.ts";
import { openTestBackend } from "../testing/node-gpu.ts";
import { drive, eventsOf, tinyConfig, tinyGpt } from "../testing/runs.ts";
import { preservingLimit, probe } from "./probe.ts";

let backend: WebGpuBackend;

beforeAll(async () => {
  backend = await openTestBackend();
});

afterAll(() => {
  expect(backend.errors()).toEqual([]);
});

const lstm = (layers: number) => ({ model: { id: "lstm", blocks: [8], embed: 6, layers, maxCells: 24 } });
/** Columns from the ninth on, in a matrix of 16: the readout of the new cells. */
const newColumns = (i: number) => i % 16 >= 8;
const readout = (path: string) => (path === "head.weight" ? newColumns : null);
/** The two projections by which the new layer speaks. */
const arms = (path: string) => (/^blocks\.1\.(attn\.out|mlp\.proj)\./.test(path) ? () => true : null);

/** What the third head says to the trunk. */
const fresh = (path: string) => (path.endsWith("attn.out.weight") ? (i: number) => i % 12 >= 8 : null);

/** What compiles for seconds; of a GPT, a growth of its width stays. */
const slow = (name: string): boolean => name.endsWith("in two layers") || name === "identity layers";
const long = process.env.ESPALIER_LONG !== undefined;
const CASES = [
  ["Cascade", lstm(1), { id: "cascade", cells: 8 }, readout],
  ["Cascade in two layers", lstm(2), { id: "cascade", cells: 8, noise: 1 }, readout],
  ["Fully Connected", lstm(1), { id: "fully-connected", cells: 8 }, readout],
  ["Fully Connected in two layers", lstm(2), { id: "fully-connected", cells: 8 }, readout],
  ["identity layers", tinyGpt, { id: "identity", count: 1 }, arms],
  ["FPI, exact", tinyGpt, { id: "fpi", width: 12 }, fresh],
] as const;

it.each(CASES.filter(([name]) => long || !slow(name)))("%s", async (_name, change, action, removed) => {
  const config = tinyConfig({
    ...change,
    context: 64,
    budget: { unit: "steps", amount: 150 },
    eval: { every: 1000, batches: 1 },
    recipe: [{ trigger: { id: "step", step: 50 }, action }],
  });
  const { trainer, events } = await drive(config, backend);
  while (trainer.phase === "ready") await trainer.advance(1000);
  const [done] = eventsOf(events, "structure/done");
  expect(done!.maxLogit).toBeGreaterThan(0.1);
  expect(done!.maxLogitDelta).toBeLessThanOrEqual(preservingLimit(done!.maxLogit));

  const { network } = trainer.core;
  const whole = await probe(backend, network);
  const { params } = network.arrays;
  const values = new Float32Array(await params.read());
  let zeroed = 0;
  for (const [path, { offset, count }] of network.layout.entries) {
    const gone = removed(path);
    for (let i = 0; gone !== null && i < count; i++) {
      if (!gone(i)) continue;
      values[offset + i] = 0;
      zeroed++;
    }
  }
  expect(zeroed).toBeGreaterThan(0);
  params.write(0, values);
  const without = await probe(backend, network);
  // Far over rounding (1e-6 of a loss); measured 0.35 to 0.8 nats.
  expect(without.loss - whole.loss).toBeGreaterThan(0.01);
  trainer.dispose();
});
