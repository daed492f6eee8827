/** Magnitude pruning in whole runs on the interpreter: counts, survivors, refusals, and what training does afterwards. */
import { describe, expect, it } from "vitest";
import { arenaLayout } from "../../engine/layout.ts";
import type { Backend } from "../../engine/types.ts";
import type { Driven } from "../../testing/runs.ts";
import { drive, eventsOf, interpreter, tinyConfig, tinyGpt } from "../../testing/runs.ts";
import { isConnection } from "../target.ts";
import { drop, sparserDropout, take } from "./amounts.ts";

const backend = (): Backend => interpreter();

interface State {
  readonly params: Float32Array;
  readonly slots: readonly Float32Array[];
  readonly age: Uint32Array | null;
}

async function stateOf({ trainer }: Driven): Promise<State> {
  await trainer.settled();
  const { arrays } = trainer.core.network;
  const params = new Float32Array(await arrays.params.read());
  const slots: Float32Array[] = [];
  for (const slot of arrays.slots) slots.push(new Float32Array(await slot.read()));
  return { params, slots, age: arrays.age && new Uint32Array(await arrays.age.read()) };
}

const matricesOf = ({ trainer }: Driven) => {
  const { entries } = arenaLayout(trainer.core.network.specs);
  return trainer.core.network.specs.filter(isConnection).map(({ path }) => ({ path, ...entries.get(path)! }));
};

/** A run of `steps` steps, then this pruning at the boundary. */
async function pruned(action: Record<string, unknown>, change: Record<string, unknown> = {}, steps = 6) {
  const run = await drive(tinyConfig(change), backend());
  await run.trainer.advance(steps);
  const before = await stateOf(run);
  run.trainer.act({ id: "magnitude", ...action } as never);
  await run.trainer.advance(0);
  return { run, before, after: await stateOf(run), done: eventsOf(run.events, "structure/done").at(-1) };
}

const refusal = async (action: Record<string, unknown>, steps = 6): Promise<string> => {
  const { run, done } = await pruned(action, {}, steps);
  expect(done).toBeUndefined();
  expect(run.trainer.core.network.arrays.age).toBeNull();
  return eventsOf(run.events, "structure/refused").at(-1)!.message;
};

const absolute = (values: Float32Array): number[] => Array.from(values, Math.abs);

/** Indices of a matrix in ranking order. */
const ranked = (weights: Float32Array): number[] =>
  absolute(weights)
    .map((size, i) => ({ size, i }))
    .sort((a, b) => a.size - b.size || a.i - b.i)
    .map(({ i }) => i);

describe("amounts", () => {
  it("round as §0 says", () => {
    expect([drop(0.3, 7), drop(0.1, 10), drop(0.3, 10), drop(0.001, 10), drop(0, 10)]).toEqual([
      2, 1, 3, 1, 0,
    ]);
    expect([take(0.3, 7), take(0.1, 10), take(0.75, 4), take(0.001, 10), take(1, 10)]).toEqual([
      3, 1, 3, 1, 10,
    ]);
    expect([drop(0.5, 0), take(0.5, 0)]).toEqual([0, 0]);
    // .29 · 100 is a little under 29 in binary, .07 · 100 a little over 7.
    expect([drop(0.29, 100), take(0.07, 100)]).toEqual([29, 7]);
  });

  it("G2: the dropout of a sparser network", () => {
    expect(sparserDropout(0.5, 8, 5)).toBeCloseTo(0.39528471, 8);
    expect(sparserDropout(0.5, 100, 8)).toBeCloseTo(0.14142136, 8);
  });
});

