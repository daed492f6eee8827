/** Connection growth: golden values by hand, then whole runs from a sparse seed on the interpreter. */
import { describe, expect, it } from "vitest";
import { connectionCases } from "../../testing/connection-cases.ts";
import {
  type Driven,
  drive,
  eventsOf,
  interpreter,
  tinyConfig,
  tinyGpt,
  tinyImageConfig,
} from "../../testing/runs.ts";
import { isConnection, linesOf } from "../target.ts";

describe("by hand", () => connectionCases(() => interpreter()));

const seedAt0 = (density: number) => ({
  trigger: { id: "step", step: 0 },
  action: { id: "sparse-seed", density },
});

const MODELS = [
  { name: "mlp", config: (change: object) => tinyImageConfig(change as never) },
  {
    name: "cnn",
    config: (change: object) =>
      tinyImageConfig({ model: { id: "cnn", channels: [3], kernel: 3, widths: [6] }, ...change }),
  },
  { name: "lstm", config: (change: object) => tinyConfig(change as never) },
  {
    name: "cascade",
    config: (change: object) =>
      tinyConfig({ model: { id: "lstm", blocks: [4, 4], embed: 5, maxCells: 24 }, ...change }),
  },
  { name: "gpt", config: (change: object) => tinyConfig({ ...tinyGpt, ...change }) },
];

async function stateOf({ trainer }: Driven) {
  await trainer.settled();
  const { arrays, layout, specs } = trainer.core.network;
  const read = async (arena: typeof arrays.params | null) => new Uint32Array(await arena!.read());
  const all = {
    params: await read(arrays.params),
    age: await read(arrays.age),
    m: await read(arrays.slots[0]!),
  };
  const of = (name: keyof typeof all, path: string): Uint32Array => {
    const { offset, count } = layout.entries.get(path)!;
    return all[name].subarray(offset, offset + count);
  };
  return { of, matrices: specs.filter(isConnection), specs };
}

const active = (age: Uint32Array): number[] => [...age].map((a) => (a % 2 ** 31 === 0 ? 0 : 1));

