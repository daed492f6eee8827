/** NeST's whole loop on the interpreter: a seed grows to a goal, is pruned while it holds, and ends in the last good state. */
import { expect, it } from "vitest";
import { nestRecipe } from "../../share/nest.ts";
import { drive, eventsOf, interpreter, losses, tinyImageConfig } from "../../testing/runs.ts";

const GOAL = 90;
const config = (recipe: readonly unknown[]) =>
  tinyImageConfig({
    model: { id: "mlp", widths: [8, 5] },
    budget: { unit: "steps", amount: 460 },
    eval: { every: 10, batches: 5 },
    recipe,
  });
const loop = nestRecipe({
  goal: GOAL,
  grow: { share: 0.1, rest: 30 },
  prune: { share: 0.2, rest: 10 },
});

it("grows until the goal is met, never after, then prunes while it is met, from its own link too", async () => {
  const run = await drive(config(loop), interpreter());
  while (run.trainer.phase === "ready") await run.trainer.advance(1000);
  const done = eventsOf(run.events, "structure/done");
  const evaluations = eventsOf(run.events, "eval");
  const met = evaluations.find(({ accuracy = 0 }) => accuracy >= GOAL / 100)!.step;
  const grown = done.filter(({ kind }) => kind === "grow");
  const cuts = done.filter(({ method }) => method === "magnitude");
  expect(done[0]!.method).toBe("sparse-seed");
  expect(new Set(grown.map(({ method }) => method))).toEqual(new Set(["connections", "neurons"]));
  expect(cuts.length).toBeGreaterThan(1);
  // What was asked for at the evaluation before may still act: a decision acts 8 steps later, a window is 20 long.
  expect(Math.max(...grown.map(({ step }) => step))).toBeLessThan(met + 30);
  expect(Math.min(...cuts.map(({ step }) => step))).toBeGreaterThanOrEqual(met + 8);
  // Each cut was asked for by an evaluation that met the goal.
  for (const { step } of cuts) {
    const asked = evaluations.filter((evaluation) => evaluation.step === step - 8);
    expect(asked.some(({ accuracy = 0 }) => accuracy >= GOAL / 100)).toBe(true);
  }
  expect(run.trainer.core.network.active).toBeLessThan(
    Math.max(...grown.map(({ activeAfter }) => activeAfter)),
  );

  const replay = await drive(config(run.trainer.recipe), interpreter());
  while (replay.trainer.phase === "ready") await replay.trainer.advance(1000);
  expect(losses(replay.events)).toEqual(losses(run.events));
  expect(replay.trainer.core.network.active).toBe(run.trainer.core.network.active);
});
