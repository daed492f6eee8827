/** Pruning on a device: hand-made networks, and whole runs against the interpreter. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WebGpuBackend } from "../../gpu/device.ts";
import { compactCases } from "../../testing/compact-cases.ts";
import { openTestBackend } from "../../testing/node-gpu.ts";
import { drive, eventsOf, interpreter, tinyConfig, tinyGpt } from "../../testing/runs.ts";

let backend: WebGpuBackend;
beforeAll(async () => {
  backend = await openTestBackend();
});
afterAll(() => {
  expect(backend.errors()).toEqual([]);
});

describe("compaction of hand-made networks", () => compactCases(() => backend));

it.each([
  { name: "lstm", change: {} },
  // Another half minute of compiling on a processor, and the same kernels.
  ...(process.env.ESPALIER_LONG ? [{ name: "gpt", change: tinyGpt }] : []),
])("a $name is pruned as on the interpreter, and learns on", { timeout: 240_000 }, async ({ change }) => {
  const modes = [
    { mode: "std", q: 0.4 },
    { mode: "global", share: 0.2 },
  ];
  const actions = modes.map((mode, k) => ({
    trigger: { id: "step", step: 5 + 3 * k },
    action: { id: "magnitude", grace: 0, ...mode },
  }));
  const budget = { unit: "steps", amount: 10 };
  const ages = async (device: typeof backend | ReturnType<typeof interpreter>) => {
    const run = await drive(tinyConfig({ ...change, budget, recipe: actions }), device);
    // Up to the first event: later the two have rounded differently, and equals may come apart.
    await run.trainer.advance(5);
    await run.trainer.advance(0);
    const first = [...new Uint32Array(await run.trainer.core.network.arrays.age!.read())];
    await run.trainer.advance(10);
    await run.trainer.settled();
    const done = eventsOf(run.events, "structure/done");
    const losses = eventsOf(run.events, "step").map(({ loss }) => loss);
    const { params, age } = run.trainer.core.network.arrays;
    const left = new Float32Array(await params.read());
    const last = new Uint32Array(await age!.read());
    run.trainer.dispose();
    return { first, done, losses, dead: left.filter((_, i) => last[i] === 0) };
  };
  const [found, wanted] = [await ages(backend), await ages(interpreter())];
  expect(found.first).toEqual(wanted.first);
  expect(found.done.map(({ extra }) => extra.dropped)).toEqual(wanted.done.map(({ extra }) => extra.dropped));
  expect(found.done).toHaveLength(2);
  expect(found.losses.every(Number.isFinite)).toBe(true);
  expect(found.dead.every((v) => Object.is(v, 0))).toBe(true);
});
