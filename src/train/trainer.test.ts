/**
 * The whole loop on the interpreter: two runs agree to the byte however late losses come back, a saved run goes on as if
 * it had never stopped, undo leaves no trace, and what was done by hand is replayed by the recipe.
 */
import { describe, expect, it } from "vitest";
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

describe("a run", () => {
  it("learns, evaluates at both ends and says when its budget is used up", async () => {
    const driven = await drive(tinyConfig(), interpreter());
    await finish(driven);
    const steps = eventsOf(driven.events, "step");
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(eventsOf(driven.events, "eval").map(({ step }) => step)).toEqual([0, 20, 40]);
    const [first, , last] = eventsOf(driven.events, "eval");
    expect(last!.loss).toBeLessThan(first!.loss - 0.2);
    expect(steps.at(-1)!.tokens).toBe(40 * 3 * 8);
    expect(driven.events.map(({ seq }) => seq)).toEqual(driven.events.map((_, i) => i));
    expect(eventsOf(driven.events, "run/ended")[0]).toMatchObject({ reason: "budget", step: 40 });
    expect(driven.events.at(-1)!.type).toBe("run/ended");
  });

  it("spends a budget of tokens or FLOPs and never more", async () => {
    const tokens = await drive(
      tinyConfig({ budget: { unit: "tokens", amount: 3 * 8 * 5 + 7 } }),
      interpreter(),
    );
    await finish(tokens);
    expect(tokens.trainer.step).toBe(5);
    const perStep = tokens.trainer.core.ledger.cost.flops;
    const flops = await drive(
      tinyConfig({ budget: { unit: "flops", amount: 3.9 * perStep } }),
      interpreter(),
    );
    await finish(flops);
    expect(flops.trainer.step).toBe(3);
  });

  it("goes on after its end when it is given more steps", async () => {
    const driven = await drive(tinyConfig({ budget: { unit: "steps", amount: 6 } }), interpreter());
    await finish(driven);
    driven.trainer.extend(3);
    await finish(driven);
    expect(driven.trainer.step).toBe(9);
    expect(eventsOf(driven.events, "run/ended")).toHaveLength(2);
  });
});

describe("determinism", () => {
  const config = tinyConfig({ recipe: [plateau, { trigger: { id: "at", fraction: 0.8 }, action: grow }] });

  it("gives the same events however late losses come back and however the steps are cut up", async () => {
    const plain = await drive(config, interpreter());
    await finish(plain);
    expect(eventsOf(plain.events, "structure/done").length).toBeGreaterThanOrEqual(2);
    let n = 0;
    const late = await drive(
      config,
      interpreter(() => new Promise((resolve) => setTimeout(resolve, (n++ * 7919) % 9))),
    );
    for (let some = 1; late.trainer.phase === "ready"; some = (some * 3) % 7 || 1) {
      await late.trainer.advance(some);
    }
    expect(late.events.map(timeless)).toEqual(plain.events.map(timeless));
  });

  it("does not hang on how many steps share a submit", async () => {
    const plain = await drive(config, interpreter());
    await finish(plain);
    const driven = await drive(config, interpreter());
    let seconds = 0;
    const jumpy = { ...driven.deps, clock: () => (seconds += 1e-4), emit: (e: never) => events.push(e) };
    const events: never[] = [];
    const { Trainer } = await import("./trainer.ts");
    const trainer = await Trainer.create({ ...jumpy, backend: interpreter(), config });
    while (trainer.phase === "ready") await trainer.advance(1000);
    expect(events.map(timeless)).toEqual(plain.events.map(timeless));
  });
});

describe("triggers", () => {
  it("act exactly eight steps after the loss they judged", async () => {
    const driven = await drive(tinyConfig({ recipe: [plateau] }), interpreter());
    await finish(driven);
    const judged = eventsOf(driven.events, "gauge").find(({ value, limit }) => value < limit);
    const [first] = eventsOf(driven.events, "structure/done");
    expect(judged).toBeDefined();
    expect(first).toMatchObject({ step: judged!.step + 8, by: "plateau" });
  });

  it("act at their very step when they look at no loss", async () => {
    const recipe = [
      atStep(0),
      { trigger: { id: "every", steps: 15, times: 1 }, action: grow },
      atStep(22, { id: "edit", path: "optim.lr", value: 0.002 }),
    ];
    const driven = await drive(tinyConfig({ recipe }), interpreter());
    await finish(driven);
    expect(eventsOf(driven.events, "structure/done").map(({ step }) => step)).toEqual([0, 15]);
    const lr = (step: number) => eventsOf(driven.events, "step").find((event) => event.step === step)!.lr;
    expect([lr(22), lr(23)]).toEqual([0.01, 0.002]);
    expect(eventsOf(driven.events, "edit")[0]).toMatchObject({ step: 22, before: 0.01, value: 0.002 });
  });
});

