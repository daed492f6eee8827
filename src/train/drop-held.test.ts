/** Layer dropping that stands still, and that has gone wrong: frozen gates, and when a loss ends the run. */
import { describe, expect, it } from "vitest";
import type { RunConfig } from "../run/config.ts";
import { type Driven, drive, eventsOf, interpreter, tinyConfig } from "../testing/runs.ts";
import type { Core } from "./core.ts";
import { isLost, UNWATCHED } from "./drop.ts";
import { report } from "./report.ts";

const model = { id: "gpt", layers: 4, width: 8, heads: 2, ffn: 2, maxLayers: 8 };
const config = (change: object = {}): RunConfig =>
  tinyConfig({ model, batch: 2, eval: { every: 20, batches: 1 }, ...change });
const at = (step: number, action: object) => ({ trigger: { id: "step", step }, action });

async function whole(given: RunConfig): Promise<Driven> {
  const driven = await drive(given, interpreter());
  while (driven.trainer.phase === "ready") await driven.trainer.advance(1000);
  return driven;
}

it("runs the same layers for as long as its gates are frozen, at the chances of then, and draws on afterwards", async () => {
  const freeze = (frozen: boolean) => ({ id: "freeze-gates", frozen });
  const pld = at(0, { id: "pld", theta: 0.3, gamma: 5 });
  const budget = { amount: 16 };
  const free = await whole(config({ budget, recipe: [pld] }));
  const driven = await drive(
    config({ budget, recipe: [pld, at(4, freeze(true)), at(12, freeze(false))] }),
    interpreter(),
  );
  await driven.trainer.advance(7);
  const saved = await driven.trainer.snapshot();
  expect(report(driven.trainer.core, "r", "paused").dropping).toMatchObject({ since: 0, held: 4 / 16 });
  while (driven.trainer.phase === "ready") await driven.trainer.advance(1000);
  expect(eventsOf(driven.events, "structure/refused")).toEqual([]);
  expect(report(driven.trainer.core, "r", "paused").dropping).toMatchObject({ held: null });
  const layersOf = ({ events }: Driven) => eventsOf(events, "step").map(({ layers }) => layers!);
  const [drawn, held] = [layersOf(free), layersOf(driven)];
  expect(new Set(drawn.slice(4, 12).map(({ ran }) => ran)).size).toBeGreaterThan(1);
  expect(held.slice(4, 12)).toEqual(Array(8).fill(drawn[4]));
  expect([...held.slice(0, 4), ...held.slice(12)]).toEqual([...drawn.slice(0, 4), ...drawn.slice(12)]);
  // A snapshot knows of it; what is new draws anew.
  const again = await drive(config(), interpreter(), saved);
  await again.trainer.advance(2);
  await again.trainer.settled();
  expect(layersOf(again).slice(-2)).toEqual(held.slice(7, 9));
  again.trainer.act({ id: "random-drop", rate: 0.5 });
  await again.trainer.advance(1);
  await again.trainer.settled();
  expect(again.trainer.core.drop).toMatchObject({ held: null });
  expect(layersOf(again).at(-1)!.keep).toEqual([0.5, 0.5, 0.5, 0.5]);
});

describe("a loss three times as high as it was", () => {
  /** What is said of each loss in turn. */
  const heard = (losses: readonly number[]): readonly boolean[] => {
    const core = { watch: UNWATCHED } as Core;
    return losses.map((loss) => isLost(core, loss));
  };
  const times = (n: number, loss: number): number[] => Array(n).fill(loss);

  it("ends the run at the twentieth in a row, not before, and not at three times itself", () => {
    expect(heard([2, ...times(20, 6.1)]).indexOf(true)).toBe(20);
    expect(heard([2, ...times(19, 6.1)])).not.toContain(true);
    expect(heard([2, ...times(40, 6)])).not.toContain(true);
    expect(heard(times(40, 9))).not.toContain(true);
  });

  it("counts from the first loss, not the least, and anew after each that is lower", () => {
    expect(heard([2, ...times(10, 0.1), ...times(30, 5.9)])).not.toContain(true);
    expect(heard([2, ...times(19, 7), 2, ...times(19, 7)])).not.toContain(true);
    expect(heard([2, ...times(19, 7), 6, ...times(20, 7)]).indexOf(true)).toBe(40);
  });

  it("says where to go back to: the state before it rose", async () => {
    const recipe = [
      at(20, { id: "random-drop", rate: 0.5 }),
      at(25, { id: "edit", path: "optim.lr", value: 1 }),
    ];
    const driven = await whole(
      config({ batch: 3, recipe, optim: { id: "sgd", lr: 0.1, clip: 0 }, budget: { amount: 400 } }),
    );
    const { events, trainer } = driven;
    const [ended] = eventsOf(events, "run/ended");
    expect(ended?.reason).toBe("diverged");
    const said =
      /^The loss was more than 3 times as high as when layers began to be dropped for 20 steps, and the run stopped at step (\d+)\. Go back to step (\d+), the last good state, and try dropping fewer layers, or a smaller learning rate\.$/.exec(
        ended!.message,
      );
    const [stopped, back] = [Number(said?.[1]), Number(said?.[2])];
    const loss = new Map(eventsOf(events, "step").map((event) => [event.step, event.loss]));
    // The first step that dropped is 21: its loss is what all are held against.
    const high = (step: number) => loss.get(step)! > 3 * loss.get(21)!;
    for (let step = stopped - 19; step <= stopped; step++) expect(high(step), `${step}`).toBe(true);
    expect(high(stopped - 20)).toBe(false);
    expect(back).toBeLessThanOrEqual(stopped - 20);
    // Another rule is held against its own beginning.
    await trainer.goto(trainer.core.history.nodes.findLast(({ step }) => step === 20)!.id);
    await trainer.advance(2);
    await trainer.settled();
    expect(trainer.core.watch.first).not.toBeNull();
    trainer.act({ id: "random-drop", rate: 0.2 });
    await trainer.advance(0);
    expect(trainer.core.watch).toEqual(UNWATCHED);
  });
});
