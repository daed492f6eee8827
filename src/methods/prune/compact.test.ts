/** Compaction on the interpreter: hand-made networks, and LSTM cells in whole runs. */
import { describe, expect, it } from "vitest";
import { arenaLayout } from "../../engine/layout.ts";
import { compactCases } from "../../testing/compact-cases.ts";
import {
  type Driven,
  drive,
  eventsOf,
  interpreter,
  tinyConfig,
  tinyImageConfig,
} from "../../testing/runs.ts";
import { type RunState, stateOf } from "../../testing/structures.ts";

describe("hand-made", () => compactCases(() => interpreter()));

/** Cells that nobody reads from now on, as pruning might leave them: column u of every matrix that reads cells. */
async function cutOff({ trainer }: Driven, cells: readonly number[]): Promise<void> {
  const { arrays, specs } = trainer.core.network;
  const ages = new Uint32Array(await arrays.age!.read());
  const { entries } = arenaLayout(specs);
  for (const { path, axes, shape, decay } of specs) {
    if (!decay || axes.at(-1) !== "cells") continue;
    const { offset, count } = entries.get(path)!;
    for (let i = 0; i < count; i++) if (cells.includes(i % shape.at(-1)!)) ages[offset + i] = 0;
  }
  arrays.age!.write(0, ages);
}

describe("of LSTM cells", () => {
  async function run(blocks: readonly number[], layers: number, cells: readonly number[]) {
    const model = { id: "lstm", blocks, layers, embed: 5, maxCells: 24 };
    const driven = await drive(tinyConfig({ model }), interpreter());
    await driven.trainer.advance(6);
    driven.trainer.act({ id: "magnitude", share: 0.1, grace: 0 });
    await driven.trainer.advance(0);
    await cutOff(driven, cells);
    // One step writes the zeros that the masks ask for.
    await driven.trainer.advance(1);
    const before = await stateOf(driven);
    driven.trainer.act({ id: "compact" });
    await driven.trainer.advance(0);
    return { ...driven, before };
  }

  it.each([
    { blocks: [7], layers: 1, cells: [1, 5], left: [5] },
    { blocks: [6, 5], layers: 2, cells: [0, 8], left: [5, 4] },
  ])("$blocks × $layers: cells $cells go, the function stays", async ({ blocks, layers, cells, left }) => {
    const driven = await run(blocks, layers, cells);
    const { network } = driven.trainer.core;
    const done = eventsOf(driven.events, "structure/done").at(-1)!;
    expect(eventsOf(driven.events, "structure/refused")).toEqual([]);
    expect(done).toMatchObject({ kind: "compact", extra: { units: cells.length, folded: 0 } });
    expect(network.arch.blocks).toEqual(left);
    expect(done.maxLogitDelta).toBeLessThanOrEqual(1e-5 * Math.max(1, done.maxLogit));
    expect(done.paramsAfter).toBeLessThan(done.paramsBefore);
    // What is left of the readout's columns is what it was: weights, moments and ages.
    const now = await stateOf(driven);
    const old = blocks.reduce((n, size) => n + size, 0);
    const survivors = <T extends ArrayLike<number>>(all: T) =>
      Array.from(all).filter((_, i) => !cells.includes(i % old));
    const arraysOf = ({ params, slots, ages }: RunState) =>
      [params, ...slots, ages!].map((array) => array.get("head.weight")!);
    arraysOf(now).forEach((array, k) => {
      expect([...array], `array ${k}`).toEqual(survivors(arraysOf(driven.before)[k]!));
    });
    driven.trainer.act({ id: "compact" });
    await driven.trainer.advance(5);
    expect(eventsOf(driven.events, "structure/refused").at(-1)!.message).toContain("no unit is cut off");
    expect(eventsOf(driven.events, "step").every(({ loss }) => Number.isFinite(loss))).toBe(true);
  });

  it("a block keeps its least cells", async () => {
    const driven = await run([6], 1, [0, 1, 2, 3, 4]);
    expect(driven.trainer.core.network.arch.blocks).toEqual([4]);
  });

  it.each([{ activation: "relu" }, { activation: "tanh" }])(
    "hidden units of an MLP, $activation",
    async (change) => {
      const model = { id: "mlp", widths: [8, 6], ...change };
      const driven = await drive(tinyImageConfig({ model }), interpreter());
      await driven.trainer.advance(20);
      driven.trainer.act({ id: "magnitude", mode: "fraction", share: 0.85, grace: 0 });
      await driven.trainer.advance(0);
      const { arrays, layout } = driven.trainer.core.network;
      const ages = new Uint32Array(await arrays.age!.read());
      const first = layout.entries.get("fc1.weight")!;
      const second = layout.entries.get("fc2.weight")!;
      const inputs = first.count / 8;
      // Unit 2 reads nothing; nobody reads unit 5.
      ages.fill(0, first.offset + 2 * inputs, first.offset + 3 * inputs);
      for (let row = 0; row < 6; row++) ages[second.offset + row * 8 + 5] = 0;
      arrays.age!.write(0, ages);
      await driven.trainer.advance(1);
      driven.trainer.act({ id: "compact" });
      await driven.trainer.advance(2);
      expect(eventsOf(driven.events, "structure/refused")).toEqual([]);
      const done = eventsOf(driven.events, "structure/done").at(-1)!;
      expect(done.kind).toBe("compact");
      expect(done.extra.units).toBeGreaterThanOrEqual(2);
      expect(done.maxLogitDelta).toBeLessThanOrEqual(1e-5 * Math.max(1, done.maxLogit));
      const widths = driven.trainer.core.network.arch.widths as readonly number[];
      expect(widths[0]).toBeLessThanOrEqual(6);
      expect(done.paramsAfter).toBeLessThan(done.paramsBefore);
    },
  );

  it("a dense network, and a model whose units cannot go", async () => {
    const driven = await drive(tinyConfig(), interpreter());
    await driven.trainer.advance(2);
    driven.trainer.act({ id: "compact" });
    await driven.trainer.advance(0);
    expect(eventsOf(driven.events, "structure/refused").at(-1)!.message).toBe(
      "Not compacted: no unit is cut off; prune first.",
    );
  });
});
