/** Pruning that waits for a goal: asked once, nothing pruned without an answer, and the answer is in the link. */
import { expect, it } from "vitest";
import type { RunConfig } from "../run/config.ts";
import {
  type Driven,
  drive,
  eventsOf,
  interpreter,
  losses,
  timeless,
  tinyConfig,
  tinyImageConfig,
} from "../testing/runs.ts";
import { report } from "./report.ts";

/** One growth, and pruning as soon as a goal is met that never is. */
const digits = (recipe: readonly unknown[] = []) =>
  tinyImageConfig({
    model: { id: "mlp", widths: [4] },
    optim: { id: "adamw", lr: 1e-3, clip: 0 },
    budget: { unit: "steps", amount: 80 },
    eval: { every: 10, batches: 5 },
    recipe: [
      { trigger: { id: "until-good", goal: 99.9, rest: 10, times: 1 }, action: { id: "neurons" } },
      {
        trigger: { id: "until", from: 1, goal: 99.9, rest: 10 },
        action: { id: "magnitude", mode: "fraction", share: 0.2, grace: 0 },
      },
      ...recipe,
    ],
  });

/** Runs on until something is asked, or to the end. */
async function untilAsked(config: RunConfig): Promise<Driven> {
  const run = await drive(config, interpreter());
  await on(run);
  return run;
}

async function on({ trainer }: Driven): Promise<void> {
  do await trainer.advance(50);
  while (trainer.phase === "ready" && !trainer.core.asking);
}

const questionOf = ({ trainer }: Driven) => report(trainer.core, "r", "paused").question;
const pruned = ({ events }: Driven) =>
  eventsOf(events, "structure/done").filter(({ kind }) => kind === "prune");

it("asks at the boundary after growth has ended short, goes on without an answer, and tells it at the end", async () => {
  const run = await untilAsked(digits());
  const [asks] = eventsOf(run.events, "asks");
  // It grew at 18; 30 is the first evaluation after the rest, and what is judged at 30 acts at 38.
  expect(asks).toMatchObject({ of: 1, step: 38 });
  expect(run.trainer.step).toBe(38);
  expect(asks!.text).toMatch(
    /^The goal of 99.9 % right on the validation part is not reached \(\S+ % right\), and growth has come to its end: prune all the same, to hold \S+ % right, keep growing, or stop\?$/,
  );
  expect(asks!.otherwise).toBe("Without an answer nothing is pruned before the goal is met.");
  expect(questionOf(run)).toEqual({ of: 1, text: asks!.text, grows: true });
  await on(run);
  expect(run.trainer.phase).toBe("ended");
  expect(eventsOf(run.events, "asks")).toHaveLength(1);
  expect(pruned(run)).toEqual([]);
  expect(eventsOf(run.events, "notice").at(-1)!.text).toMatch(
    /^Nothing was pruned: the goal of 99.9 % right/,
  );
});

it.each(["prune", "grow"] as const)(
  "does what it is told, %s, and its link does the same unasked",
  async (said) => {
    const run = await untilAsked(digits());
    run.trainer.core.answer(1, said);
    expect(questionOf(run)).toBe(null);
    expect(() => run.trainer.core.answer(1, said)).toThrow("Nothing of that kind was asked.");
    expect(run.trainer.recipe.at(-1)).toEqual({
      trigger: { id: "step", step: 38 },
      action: { id: "answer", of: 1, said },
    });
    await on(run);
    const kinds = eventsOf(run.events, "structure/done").map(({ kind }) => kind);
    if (said === "prune") expect(kinds.slice(0, 2)).toEqual(["grow", "prune"]);
    else expect(kinds.filter((kind) => kind === "grow").length).toBeGreaterThan(1);
    if (said === "grow") expect(pruned(run)).toEqual([]);

    const replay = await untilAsked(digits(run.trainer.recipe.slice(2)));
    expect(replay.trainer.phase).toBe("ended");
    const told = ({ events }: Driven) => events.slice(1).map(timeless);
    expect(told(replay)).toEqual(told(run));
  },
);

it("keeps the question over a snapshot, and pruning without a goal of its own waits for growth's", async () => {
  const config = tinyConfig({
    budget: { unit: "steps", amount: 40 },
    eval: { every: 10, batches: 2 },
    recipe: [
      {
        trigger: { id: "until", from: 10, rest: 10 },
        action: { id: "magnitude", mode: "fraction", share: 0.2, grace: 0 },
      },
      { trigger: { id: "until-good", loss: 0.01, rest: 10, times: 64 }, action: { id: "cascade", cells: 4 } },
    ],
  });
  const run = await untilAsked(config);
  expect(run.trainer.step).toBe(18);
  expect(eventsOf(run.events, "asks")[0]!.text).toMatch(
    /^The goal of a loss of 0.01 on the validation part is not reached \(a loss of \S+\): prune all the same, keep growing, or stop\?$/,
  );
  const again = await drive(config, interpreter(), await run.trainer.snapshot());
  expect(questionOf(again)).toEqual(questionOf(run));
  for (const each of [run, again]) {
    each.trainer.core.answer(0, "prune");
    await on(each);
  }
  expect(pruned(run).length).toBeGreaterThan(0);
  const later = [...losses(run.events)].filter(([step]) => step > 18);
  expect([...losses(again.events)].filter(([step]) => step > 18)).toEqual(later);
});
