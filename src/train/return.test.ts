/**
 * The ways back and forth of a run, on the interpreter: undo leaves no trace, what was done by hand is replayed by the
 * recipe, a saved run goes on as if it had never stopped, and a run that diverged has a good state to go back to.
 */
import { describe, expect, it } from "vitest";
import { checkConfig } from "../run/check.ts";
import {
  type Driven,
  drive,
  eventsOf,
  interpreter,
  losses,
  timeless,
  tinyConfig,
  tinyGpt,
} from "../testing/runs.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";
import type { SnapshotHeader as Header } from "./snapshot.ts";

/** Runs to the end of the budget. */
async function finish(driven: Driven): Promise<void> {
  while (driven.trainer.phase === "ready") await driven.trainer.advance(1000);
}

const grow = { id: "cascade", cells: 4, noise: 0.1 };
const atStep = (step: number, action: object = grow) => ({ trigger: { id: "step", step }, action });
/** Judges every fifth step against the gain over ten; with the largest τ it soon fires. */
const plateau = {
  trigger: { id: "plateau", beta: 0.5, window: 10, every: 5, cooldown: 5, patience: 1, threshold: 0.1 },
  action: grow,
};

it("a stretch of steps ends where it is told to rest", async () => {
  const { trainer } = await drive(tinyConfig(), interpreter());
  expect(await trainer.advance(9, () => trainer.step < 3)).toBe(3);
  expect(await trainer.advance(9, () => false)).toBe(0);
  expect(trainer.step).toBe(3);
});