describe.each(MODELS)("a sparse seed of a $name", ({ config }) => {
  it("has its share and the repairs, every unit on a path, and the same mask for the same seed", async () => {
    const runs = await Promise.all(
      [7, 7, 8].map(async (seed) => {
        const run = await drive(config({ seed, recipe: [seedAt0(0.15)] }), interpreter());
        const fresh = await drive(config({ seed }), interpreter());
        await run.trainer.advance(0);
        return { run, fresh, state: await stateOf(run) };
      }),
    );
    const { run, fresh, state } = runs[0]!;
    const [done] = eventsOf(run.events, "structure/done");
    const started = new Float32Array(await fresh.trainer.core.network.arrays.params.read());
    let left = 0;
    let repaired = 0;
    for (const spec of state.matrices) {
      const { rows, columns } = linesOf(spec);
      const age = state.of("age", spec.path);
      const alive = active(age);
      const total = alive.reduce((n, a) => n + a, 0);
      const exists = [...age].filter((a) => a !== 0x80000000).length;
      left += total;
      repaired += total - Math.round(0.15 * exists);
      for (let r = 0; r < rows; r++) expect(alive.slice(r * columns, (r + 1) * columns)).toContain(1);
      for (let k = 0; k < columns; k++) expect(alive.filter((_, i) => i % columns === k)).toContain(1);
      // What is left is the fresh weight, made larger by 1/√ρ; the rest is +0.
      const weights = new Float32Array(state.of("params", spec.path).slice().buffer);
      const { offset } = run.trainer.core.network.layout.entries.get(spec.path)!;
      weights.forEach((w, i) => {
        const was = started[offset + i]! / Math.sqrt(0.15);
        if (alive[i]) expect(Math.abs(w - was)).toBeLessThanOrEqual(1e-6 * Math.abs(was));
        else expect(Object.is(w, 0)).toBe(true);
      });
    }
    expect(done!.extra).toMatchObject({ left, repairs: repaired });
    expect(done!.activeBefore - done!.activeAfter).toBe(
      state.matrices.reduce(
        (n, { path }) => n + [...state.of("age", path)].filter((a) => a !== 0x80000000).length,
        0,
      ) - left,
    );
    const masks = runs.map(({ state: { of, matrices } }) =>
      matrices.map(({ path }) => active(of("age", path)).join("")),
    );
    expect(masks[1]).toEqual(masks[0]);
    expect(masks[2]).not.toEqual(masks[0]);
    for (const one of runs) for (const { trainer } of [one.run, one.fresh]) trainer.dispose();
  });

  it("grows by hand after a window, loses nothing, keeps its function, learns on, and can be undone", async () => {
    const run = await drive(config({ recipe: [seedAt0(0.15)] }), interpreter());
    const { trainer, events } = run;
    await trainer.advance(4);
    trainer.act({ id: "connections", share: 0.1, window: 3 });
    await trainer.advance(3);
    // The same run without the growth is where it stood: a window changes no training.
    const without = await drive(config({ recipe: [seedAt0(0.15)] }), interpreter());
    await without.trainer.advance(7);
    const before = await stateOf(without);
    without.trainer.dispose();
    const after = await stateOf(run);
    const done = eventsOf(events, "structure/done").at(-1)!;
    expect(done).toMatchObject({ method: "connections", kind: "grow", step: 7, maxLogitDelta: 0 });
    let grown = 0;
    for (const { path } of before.specs) {
      const [was, now] = [before.of("age", path), after.of("age", path)];
      const newborn = [...now].flatMap((a, i) => (a === was[i] ? [] : [a]));
      expect(newborn.every((a) => a === 1)).toBe(true);
      grown += newborn.length;
      expect(after.of("params", path)).toEqual(before.of("params", path));
      expect(after.of("m", path)).toEqual(before.of("m", path));
    }
    expect(done.extra.grown).toBe(grown);
    expect(done.activeAfter - done.activeBefore).toBe(grown);
    await trainer.advance(4);
    await trainer.settled();
    const trained = await stateOf(run);
    const moved = before.matrices.some(({ path }) => {
      const [was, now] = [before.of("age", path), trained.of("age", path)];
      return trained.of("params", path).some((w, i) => was[i] === 0 && now[i]! > 1 && w !== 0);
    });
    expect(moved).toBe(true);
    await trainer.goto(done.parent);
    expect(trainer.core.network.active).toBe(done.activeBefore);
    trainer.dispose();
  });
});

it("refuses a step that does not help, and takes everything back", async () => {
  const config = tinyImageConfig({ optim: { id: "sgd", lr: 1, momentum: 0 }, recipe: [seedAt0(0.15)] });
  const run = await drive(config, interpreter());
  run.trainer.act({ id: "connections", share: 1, window: 1, start: "step", accept: true });
  await run.trainer.advance(1);
  await run.trainer.advance(0);
  const [refused] = eventsOf(run.events, "structure/refused");
  expect(refused?.message).toMatch(/^Not grown: the loss on the probe batch would rise by /);
  expect(run.trainer.core.network.arrays.score).toBeNull();
  run.trainer.dispose();
});

it("stops where a matrix has the density at which it stops", async () => {
  const { model, optim } = tinyConfig();
  const run = await drive(tinyConfig({ model, optim, recipe: [seedAt0(0.3)] }), interpreter());
  await run.trainer.advance(2);
  const grow = async () => {
    run.trainer.act({ id: "connections", share: 0.6, most: 0.5, window: 1 });
    await run.trainer.advance(3);
  };
  await grow();
  const { matrices, of } = await stateOf(run);
  for (const { path, lowerBlocks } of matrices) {
    expect(lowerBlocks).toBeUndefined();
    const on = active(of("age", path));
    // Six tenths of what sleeps would be more than half of all.
    expect(on.reduce((n, a) => n + a, 0)).toBe(Math.floor(0.5 * on.length));
  }
  await grow();
  const refused = eventsOf(run.events, "structure/refused").map(({ message }) => message);
  expect(refused).toEqual(["Not grown: 50 % of every matrix there is active, where growth stops."]);
  run.trainer.dispose();
});
