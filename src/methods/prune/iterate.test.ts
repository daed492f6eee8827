/** Pruning and retraining in turns, headless: it ends in the last state that met the target, also from its own link. */
import { expect, it } from "vitest";
import { drive, eventsOf, interpreter, losses, tinyConfig } from "../../testing/runs.ts";

const config = (recipe: readonly unknown[]) =>
  tinyConfig({
    budget: { unit: "steps", amount: 300 },
    eval: { every: 5, batches: 2 },
    optim: { id: "adamw", lr: 3e-2, clip: 1 },
    model: { id: "lstm", blocks: [8], embed: 5, maxCells: 24 },
    recipe,
  });

const loop = {
  trigger: { id: "until", from: 120, rest: 10, rounds: 3, rise: 10 },
  action: { id: "magnitude", mode: "fraction", share: 0.35, grace: 20 },
};

it("prunes while it recovers, takes the cut that was one too many back, and ends there", async () => {
  const run = await drive(config([loop]), interpreter());
  while (run.trainer.phase === "ready") await run.trainer.advance(1000);
  const done = eventsOf(run.events, "structure/done");
  const [moved] = eventsOf(run.events, "history/moved");
  const lost = done.at(-1)!;
  expect(done.length).toBeGreaterThan(1);
  // The first one falls on the first evaluation after the start, eight steps later.
  expect(done[0]!.step).toBe(128);
  for (let i = 1; i < done.length; i++) {
    expect(done[i]!.step - done[i - 1]!.step).toBeGreaterThanOrEqual(10 + 8);
    expect(done[i]!.activeAfter).toBeLessThan(done[i - 1]!.activeAfter);
  }
  expect(moved).toMatchObject({ to: lost.parent, toStep: lost.step });
  expect(run.trainer.core.network.active).toBe(lost.activeBefore);

  // Every cut but the first was asked for by an evaluation that met the target.
  const evaluations = eventsOf(run.events, "eval");
  const at = (step: number) => evaluations.find((evaluation) => evaluation.step === step)!.loss;
  for (const { step } of done) expect(at(step - 8)).toBeLessThanOrEqual(at(120) * 1.1);

  const replay = await drive(config(run.trainer.recipe), interpreter());
  while (replay.trainer.phase === "ready") await replay.trainer.advance(1000);
  expect(losses(replay.events)).toEqual(losses(run.events));
  expect(replay.trainer.core.network.active).toBe(run.trainer.core.network.active);
});
