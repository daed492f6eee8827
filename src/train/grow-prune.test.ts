/** The two ways of growing and pruning an H-LSTM, whole, on the interpreter: order, phases, roll-back, the final network. */
import { describe, expect, it } from "vitest";
import { paperWay, reviewWay } from "../share/recipes.ts";
import { type Driven, drive, eventsOf, interpreter, losses, tinyConfig } from "../testing/runs.ts";
import { report } from "./report.ts";

const way = {
  grow: { every: 30, times: 2 },
  ...{ swap: 100, settle: 20, lr: 5e-3 },
  prune: { share: 0.3, rest: 12 },
};
const WAYS = {
  paper: {
    model: { gateLayers: 1, gateWidth: 6, blocks: [6] },
    recipe: paperWay(way),
    methods: ["sparse-seed", "connections", "connections", "swap-activation", "magnitude"],
  },
  review: {
    model: { gateLayers: 0, gateWidth: 6, blocks: [4] },
    recipe: reviewWay(way),
    methods: ["insert-gate-layer", "connections", "swap-activation", "magnitude"],
  },
};

const config = (model: object, recipe: readonly unknown[]) =>
  tinyConfig({
    model: { id: "hlstm", embed: 4, maxCells: 16, ...model },
    optim: { id: "adamw", lr: 2e-2, clip: 1 },
    budget: { unit: "steps", amount: 420 },
    eval: { every: 10, batches: 2 },
    recipe,
  });

/** Runs to the end; the stages in the order in which they were seen. */
async function whole(run: Driven): Promise<readonly string[]> {
  const seen: string[] = [];
  const look = () => {
    const { stage } = report(run.trainer.core, "r", "running");
    if (stage && seen.at(-1) !== stage) seen.push(stage);
  };
  while (run.trainer.phase === "ready") {
    await run.trainer.advance(2);
    look();
  }
  look();
  return seen;
}

describe.each(Object.entries(WAYS))("%s", (_name, { model, recipe, methods }) => {
  it("goes seed, grow, swap, prune, final, and ends in the last state that met the target", async () => {
    const run = await drive(config(model, recipe), interpreter());
    const stages = await whole(run);
    expect(stages).toEqual(["seed", "grow", "swap", "prune", "final"]);
    const done = eventsOf(run.events, "structure/done");
    expect(done.slice(0, methods.length).map(({ method }) => method)).toEqual(methods);
    expect(eventsOf(run.events, "edit")).toMatchObject([{ path: "optim.lr", value: 5e-3 }]);

    const [back] = eventsOf(run.events, "history/moved");
    const cuts = done.filter(({ method }) => method === "magnitude");
    expect(back).toMatchObject({ to: cuts.at(-1)!.parent });
    // What is left at the end is what was there before the cut that was one too many, but for what compaction takes.
    const after = done.filter(({ seq, kind }) => seq > back!.seq && kind !== "compact");
    expect(after).toEqual([]);
    expect(run.trainer.core.network.active).toBeLessThanOrEqual(cuts.at(-1)!.activeBefore);
    expect(run.trainer.core.network.arch.slope).toBe(0);

    // Its own link ends in the same network.
    const replay = await drive(config(model, run.trainer.recipe), interpreter());
    await whole(replay);
    expect(losses(replay.events)).toEqual(losses(run.events));
  });
});

it("refuses what is out of order: growth after the swap, pruning before it", async () => {
  const run = await drive(config(WAYS.paper.model, []), interpreter());
  const { trainer, events } = run;
  await trainer.advance(20);
  trainer.act({ id: "magnitude", share: 0.1, grace: 0 });
  trainer.act({ id: "swap-activation" });
  await trainer.advance(0);
  trainer.act({ id: "connections", window: 2 });
  trainer.act({ id: "fully-connected", cells: 4 });
  trainer.act({ id: "insert-gate-layer" });
  await trainer.advance(4);
  const refused = eventsOf(events, "structure/refused").map(({ method, message }) => [method, message]);
  expect(refused).toEqual([
    ["magnitude", expect.stringContaining("Swap the activation first")],
    ...["connections", "fully-connected", "insert-gate-layer"].map((method) => [
      method,
      expect.stringContaining("Swap them back to leaky ReLUs to grow again"),
    ]),
  ]);
  trainer.act({ id: "swap-activation", to: "leaky" });
  trainer.act({ id: "fully-connected", cells: 4 });
  await trainer.advance(1);
  expect(eventsOf(events, "structure/done").map(({ method }) => method)).toEqual([
    "swap-activation",
    "swap-activation",
    "fully-connected",
  ]);
  expect(report(trainer.core, "r", "paused").stage).toBe("grow");
});

it("a model without such phases has no stage", async () => {
  const run = await drive(tinyConfig(), interpreter());
  expect(report(run.trainer.core, "r", "paused").stage).toBeNull();
});