describe("history", () => {
  it("grow, undo, 20 steps equals 20 steps without the growth, bit for bit", async () => {
    const plain = await drive(tinyConfig(), interpreter());
    await finish(plain);
    const driven = await drive(tinyConfig(), interpreter());
    const { trainer, events } = driven;
    await trainer.advance(20);
    trainer.act(grow);
    await trainer.advance(5);
    const [done] = eventsOf(events, "structure/done");
    expect(done!.step).toBe(20);
    await trainer.goto(done!.parent);
    expect(trainer.recipe).toEqual([]);
    await finish(driven);
    expect(losses(events)).toEqual(losses(plain.events));
    expect(eventsOf(events, "history/moved")[0]).toMatchObject({ to: done!.parent, toStep: 20 });
  });

  it("can be gone back and forth in: what was left can be come back to", async () => {
    const driven = await drive(tinyConfig(), interpreter());
    const { trainer, events } = driven;
    await trainer.advance(12);
    trainer.act(grow);
    await trainer.advance(6);
    const [done] = eventsOf(events, "structure/done");
    await trainer.goto(done!.parent);
    const left = eventsOf(events, "history/moved")[0]!.from;
    await trainer.advance(3);
    await trainer.goto(left);
    expect(trainer.step).toBe(18);
    expect(trainer.recipe).toHaveLength(1);
    await finish(driven);
    const straight = await drive(tinyConfig({ recipe: [atStep(12)] }), interpreter());
    await finish(straight);
    expect(losses(events).get(40)).toBe(losses(straight.events).get(40));
    await trainer.goto("start");
    expect(trainer.step).toBe(0);
    await trainer.advance(12);
    await trainer.settled();
    expect(losses(events).get(12)).toBe(losses(straight.events).get(12));
  });

  it("keeps the newest eight states and says so of older ones", async () => {
    const driven = await drive(tinyConfig(), interpreter());
    const { trainer, events } = driven;
    for (let i = 0; i < 5; i++) {
      await trainer.advance(2);
      trainer.act({ ...grow, cells: 4 });
      await trainer.advance(0);
      await trainer.goto(eventsOf(events, "structure/done").at(-1)!.parent);
    }
    const kept = trainer.core.history.nodes.filter(({ restorable }) => restorable);
    expect(kept).toHaveLength(9);
    const gone = trainer.core.history.nodes.find(({ restorable }) => !restorable)!;
    await expect(trainer.goto(gone.id)).rejects.toThrow("no longer kept");
  });

  it("holds no more memory the longer one goes back and forth, and none in the end", async () => {
    const backend = interpreter();
    const driven = await drive(tinyConfig({ budget: { unit: "steps", amount: 5000 } }), backend);
    const { trainer, events } = driven;
    const held: number[] = [];
    await trainer.advance(5);
    for (let i = 0; i < 14; i++) {
      trainer.act(grow);
      await trainer.advance(3);
      await trainer.goto(eventsOf(events, "structure/done").at(-1)!.parent);
      trainer.edit("model.dropout", i % 2 === 0 ? 0.1 : 0);
      await trainer.advance(110);
      await trainer.settled();
      held.push(backend.bytes);
    }
    // From the eighth node on each new one takes the place of an old one; odd and even rounds differ by dropout.
    expect(held.slice(-2)).toEqual(held.slice(-4, -2));
    trainer.dispose();
    expect(backend.bytes).toBe(0);
  });

  it("an undone automatic growth does not come again, and the recipe says why", async () => {
    const driven = await drive(
      tinyConfig({ recipe: [{ trigger: { id: "every", steps: 10, times: 2 }, action: grow }] }),
      interpreter(),
    );
    const { trainer, events } = driven;
    await trainer.advance(12);
    await trainer.goto(eventsOf(events, "structure/done")[0]!.parent);
    await finish(driven);
    expect(trainer.recipe.at(-1)).toEqual({ trigger: { id: "step", step: 10 }, action: { id: "skip" } });
    expect(eventsOf(events, "structure/done").map(({ step }) => step)).toEqual([10, 20]);
    const replay = await drive(tinyConfig({ recipe: trainer.recipe }), interpreter());
    await finish(replay);
    expect(losses(replay.events)).toEqual(losses(events));
  });

  it("goes on after its end, and a replay of the recipe goes on as far", async () => {
    const short = {
      budget: { unit: "steps", amount: 10 },
      schedule: { id: "linear", warmup: 0.1, floor: 0.1 },
    };
    const driven = await drive(tinyConfig(short), interpreter());
    const { trainer, events } = driven;
    await finish(driven);
    trainer.extend(12);
    await trainer.advance(6);
    trainer.act(grow);
    await finish(driven);
    expect(trainer.step).toBe(22);
    const checked = checkConfig({ ...tinyConfig(short), recipe: trainer.recipe });
    expect(checked).toMatchObject({ ok: true });
    const replay = await drive(tinyConfig({ ...short, recipe: trainer.recipe }), interpreter());
    await finish(replay);
    expect(replay.trainer.step).toBe(22);
    expect(losses(replay.events)).toEqual(losses(events));
    // Back before the extension the budget is what it was.
    await trainer.goto("start");
    await finish(driven);
    expect(trainer.step).toBe(10);
    expect(() => trainer.extend(0)).toThrow("1 to 10,000,000 steps more, not for 0");
  });

  it("an action is refused with its field when its values cannot be", async () => {
    const { trainer } = await drive(tinyConfig(), interpreter());
    expect(() => trainer.act({ id: "cascade", cells: -3 })).toThrow(
      "Not grown: cascade.cells is -3, allowed are 4 to 256.",
    );
    expect(() => trainer.act({ id: "cascade", cels: 8 })).toThrow("cascade.cels is not a field");
    expect(() => trainer.act({ id: "shrink" })).toThrow('There is no action "shrink".');
    trainer.act({ id: "cascade", cells: 8 });
    await trainer.advance(0);
    expect(trainer.recipe[0]!.action).toMatchObject({ id: "cascade", cells: 8, noise: 0.1, donor: "newest" });
  });

  it("what was done by hand is replayed by the recipe, to the bit", async () => {
    const driven = await drive(tinyConfig({ recipe: [plateau] }), interpreter());
    const { trainer, events } = driven;
    await trainer.advance(4);
    trainer.edit("optim.lr", 0.02);
    trainer.edit("optim.lr", 0.015);
    await trainer.advance(3);
    trainer.act(grow);
    trainer.edit("model.dropout", 0.1);
    await trainer.advance(9);
    trainer.edit("model.dropout", 0);
    trainer.edit("optim.weightDecay", 0.05);
    await finish(driven);
    expect(trainer.recipe.filter(({ trigger }) => trigger.id === "step")).toHaveLength(5);
    const replay = await drive(tinyConfig({ recipe: trainer.recipe }), interpreter());
    await finish(replay);
    expect(losses(replay.events)).toEqual(losses(events));
    expect(replay.trainer.core.network.arch).toEqual(trainer.core.network.arch);
  });
});

