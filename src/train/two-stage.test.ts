/** bert2BERT's two stages: which layers a step draws, which it changes, and that training then goes on as ever. */
import { expect, it } from "vitest";
import { stageOne, subModels } from "../methods/drop/two-stage.ts";
import { drive, eventsOf, interpreter, tinyConfig } from "../testing/runs.ts";

it("draws sub-models of the lowest layers, the whole among them, and updates their tops", () => {
  expect(subModels(0, 12)).toEqual([3, 6, 9, 12]);
  expect(subModels(0, 4)).toEqual([1, 2, 3, 4]);
  expect(subModels(2, 5)).toEqual([2, 4, 5]);
  expect(stageOne(3, 12, 0.3)).toEqual({
    ran: Array.from({ length: 12 }, (_, layer) => layer < 6),
    updated: Array.from({ length: 12 }, (_, layer) => layer >= 3 && layer < 6),
  });
  expect(stageOne(0, 4, 0.999).updated).toEqual([false, false, false, true]);
});

it("changes the top of the sub-model alone, pays for what runs, and ends when its share is used up", async () => {
  const model = { id: "gpt", layers: 4, width: 8, heads: 2, ffn: 2, maxLayers: 4 };
  const action = { id: "two-stage", share: 0.5 };
  const recipe = [{ trigger: { id: "step", step: 0 }, action }];
  const { trainer, events } = await drive(
    tinyConfig({ model, batch: 2, budget: { amount: 10 }, recipe }),
    interpreter(),
  );
  await trainer.advance(0);
  const weights = async () => new Float32Array(await trainer.core.network.arrays.params.read());
  const { entries } = trainer.core.network.layout;
  const seen = new Set<number>();
  const paidAt = new Map<number, number>();
  for (let step = 0; step < 8; step++) {
    const before = await weights();
    await trainer.advance(1);
    await trainer.settled();
    const after = await weights();
    const changed = (path: string): boolean => {
      const { offset, count } = entries.get(path)!;
      return after.slice(offset, offset + count).some((w, i) => w !== before[offset + i]);
    };
    const blocks = [0, 1, 2, 3].map((layer) => changed(`blocks.${layer}.mlp.fc.weight`));
    const { layers, flops } = eventsOf(events, "step").at(-1)!;
    const paid = flops - (eventsOf(events, "step").at(-2)?.flops ?? 0);
    const depth = [...layers!.ran].filter((on) => on === "1").length;
    expect(layers!.ran).toBe("1".repeat(depth) + "0".repeat(4 - depth));
    if (step < 5) {
      expect(blocks).toEqual([0, 1, 2, 3].map((layer) => layer === depth - 1));
      seen.add(depth);
    } else expect(blocks).toEqual([true, true, true, true]);
    paidAt.set(depth, paid);
    expect(changed("wte.weight")).toBe(true);
  }
  expect(seen.size).toBeGreaterThan(1);
  const inOrder = [...paidAt].sort(([a], [b]) => a - b).map(([, paid]) => paid);
  expect(inOrder).toEqual([...new Set(inOrder)].sort((a, b) => a - b));
});