describe("growth", () => {
  it("keeps the function and reports its figures", async () => {
    const driven = await drive(tinyConfig({ recipe: [atStep(10)] }), interpreter());
    await finish(driven);
    const [done] = eventsOf(driven.events, "structure/done");
    expect(done!.maxLogitDelta).toBeLessThanOrEqual(1e-5 * Math.max(1, done!.maxLogit));
    expect(done).toMatchObject({
      by: "hand",
      sizeBefore: "6 cells in 1 block",
      sizeAfter: "10 cells in 2 blocks",
    });
    // Cascade leaves 4 gates × 6 old rows × 4 new columns dormant.
    expect(done!.paramsAfter - done!.activeAfter).toBe(4 * 6 * 4);
    expect(Math.abs(done!.lossAfter - done!.lossBefore)).toBeLessThan(1e-6);
    // And it goes on learning from there.
    const at = losses(driven.events);
    expect(at.get(40)!).toBeLessThan(at.get(10)!);
  });

  it("keeps what structure forbids at exactly 0 and counts the age of each weight", async () => {
    const driven = await drive(tinyConfig({ recipe: [atStep(10)] }), interpreter());
    await finish(driven);
    const { arrays, layout } = driven.trainer.core.network;
    const { offset } = layout.entries.get("layers.0.h.weight")!;
    const weights = new Float32Array(await arrays.params.read());
    const ages = new Uint32Array(await arrays.age!.read());
    for (let gate = 0; gate < 4; gate++) {
      for (let u = 0; u < 10; u++) {
        for (let v = 0; v < 10; v++) {
          const i = offset + (gate * 10 + u) * 10 + v;
          const [old, dormant] = [u < 6 && v < 6, u < 6 && v >= 6];
          expect(ages[i]).toBe(dormant ? 0 : 1 + (old ? 40 : 30));
          if (dormant) expect(weights[i]).toBe(0);
        }
      }
    }
  });

  it("leaves frozen parts as they were", async () => {
    const config = tinyConfig({ recipe: [atStep(10, { ...grow, freezeOld: true })] });
    const driven = await drive(config, interpreter());
    await driven.trainer.advance(10);
    await driven.trainer.advance(0);
    const read = async () => {
      const { arrays, layout } = driven.trainer.core.network;
      const all = new Float32Array(await arrays.params.read());
      return (path: string) => {
        const { offset, count } = layout.entries.get(path)!;
        return all.slice(offset, offset + count);
      };
    };
    const then = await read();
    await finish(driven);
    const now = await read();
    expect(now("embed.weight")).toEqual(then("embed.weight"));
    expect(now("head.weight")).not.toEqual(then("head.weight"));
    // Rows of x.weight: 4 gates × 10 cells × 5 inputs, the first 6 cells of each gate are old.
    const rows = (values: Float32Array, old: boolean) =>
      [0, 1, 2, 3].map((g) => values.slice((g * 10 + (old ? 0 : 6)) * 5, (g * 10 + (old ? 6 : 10)) * 5));
    expect(rows(now("layers.0.x.weight"), true)).toEqual(rows(then("layers.0.x.weight"), true));
    expect(rows(now("layers.0.x.weight"), false)).not.toEqual(rows(then("layers.0.x.weight"), false));
  });

  it("that is refused leaves training as it was", async () => {
    const small = { id: "lstm", blocks: [6], embed: 5, maxCells: 16 };
    const tooLarge = { ...grow, cells: 64 };
    const plain = await drive(tinyConfig({ model: small }), interpreter());
    await finish(plain);
    const config = tinyConfig({ model: small, recipe: [atStep(7, tooLarge), plateauOf(tooLarge)] });
    const refused = await drive(config, interpreter());
    await finish(refused);
    const said = eventsOf(refused.events, "structure/refused");
    expect(said.length).toBeGreaterThanOrEqual(1);
    expect(said[0]!.message).toMatch(/^Not grown: /);
    expect(eventsOf(refused.events, "structure/done")).toEqual([]);
    expect(losses(refused.events)).toEqual(losses(plain.events));
  });

  it("of a GPT doubles its layers, with the optimizer started anew", async () => {
    const config = tinyConfig({ ...tinyGpt, recipe: [atStep(10, { id: "stack" })] });
    const driven = await drive(config, interpreter());
    await driven.trainer.advance(12);
    await driven.trainer.settled();
    expect(driven.trainer.core.network.arch.layers).toBe(2);
    expect(driven.trainer.core.updates).toBe(2);
    // And with a learning rate that rises again over 20 updates.
    const rates = eventsOf(driven.events, "step").map(({ lr }) => lr);
    expect(rates.slice(9)).toEqual([0.01, 0.01 / 20, 0.01 * (2 / 20)]);
    expect(eventsOf(driven.events, "structure/done")[0]!.lossAfter).toBeGreaterThan(0);
  });
});

const plateauOf = (action: object) => ({ ...plateau, action });

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

  it("is refused with a sentence when it is none", async () => {
    const bad = drive(tinyConfig(), interpreter(), new ArrayBuffer(5));
    await expect(bad).rejects.toThrow("This is not a saved run: the file is cut off.");
  });
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
