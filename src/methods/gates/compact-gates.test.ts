/** Compaction inside the gates (grow-prune §5.2): what goes, what is folded, and that the function stays. */
import { describe, expect, it } from "vitest";
import { arenaLayout } from "../../engine/layout.ts";
import { type Driven, eventsOf } from "../../testing/runs.ts";
import { act, stateOf, trained } from "../../testing/structures.ts";

const COMPACT = { id: "compact-gates" };
const cell = { id: "hlstm", blocks: [4], embed: 4, gateWidth: 6, maxCells: 24 };

/** Puts to sleep what `dead(gate, row, column)` names of a matrix [.., gate, row, column]; `level` of stacked ones. */
async function cutOff(
  { trainer }: Driven,
  path: string,
  dead: (gate: number, row: number, column: number) => boolean,
  level = 0,
): Promise<void> {
  const { arrays, specs } = trainer.core.network;
  const ages = new Uint32Array(await arrays.age!.read());
  const { offset, shape } = arenaLayout(specs).entries.get(path)!;
  const [gates, rows, columns] = shape.slice(-3) as [number, number, number];
  const first = offset + level * gates * rows * columns;
  for (let i = 0; i < gates * rows * columns; i++) {
    const row = Math.floor(i / columns);
    if (dead(Math.floor(row / rows), row % rows, i % columns)) ages[first + i] = 0;
  }
  arrays.age!.write(0, ages);
}

async function prepared(change: object): Promise<Driven> {
  const run = await trained({ ...cell, ...change }, 8);
  await act(run, { id: "swap-activation" });
  // The first pruning makes the ages that the tests change.
  await act(run, { id: "magnitude", mode: "count", count: 1, grace: 0, target: "head.weight" });
  return run;
}

async function compacted(run: Driven) {
  // One step writes the zeros that the masks ask for.
  await run.trainer.advance(1);
  const event = await act(run, COMPACT);
  if (event.type === "structure/refused") throw new Error(event.message);
  expect(event.maxLogitDelta).toBeLessThanOrEqual(1e-5 * Math.max(1, event.maxLogit));
  expect(event.paramsAfter).toBeLessThan(event.paramsBefore);
  const again = await act(run, COMPACT, 10);
  expect(again).toMatchObject({ message: "Not compacted: no unit is cut off; prune first." });
  expect(eventsOf(run.events, "step").every(({ loss }) => Number.isFinite(loss))).toBe(true);
  const { params, ages } = await stateOf(run);
  for (const [path, values] of params) {
    values.forEach((value, i) => {
      if (ages!.get(path)![i] === 0) expect(value).toBe(0);
    });
  }
  run.trainer.dispose();
  return event;
}

describe("one hidden layer", () => {
  it.each([1, 2])("of %i stacked layers: units that nobody reads, others in each gate", async (layers) => {
    const run = await prepared({ layers });
    for (let k = 0; k < layers; k++) {
      // Units q and q + 1 of gate q, and one more of gate 2.
      await cutOff(
        run,
        `layers.${k}.gates.weight`,
        (q, _, u) => u === q || u === q + 1 || (q === 2 && u === 5),
      );
    }
    const event = await compacted(run);
    expect(event.arch).toMatchObject({ gateWidth: 4 });
    expect(event.extra).toMatchObject({ units: 9 * layers, folded: 0, width: 4 });
  });

  it("a place stays in each gate where nothing is left", async () => {
    const run = await prepared({});
    await cutOff(run, "layers.0.gates.weight", () => true);
    const event = await compacted(run);
    expect(event.arch).toMatchObject({ gateWidth: 1 });
    expect(event.extra).toMatchObject({ units: 24, folded: 0, width: 1 });
  });

  it("units that read nothing are constants, which the gates' biases take over", async () => {
    const run = await prepared({});
    const constant = (q: number, u: number) => (q + u) % 3 === 0;
    await cutOff(run, "layers.0.x.weight", constant);
    await cutOff(run, "layers.0.h.weight", constant);
    // Their own biases are trained, and some are above 0: a fold that forgot them would be seen.
    const { params } = await stateOf(run);
    const own = params.get("layers.0.x.bias")!;
    expect(own.some((d, i) => constant(Math.floor(i / 6), i % 6) && d > 1e-3)).toBe(true);
    const event = await compacted(run);
    expect(event.arch).toMatchObject({ gateWidth: 4 });
    expect(event.extra).toMatchObject({ units: 8, folded: 8 });
  });
});

it("two hidden layers: what is cut off by what is cut off goes too", async () => {
  const run = await prepared({ gateLayers: 2 });
  // Unit 0 of the lower layer is read by unit 1 of the upper one alone, which nobody reads.
  await cutOff(run, "layers.0.inner.weight", (_, row, column) => (column === 0 && row !== 1) || row === 2);
  await cutOff(run, "layers.0.gates.weight", (_, __, u) => u === 1);
  // Unit 5 below reads nothing: a constant for the upper layer's biases.
  await cutOff(run, "layers.0.x.weight", (_, u) => u === 5);
  await cutOff(run, "layers.0.h.weight", (_, u) => u === 5);
  const event = await compacted(run);
  // Below 0 and 5 go, above 1 and, as a constant, 2.
  expect(event.arch).toMatchObject({ gateWidth: 4 });
  expect(event.extra).toMatchObject({ units: 16, folded: 8 });
});

describe("refused in words", () => {
  it("while one gate needs them all, and without hidden layers", async () => {
    const run = await prepared({});
    await cutOff(run, "layers.0.gates.weight", (q, _, u) => q < 3 && u === 0);
    await run.trainer.advance(1);
    expect(await act(run, COMPACT)).toMatchObject({
      message: "Not compacted: one gate still needs all 6 units, and all gates are as wide as the widest.",
    });
    const plain = await trained({ ...cell, gateLayers: 0 }, 2);
    expect(await act(plain, COMPACT)).toMatchObject({
      message: "Not compacted: the gates have no hidden layers.",
    });
  });
});

it("pruning before the swap asks first", async () => {
  const run = await trained(cell, 8);
  const prune = { id: "magnitude", share: 0.2, grace: 0 };
  expect(await act(run, prune)).toMatchObject({
    message: expect.stringMatching(
      /^Not pruned: the gates still have leaky ReLUs\. Swap the activation first/,
    ),
  });
  expect(await act(run, { ...prune, anyway: true })).toMatchObject({ type: "structure/done" });
  await act(run, { id: "swap-activation" });
  expect(await act(run, prune)).toMatchObject({ type: "structure/done" });
});