describe.each([
  { name: "lstm", change: {} },
  { name: "gpt", change: tinyGpt },
])("of a $name", ({ change }) => {
  it("fraction: the smallest of each matrix, to the entry; survivors keep every bit", async () => {
    const { run, before, after, done } = await pruned({ mode: "fraction", share: 0.3, grace: 0 }, change);
    const dead = new Set<number>();
    for (const { offset, count } of matricesOf(run)) {
      const order = ranked(before.params.subarray(offset, offset + count));
      for (const i of order.slice(0, drop(0.3, count))) dead.add(offset + i);
    }
    after.age!.forEach((age, i) => {
      if (before.params[i] !== 0 || dead.has(i)) expect(age === 0, `entry ${i}`).toBe(dead.has(i));
    });
    for (const [k, now] of [after.params, ...after.slots].entries()) {
      const was = [before.params, ...before.slots][k]!;
      expect(now.every((v, i) => Object.is(v, dead.has(i) ? 0 : was[i]))).toBe(true);
    }
    expect(done).toMatchObject({ kind: "prune", method: "magnitude", extra: { dropped: dead.size } });
    expect(done!.activeBefore - done!.activeAfter).toBe(dead.size);
    expect(done!.paramsAfter).toBe(done!.paramsBefore);
    expect(run.trainer.core.network.flops.active).toBeLessThan(run.trainer.core.network.flops.executed);
  });

  it("std: what stays is what is at least q·σ", async () => {
    const { run, before, after } = await pruned({ mode: "std", q: 0.6, grace: 0 }, change);
    let dropped = 0;
    for (const { offset, count } of matricesOf(run)) {
      const weights = before.params.subarray(offset, offset + count);
      const mean = weights.reduce((s, v) => s + v, 0) / count;
      const sigma = Math.sqrt(weights.reduce((s, v) => s + (v - mean) ** 2, 0) / count);
      weights.forEach((w, i) => {
        // Rounding of σ to f32 decides nothing: no weight lies that near.
        expect(Math.abs(Math.abs(w) / (0.6 * sigma) - 1)).toBeGreaterThan(1e-6);
        expect(after.age![offset + i]! > 0).toBe(Math.abs(w) >= 0.6 * sigma);
        if (after.age![offset + i] === 0) dropped++;
      });
    }
    expect(dropped).toBeGreaterThan(0);
  });

  it("global and count: one ranking over all matrices", async () => {
    const { run, before, after, done } = await pruned({ mode: "global", share: 0.4, grace: 0 }, change);
    const all = matricesOf(run).flatMap(({ offset, count }) =>
      Array.from({ length: count }, (_, i) => offset + i),
    );
    const order = [...all].sort((a, b) => Math.abs(before.params[a]!) - Math.abs(before.params[b]!) || a - b);
    const wanted = drop(0.4, all.length);
    expect(all.filter((i) => after.age![i] === 0)).toEqual(order.slice(0, wanted).sort((a, b) => a - b));
    expect(done!.extra.dropped).toBe(wanted);
    const counted = await pruned({ mode: "count", count: wanted, grace: 0 }, change);
    expect(counted.after.age).toEqual(after.age);
  });
});

it("a part alone: one gate of one matrix, or a tier of the drawing", async () => {
  const { run, before, after } = await pruned({
    mode: "count",
    count: 20,
    target: "layers.0.h.weight",
    grace: 0,
  });
  const { offset, count } = matricesOf(run).find(({ path }) => path === "layers.0.h.weight")!;
  const order = ranked(before.params.subarray(offset, offset + count)).slice(0, 20);
  const gone = [...after.age!.keys()].filter((i) => after.age![i] === 0 && before.params[i] !== 0);
  expect(gone).toEqual(order.map((i) => offset + i).sort((a, b) => a - b));
  const tier = await pruned({ mode: "fraction", share: 0.5, target: "layers.0.block.0", grace: 0 });
  expect(Object.keys(tier.done!.counts)).toEqual(["layers.0.x.weight", "layers.0.h.weight", "head.weight"]);
});

