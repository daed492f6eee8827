/** What an operator has learned beside FPI's, on the interpreter: both are what they are said to be, and so is the distance. */
import { describe, expect, it } from "vitest";
import type { FitView } from "../run/fit.ts";
import { drive, eventsOf, interpreter, tinyConfig, tinyGpt } from "../testing/runs.ts";

/** The looks at an operator of 4 steps, 8 channels to 16 and one layer to two, and the weights before and after. */
async function watched(action: object, beside: string | null) {
  const views: Omit<FitView, "run">[] = [];
  const fitWatch = {
    wanted: () => true,
    due: () => true,
    beside: () => beside,
    tell: (look: () => Omit<FitView, "run">) => views.push(look()),
    // FPI's is made beside the steps.
    hold: () => new Promise<void>((go) => setTimeout(go, 5)),
  };
  const { trainer, events } = await drive(tinyConfig(tinyGpt), interpreter(), undefined, { fitWatch });
  await trainer.advance(2);
  const weights = async (path: string) => {
    const { layout, arrays } = trainer.core.network;
    const { offset, count } = layout.entries.get(path)!;
    return new Float32Array(await arrays.params.read()).slice(offset, offset + count);
  };
  const before = await weights("blocks.0.attn.qkv.weight");
  trainer.act({ width: 16, layers: 2, steps: 4, lr: 0.02, ...action } as never);
  await trainer.advance(0);
  const after = await weights("blocks.1.attn.qkv.weight");
  return { views, before, after, done: eventsOf(events, "structure/done")[0]! };
}

const norm = (values: readonly number[]): number => Math.hypot(...values);

describe("beside FPI's", () => {
  it("stands the map that widens the trunk, with how far it has gone", async () => {
    for (const [id, name] of [
      ["ligo", "D B_e"],
      ["mango", "S_O S_O"],
    ]) {
      const { views } = await watched({ id, noise: 0 }, null);
      const { beside } = views.at(-1)!;
      expect(beside).toMatchObject({ id: name, learned: { ofRows: 8, ofCols: 16 } });
      const copies = Array.from({ length: 8 * 16 }, (_, k) => Number(Math.floor(k / 16) === (k % 16) % 8));
      expect([...beside!.fpi.data]).toEqual(copies);
      const learned = [...beside!.learned.data];
      expect(beside!.distance).toBeCloseTo(norm(learned.map((x, k) => x - copies[k]!)) / norm(copies), 6);
      // Four steps of at most .02, the first ones a tenth of it, of 128 entries whose FPI has norm 4.
      expect(beside!.distance).toBeGreaterThan(1e-3);
      expect(beside!.distance).toBeLessThan((0.08 * Math.sqrt(128)) / 4);
    }
  });

  it("stands a matrix of the larger network as the step has it: a slice of M2", async () => {
    for (const action of [
      { id: "mango", ranks: [2, 1, 2, 1] },
      { id: "ligo", tie: "split" },
    ]) {
      const { views, before, after } = await watched(action, "blocks.1.q");
      const { beside } = views.at(-1)!;
      // Q of the upper layer, a copy of the only one: copied along what it makes, shared along what it reads.
      const fpi = Array.from(
        { length: 16 * 16 },
        (_, k) => before[8 * (Math.floor(k / 16) % 8) + ((k % 16) % 8)]! / 2,
      );
      expect(beside).toMatchObject({ id: "blocks.1.q", part: { name: "Layer 2 query weights" } });
      [...beside!.fpi.data].forEach((x, k) => {
        expect(Math.abs(x - fpi[k]!)).toBeLessThan(1e-7);
      });
      // What is committed has made one more step, the last and smallest.
      const learned = [...beside!.learned.data];
      const committed = [...after.subarray(0, 256)];
      const moved = norm(committed.map((x, k) => x - fpi[k]!));
      expect(norm(learned.map((x, k) => x - committed[k]!))).toBeLessThan(0.5 * moved);
      expect(beside!.distance).toBeCloseTo(norm(learned.map((x, k) => x - fpi[k]!)) / norm(fpi), 5);
      expect(beside!.distance).toBeGreaterThan(1e-3);
    }
  });

  it("changes nothing of the operator, and tells the values at the bonds of a ring", async () => {
    const action = { id: "mango", ranks: [2, 1, 2, 1], noise: 1e-2 };
    const [one, other] = [await watched(action, "blocks.0.q"), await watched(action, "blocks.1.o")];
    expect({ ...other.done, wall: 0, milliseconds: 0 }).toEqual({ ...one.done, wall: 0, milliseconds: 0 });
    expect(other.after).toEqual(one.after);
    const { bonds } = one.views.at(-1)!;
    expect(bonds!.map(({ values }) => values.length)).toEqual([2, 1, 2, 1]);
    for (const { values } of bonds!) expect(values.at(-1)!).toBeGreaterThan(0);
    expect(bonds![0]!.values[1]!).toBeLessThan(0.5 * bonds![0]!.values[0]!);
    const ligo = await watched({ id: "ligo" }, null);
    expect(ligo.views.at(-1)!.bonds).toBeNull();
  });
});
