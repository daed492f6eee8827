/** What opens a gate is never cut off from all that it reads (grow-prune §5.6). */
import { expect, it } from "vitest";
import { isActive } from "../../engine/ops/mask-tiles.ts";
import { drive, eventsOf, interpreter, tinyConfig } from "../../testing/runs.ts";

const model = { id: "hlstm", blocks: [5], embed: 4, gateLayers: 1, gateWidth: 6, maxCells: 16 };
const GATES = "layers.0.gates.weight";

async function cut(action: object) {
  const run = await drive(tinyConfig({ model: model as never }), interpreter());
  await run.trainer.advance(3);
  const stateOf = async () => {
    await run.trainer.settled();
    const { arrays, layout } = run.trainer.core.network;
    const { offset, count } = layout.entries.get(GATES)!;
    const of = <T extends Float32Array | Uint32Array>(all: T) => all.subarray(offset, offset + count);
    return {
      weights: of(new Float32Array(await arrays.params.read())),
      first: of(new Float32Array(await arrays.slots[0]!.read())),
      ages: arrays.age && of(new Uint32Array(await arrays.age.read())),
    };
  };
  const before = await stateOf();
  const asked = { id: "magnitude", grace: 0, anyway: true, ...action };
  run.trainer.act(asked as never);
  await run.trainer.advance(0);
  return { run, before, after: await stateOf(), done: eventsOf(run.events, "structure/done").at(-1) };
}

it.each([
  { mode: "fraction", share: 0.93 },
  { mode: "count", count: 111 },
])("$mode: a row that would be emptied keeps its largest entry, as it was", async (asked) => {
  const { run, before, after, done } = await cut({ ...asked, target: GATES });
  const [rows, columns] = [4 * 5, 6];
  let kept = 0;
  for (let row = 0; row < rows; row++) {
    const places = Array.from({ length: columns }, (_, c) => row * columns + c);
    const alive = places.filter((i) => isActive(after.ages![i]!));
    expect(alive.length).toBeGreaterThanOrEqual(1);
    const largest = places.reduce((a, b) =>
      Math.abs(before.weights[b]!) > Math.abs(before.weights[a]!) ? b : a,
    );
    expect(alive).toContain(largest);
    if (alive.length === 1) kept++;
    for (const i of alive) {
      expect([after.weights[i], after.first[i], after.ages![i]]).toEqual([
        before.weights[i],
        before.first[i],
        4,
      ]);
    }
    for (const i of places) if (!alive.includes(i)) expect(after.weights[i]).toBe(0);
  }
  // Seven of a hundred of 120 are fewer than there are rows.
  expect(kept).toBeGreaterThan(10);
  // Both are the 111 smallest of 120: rows all of whose entries are among them are named, by gate and cell.
  const least = [...before.weights.keys()].sort(
    (a, b) => Math.abs(before.weights[a]!) - Math.abs(before.weights[b]!),
  );
  const gone = new Set(least.slice(0, 111));
  const emptied = Array.from({ length: rows }, (_, row) => row).filter((row) =>
    Array.from({ length: columns }, (_, c) => row * columns + c).every((i) => gone.has(i)),
  );
  const names = emptied
    .slice(0, 3)
    .map((row) => `gate ${"ifgo"[Math.floor(row / 5)]} of cell ${(row % 5) + 1}`);
  expect(done!.notes[0]!.toLowerCase()).toBe(
    `${names.join(", ")} and ${emptied.length - 3} more would read nothing: the largest weight stays.`,
  );
  expect(done!.extra.dropped).toBe(done!.activeBefore - done!.activeAfter);
  await run.trainer.advance(2);
  await run.trainer.settled();
  run.trainer.dispose();
});

it("says nothing where no row is emptied", async () => {
  const { run, done } = await cut({ mode: "fraction", share: 0.1, target: GATES });
  expect(done!.notes).toEqual([]);
  expect(done!.extra.dropped).toBe(12);
  run.trainer.dispose();
});
