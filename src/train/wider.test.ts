/**
 * Growth of transformers through the whole loop, on the interpreter: a chain of depth and width in every kind, previews
 * that say what then happens, going back to the same bits, and a recipe that replays what was done by hand.
 */
import { expect, it } from "vitest";
import { drive, eventsOf, interpreter, losses, tinyConfig, tinyGpt } from "../testing/runs.ts";
import { preservingLimit } from "./probe.ts";

const CHAIN = [
  { id: "fpi", width: 12 },
  { id: "net2net", ffn: 3 },
  { id: "stack", map: "manual", sources: [1, 1] },
  { id: "aki", width: 16 },
  { id: "identity", count: 1, position: "bottom" },
] as const;
/** What changes the function. */
const JUMPS = new Set<string>(["stack", "aki"]);

it("a chain of growths of a GPT", async () => {
  const config = tinyConfig({ ...tinyGpt, budget: { unit: "steps", amount: 9 } });
  const driven = await drive(config, interpreter());
  const { trainer, events } = driven;
  const bits = async () => [...new Uint32Array(await trainer.core.network.arrays.params.read())];
  await trainer.advance(2);
  for (const action of CHAIN) {
    const before = await bits();
    const seen = await trainer.preview(action);
    trainer.act(action);
    await trainer.advance(0);
    const done = eventsOf(events, "structure/done").at(-1)!;
    expect([done.method, done.lossAfter, done.paramsAfter]).toEqual([
      action.id,
      seen.lossAfter,
      seen.paramsAfter,
    ]);
    if (JUMPS.has(action.id))
      expect(done.maxLogitDelta, action.id).toBeGreaterThan(preservingLimit(done.maxLogit));
    else expect(done.maxLogitDelta, action.id).toBeLessThanOrEqual(preservingLimit(done.maxLogit));
    const after = await bits();
    await trainer.goto(done.parent);
    expect(await bits()).toEqual(before);
    await trainer.goto(done.node);
    expect(await bits()).toEqual(after);
    await trainer.advance(1);
  }
  expect(trainer.core.network.arch).toMatchObject({ layers: 3, width: 16, heads: 4, ffn: 3 });
  while (trainer.phase === "ready") await trainer.advance(100);
  const again = await drive({ ...config, recipe: trainer.recipe }, interpreter());
  while (again.trainer.phase === "ready") await again.trainer.advance(100);
  expect(losses(again.events)).toEqual(losses(events));
});