describe("a saved run", () => {
  it("goes on bit for bit: 25 + save + load + 25 = 50, a growth and a pending judgement included", async () => {
    for (const change of [
      { recipe: [plateau] },
      { ...tinyGpt, recipe: [atStep(12, { id: "identity", count: 1 })] },
    ]) {
      const config = tinyConfig({ ...change, budget: { unit: "steps", amount: 50 } });
      const straight = await drive(config, interpreter());
      await finish(straight);
      const first = await drive(config, interpreter());
      await first.trainer.advance(25);
      const bytes = await first.trainer.snapshot();
      const second = await drive(config, interpreter(), bytes);
      await finish(second);
      const joined = new Map([...losses(first.events), ...losses(second.events)]);
      expect(joined).toEqual(losses(straight.events));
      expect(eventsOf(second.events, "run/started")[0]).toMatchObject({ resumed: true, step: 25 });
      expect(await weights(second)).toEqual(await weights(straight));
    }
  });

  it("written over an older copy is the same file, in the same memory while its length holds", async () => {
    const { trainer } = await drive(tinyConfig(), interpreter());
    const first = await trainer.snapshot(null);
    await trainer.advance(3);
    const second = await trainer.snapshot(first);
    expect(second).toBe(first);
    expect(decodeSafetensors(second)).toEqual(decodeSafetensors(await trainer.snapshot()));
    trainer.act(grow);
    await trainer.advance(1);
    expect(await trainer.snapshot(second)).not.toBe(second);
  });

  it("is refused with a sentence when it is none", async () => {
    const bad = drive(tinyConfig(), interpreter(), new ArrayBuffer(5));
    await expect(bad).rejects.toThrow("This is not a saved run: the file is cut off.");
  });

  it.each([
    [() => "{", "This is not a saved run: its header cannot be read."],
    [() => "null", "This is not a saved run: its header cannot be read."],
    [() => "{}", "This run was saved in format undefined; this version reads format 1."],
    [(h: Header) => ({ ...h, config: { seed: -1 } }), "cannot be opened: seed is -1, allowed are 0 to"],
    [(h: Header) => ({ ...h, position: null }), "its header lacks the state of the run."],
    [(h: Header) => ({ ...h, position: { ...h.position, extra: null } }), "its header lacks what was spent."],
    [
      (h: Header) => ({ ...h, position: { ...h.position, arch: { ...h.position.arch, blocks: [1e9] } } }),
      "cannot be opened: model.blocks.0 is 1,000,000,000, allowed are 4 to 256.",
    ],
  ])(
    "with another header %# is refused with a sentence, and nothing is left on the device",
    async (change, says) => {
      const backend = interpreter();
      const { trainer } = await drive(tinyConfig(), backend);
      await trainer.advance(2);
      const { tensors, metadata } = decodeSafetensors(await trainer.snapshot());
      trainer.dispose();
      const header = change(JSON.parse(metadata.espalier!));
      const espalier = typeof header === "string" ? header : JSON.stringify(header);
      const bytes = encodeSafetensors({ tensors, metadata: { espalier } });
      await expect(drive(tinyConfig(), backend, bytes)).rejects.toThrow(says);
      const lacking = encodeSafetensors({ tensors: new Map([...tensors].slice(1)), metadata });
      await expect(drive(tinyConfig(), backend, lacking)).rejects.toThrow(/^This saved run lacks /);
      expect(backend.bytes).toBe(0);
    },
  );
});

const weights = async ({ trainer }: Driven) =>
  new Float32Array(await trainer.core.network.arrays.params.read());

describe("divergence", () => {
  it("ends the run at the same step whatever is in flight, with a good state to go back to", async () => {
    const config = tinyConfig({ budget: { unit: "steps", amount: 400 } });
    const run = async (delay?: () => Promise<void>) => {
      const driven = await drive(config, interpreter(delay));
      await driven.trainer.advance(150);
      const { params } = driven.trainer.core.network.arrays;
      params.write(0, new Float32Array(params.elements).fill(Number.NaN));
      await driven.trainer.advance(150);
      await driven.trainer.settled().catch(() => {});
      return driven;
    };
    const { trainer, events } = await run();
    expect(trainer.phase).toBe("diverged");
    const ended = events.at(-1)!;
    expect(ended).toMatchObject({ type: "run/ended", reason: "diverged", step: 151 });
    expect((ended as { message: string }).message).toBe(
      "The loss stopped being a number at step 151. Go back to step 100, the last good state, and try a smaller learning rate.",
    );
    const late = await run(() => new Promise((resolve) => setTimeout(resolve, 2)));
    expect(late.events.map(timeless)).toEqual(events.map(timeless));
    const good = trainer.core.history.nodes.at(-1)!;
    expect(good).toMatchObject({ step: 100, restorable: true });
    await trainer.goto(good.id);
    await trainer.advance(5);
    await trainer.settled();
    expect(trainer.phase).toBe("ready");
    expect(Number.isFinite(losses(events).get(105))).toBe(true);
  });
});
