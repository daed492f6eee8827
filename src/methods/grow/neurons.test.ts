/** Neuron growth: golden values by hand, then whole runs on the interpreter. */
import { describe, expect, it } from "vitest";
import { birthCases } from "../../testing/birth-cases.ts";
import { drive, eventsOf, interpreter, tinyConfig, tinyImageConfig } from "../../testing/runs.ts";

describe("by hand", () => birthCases(() => interpreter()));

const cnn = { id: "cnn", channels: [3], kernel: 3, widths: [6] };
const seed = { trigger: { id: "step", step: 0 }, action: { id: "sparse-seed", density: 0.3 } };

describe.each([
  { name: "mlp", model: { id: "mlp", widths: [12, 7] }, grown: [13, 8], path: "fc2", alone: [12, 8] },
  { name: "cnn", model: cnn, grown: [7], path: "fc1", alone: [7] },
])("a $name", ({ model, grown, path, alone }) => {
  it.each([
    { target: "", widths: grown },
    { target: path, widths: alone },
  ])(
    "gains units in '$target', by hand, with preview and undo, and learns on",
    async ({ target, widths }) => {
      const run = await drive(tinyImageConfig({ model, recipe: [seed] }), interpreter());
      const { trainer, events } = run;
      await trainer.advance(6);
      const action = { id: "neurons", target };
      const preview = await trainer.preview(action);
      trainer.act(action);
      await trainer.advance(0);
      const done = eventsOf(events, "structure/done").at(-1)!;
      expect(done).toMatchObject({ method: "neurons", kind: "grow", arch: { widths } });
      // Backtracking: the loss falls, and here it always could.
      expect(done.lossAfter).toBeLessThanOrEqual(done.lossBefore);
      expect(preview).toMatchObject({
        lossAfter: done.lossAfter,
        extra: done.extra,
        activeAfter: done.activeAfter,
      });
      // A birth has at most 8 pairs, so at most 16 connections and a bias.
      const born = done.activeAfter - done.activeBefore;
      expect(born).toBeGreaterThanOrEqual(3 * done.extra.units!);
      expect(born).toBeLessThanOrEqual(17 * done.extra.units!);
      await trainer.advance(5);
      await trainer.settled();
      expect(eventsOf(events, "step").at(-1)!.step).toBe(11);
      await trainer.goto(done.parent);
      expect(trainer.core.network.active).toBe(done.activeBefore);
      trainer.dispose();
    },
  );
});

it("keeps every old weight and moment at its row and column", async () => {
  const run = await drive(tinyImageConfig({ model: { id: "mlp", widths: [5, 4] } }), interpreter());
  const { trainer } = run;
  await trainer.advance(6);
  const read = async () => {
    const { arrays, layout, specs } = trainer.core.network;
    const flat = await Promise.all(
      [arrays.params, ...arrays.slots].map(async (a) => new Uint32Array(await a.read())),
    );
    return new Map(
      specs.map(({ path, shape }) => {
        const { offset, count } = layout.entries.get(path)!;
        return [
          path,
          { shape, arrays: flat.map((words) => words.subarray(offset, offset + count)) },
        ] as const;
      }),
    );
  };
  const before = await read();
  trainer.act({ id: "neurons" });
  await trainer.advance(0);
  const after = await read();
  for (const [path, { shape, arrays }] of before) {
    const now = after.get(path)!;
    const [columns, wider] = [shape[1] ?? 1, now.shape[1] ?? 1];
    arrays.forEach((words, k) => {
      words.forEach((word, i) => {
        const at = Math.floor(i / columns) * wider + (i % columns);
        expect(now.arrays[k]![at]).toBe(word);
      });
    });
  }
  trainer.dispose();
});

it("says why not: no such model, no such layer, the widest layer there is", async () => {
  const lstm = await drive(tinyConfig(), interpreter());
  lstm.trainer.act({ id: "neurons" });
  await lstm.trainer.advance(0);
  expect(eventsOf(lstm.events, "structure/refused").at(-1)!.message).toMatch(
    /^Not grown: Grow neurons is not for LSTM/,
  );
  const refusal = async (model: object, target: string) => {
    const { trainer, events } = await drive(tinyImageConfig({ model }), interpreter());
    trainer.act({ id: "neurons", target });
    await trainer.advance(0);
    trainer.dispose();
    return eventsOf(events, "structure/refused").at(-1)!.message;
  };
  expect(await refusal({ id: "mlp", widths: [] }, "")).toBe("Not grown: there is no hidden layer.");
  expect(await refusal({ id: "mlp", widths: [4] }, "fc2")).toMatch(/^Not grown: "fc2" makes no hidden units/);
  expect(await refusal({ id: "mlp", widths: [1024] }, "")).toMatch(/^Not grown: .*1,?025/);
});

it("is born weaker, by halves, while the loss would rise; and as asked where that is not wanted", async () => {
  const grown = async (backtrack: boolean) => {
    const run = await drive(tinyImageConfig({ model: { id: "mlp", widths: [12] } }), interpreter());
    await run.trainer.advance(12);
    run.trainer.act({ id: "neurons", strength: 10, backtrack });
    await run.trainer.advance(0);
    run.trainer.dispose();
    const begun = eventsOf(run.events, "structure/begun").length;
    return { begun, done: eventsOf(run.events, "structure/done")[0]! };
  };
  const plain = await grown(false);
  expect(plain.done.extra).toMatchObject({ strength: 10, halvings: 0 });
  expect(plain.done.lossAfter).toBeGreaterThan(plain.done.lossBefore);
  const { begun, done } = await grown(true);
  const { strength, halvings } = done.extra as { readonly strength: number; readonly halvings: number };
  expect(halvings).toBeGreaterThan(0);
  expect(strength).toBe(10 / 2 ** halvings);
  expect(done.lossAfter).toBeLessThan(plain.done.lossAfter);
  // Better than it was, or six times halved and said.
  expect(done.lossAfter <= done.lossBefore || done.notes.length === 1).toBe(true);
  // However many ways were tried, it is one event.
  expect(begun).toBe(1);
});
