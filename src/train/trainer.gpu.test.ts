/**
 * The loop on a device: what the interpreter showed must hold where results come back when they like and many steps share
 * a submit. Everything here is equality to the bit: the same device, the same commands.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../engine/types.ts";
import type { WebGpuBackend } from "../gpu/device.ts";
import { openTestBackend } from "../testing/node-gpu.ts";
import {
  type Driven,
  drive,
  eventsOf,
  interpreter,
  losses,
  timeless,
  tinyConfig,
  tinyGpt,
} from "../testing/runs.ts";
import { Looker, write } from "./look.ts";
import { exported } from "./record.ts";

let backend: WebGpuBackend;

beforeAll(async () => {
  backend = await openTestBackend();
});

afterAll(() => {
  expect(backend.errors()).toEqual([]);
});

async function finish(driven: Driven): Promise<void> {
  while (driven.trainer.phase === "ready") await driven.trainer.advance(1000);
}

const grow = { id: "cascade", cells: 4, noise: 0.1 };
const plateau = {
  trigger: { id: "plateau", beta: 0.5, window: 10, every: 5, cooldown: 5, patience: 1, threshold: 0.1 },
  action: grow,
};
const kinds = [
  ["LSTM", { recipe: [plateau] }],
  [
    "GPT",
    { ...tinyGpt, recipe: [{ trigger: { id: "step", step: 12 }, action: { id: "identity", count: 1 } }] },
  ],
] as const;

/** Sizes at which kernels cut long sums into chunks and leave ragged edges: the shapes of the small presets. */
const large = [
  ["LSTM", { model: { id: "lstm", blocks: [20, 12], embed: 30, maxCells: 64 } }],
  ["GPT", { model: { id: "gpt", layers: 2, width: 32, heads: 2 } }],
] as const;

describe.each(large)("one whole step of a larger %s", (_name, change) => {
  it("has the gradients of the float64 reference", async () => {
    const config = tinyConfig({ ...change, batch: 16, context: 32 });
    const gradients = async (on: Backend) => {
      const { trainer } = await drive(config, on);
      await trainer.advance(1);
      const { grads, layout } = trainer.core.network;
      return { layout, values: new Float32Array(await grads.read()) };
    };
    const ours = await gradients(backend);
    const theirs = await gradients(interpreter());
    for (const [path, { offset, count }] of ours.layout.entries) {
      let largest = 0;
      let worst = 0;
      for (let i = offset; i < offset + count; i++) {
        largest = Math.max(largest, Math.abs(theirs.values[i]!));
        worst = Math.max(worst, Math.abs(ours.values[i]! - theirs.values[i]!));
      }
      // f32 sums of 512 positions through a dozen layers: a few hundred roundings of 6e-8, most of which cancel.
      expect(worst, path).toBeLessThan(1e-5 * largest + 1e-9);
    }
  });
});

describe.each(kinds)("%s on a device", (name, change) => {
  const config = tinyConfig({ ...change, budget: { unit: "steps", amount: 50 } });

  it("has the losses of the float64 reference", async () => {
    const device = await drive(config, backend);
    await finish(device);
    const reference = await drive(config, interpreter());
    await finish(reference);
    const [ours, theirs] = [losses(device.events), losses(reference.events)];
    // Before the first growth: rounding of f32 over a dozen Adam steps of a tiny net. Later the two may drift apart.
    for (let step = 1; step <= 12; step++) {
      expect(Math.abs(ours.get(step)! - theirs.get(step)!), `step ${step}`).toBeLessThan(2e-4);
    }
    for (const done of eventsOf(device.events, "structure/done")) {
      expect(done.maxLogitDelta).toBeLessThanOrEqual(1e-5 * Math.max(1, done.maxLogit));
    }
    expect(eventsOf(device.events, "structure/done").length).toBeGreaterThan(0);
  });

  it("says the same twice, however the steps are cut up", async () => {
    const once = await drive(config, backend);
    await finish(once);
    const again = await drive(config, backend);
    for (let some = 1; again.trainer.phase === "ready"; some = (some * 3) % 7 || 1) {
      await again.trainer.advance(some);
    }
    expect(again.events.map(timeless)).toEqual(once.events.map(timeless));
  });

  it("goes on bit for bit after a save: 25 + 25 = 50", async () => {
    const straight = await drive(config, backend);
    await finish(straight);
    const first = await drive(config, backend);
    await first.trainer.advance(25);
    const second = await drive(config, backend, await first.trainer.snapshot());
    await finish(second);
    expect(new Map([...losses(first.events), ...losses(second.events)])).toEqual(losses(straight.events));
  });

  it("undoes what was done by hand without a trace, and replays what was not", async () => {
    const bare = tinyConfig({ ...change, recipe: [], budget: { unit: "steps", amount: 40 } });
    const plain = await drive(bare, backend);
    await finish(plain);
    const driven = await drive(bare, backend);
    const { trainer, events } = driven;
    await trainer.advance(20);
    trainer.act(change.recipe[0]!.action);
    await trainer.advance(5);
    const [done] = eventsOf(events, "structure/done");
    await trainer.goto(done!.parent);
    await trainer.advance(20);
    await trainer.settled();
    expect(losses(events)).toEqual(losses(plain.events));
    await trainer.goto(done!.node);
    trainer.edit("optim.lr", 0.004);
    await finish(driven);
    const replay = await drive(tinyConfig({ ...bare, recipe: trainer.recipe }), backend);
    await finish(replay);
    expect(losses(replay.events)).toEqual(losses(events));
  });

  // Of the GPT it compiles for six seconds more.
  it.skipIf(name === "GPT" && !process.env.ESPALIER_LONG)(
    "can be looked at and writes, and neither changes what is learned",
    async () => {
      const plain = await drive(config, backend);
      await finish(plain);
      const looked = await drive(config, backend);
      const { trainer } = looked;
      const looker = new Looker();
      for (let i = 0; i < 5; i++) {
        await trainer.advance(10);
        const view = await looker.look(trainer.core, "test", { text: "the whale", picture: 0 }, null);
        expect(view.next[0]!.probability).toBeGreaterThan(0);
        const parts = Object.values(view.tiles);
        expect(parts.length).toBeGreaterThan(3);
        expect(parts.every(({ data }) => data.every(Number.isFinite))).toBe(true);
        const text = await write(trainer.core, "the wh", 0.5, 20);
        expect(text).toHaveLength(20);
        expect(await write(trainer.core, "the wh", 0.5, 20)).toBe(text);
      }
      await finish(looked);
      expect(losses(looked.events)).toEqual(losses(plain.events));
      const { network } = trainer.core;
      const named = exported(network.specs, new Float32Array(network.layout.length));
      expect(new Set(named.map(({ name }) => name)).size).toBe(named.length);
    },
  );
});