it("dormant weights and moments stay literally 0 through decay, momentum and clipping; the mask never grows", async () => {
  for (const optim of [
    { id: "adamw", lr: 1e-2, clip: 0.5, weightDecay: 0.1 },
    { id: "sgd", lr: 1e-2, clip: 1, weightDecay: 0.1, momentum: 0.9 },
    { id: "lion", lr: 1e-3, clip: 1, weightDecay: 0.1 },
  ]) {
    const { run, after } = await pruned({ mode: "fraction", share: 0.5, grace: 0 }, { optim });
    await run.trainer.advance(10);
    const later = await stateOf(run);
    after.age!.forEach((age, i) => {
      if (age !== 0) return;
      expect(later.age![i]).toBe(0);
      for (const values of [later.params, ...later.slots]) expect(Object.is(values[i], 0)).toBe(true);
    });
    expect(eventsOf(run.events, "step").every(({ loss }) => Number.isFinite(loss))).toBe(true);
  }
});

it("dropout shrinks with the root of the connections left", async () => {
  const model = { id: "lstm", blocks: [6], embed: 5, maxCells: 24, dropout: 0.4 };
  const { run, done } = await pruned({ mode: "fraction", share: 0.5, grace: 0 }, { model });
  const all = matricesOf(run).reduce((n, { count }) => n + count, 0);
  const expected = 0.4 * Math.sqrt(1 - done!.extra.dropped! / all);
  expect(run.trainer.core.live["model.dropout"]).toBeCloseTo(expected, 12);
  const kept = await pruned({ mode: "fraction", share: 0.5, grace: 0, rescale: false }, { model });
  expect(kept.run.trainer.core.live["model.dropout"]).toBe(0.4);
});

it("a share of one weight is none: every matrix keeps its last", async () => {
  const most = { mode: "fraction", share: 0.999, grace: 0 };
  const { run, done } = await pruned(most);
  expect(done).toBeDefined();
  run.trainer.act({ id: "magnitude", ...most } as never);
  await run.trainer.advance(0);
  const { counts } = run.trainer.core.network;
  for (const { path } of matricesOf(run)) expect(counts.get(path), path).toBeGreaterThan(0);
});

describe("refusals say what to do", () => {
  it("shares and thresholds that cannot be", async () => {
    const run = await drive(tinyConfig(), backend());
    expect(() => run.trainer.act({ id: "magnitude", share: 1 })).toThrow(
      "share is 1, allowed are 0 to 0.9999",
    );
    expect(() => run.trainer.act({ id: "magnitude", share: -0.1 })).toThrow("share is -0.1");
    expect(() => run.trainer.act({ id: "magnitude", mode: "std", q: Number.NaN })).toThrow("q");
  });

  it("what would disconnect a layer", async () => {
    expect(await refusal({ mode: "std", q: 9, target: "head.weight", grace: 0 })).toBe(
      "Not pruned: it would disconnect head.weight (100 % of its weights); choose less.",
    );
    expect(await refusal({ mode: "count", count: 100_000, grace: 0 })).toContain("would disconnect");
  });

  it("what is too young, with the steps that are missing", async () => {
    expect(await refusal({ share: 0.2, grace: 50 }, 13)).toBe(
      "Not pruned: nothing is old enough to prune; train 37 more steps.",
    );
    expect(await refusal({ share: 0.2, grace: 7 }, 6)).toContain("train 1 more step.");
  });

  it("nothing to do, and no such part", async () => {
    expect(await refusal({ mode: "std", q: 0, grace: 0 })).toBe("Not pruned: no weight is that small.");
    expect(await refusal({ share: 0, grace: 0 })).toBe("Not pruned: no weight is that small.");
    expect(await refusal({ target: "layers.7", grace: 0 })).toBe(
      'Not pruned: the network has no part "layers.7".',
    );
    expect(await refusal({ target: "embed.weight", grace: 0 })).toBe(
      "Not pruned: biases, gains of norms and lookup tables are never pruned.",
    );
  });
});
