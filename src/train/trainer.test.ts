/**
 * The whole loop on the interpreter: two runs agree to the byte however late losses come back, triggers act at their
 * steps, and a growth keeps what it must keep.
 */
import { describe, expect, it } from "vitest";
import { NoRoom } from "../engine/no-room.ts";
import type { Backend } from "../engine/types.ts";
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

it("dropout that is switched on while a run goes acts from the next step on, and not before", async () => {
  const config = tinyConfig({ budget: { unit: "steps", amount: 8 } });
  const [plain, edited] = [await drive(config, interpreter()), await drive(config, interpreter())];
  await finish(plain);
  await edited.trainer.advance(4);
  edited.trainer.edit("model.dropout", 0.5);
  await finish(edited);
  const [before, after] = [losses(plain.events), losses(edited.events)];
  const changed = [...before].flatMap(([step, loss]) => (after.get(step) === loss ? [] : [step]));
  expect(changed).toEqual([5, 6, 7, 8]);
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
      by: "step",
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
          expect(ages[i]).toBe(dormant ? 0x80000000 : 1 + (old ? 40 : 30));
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

  it("for which the device has no room is refused, frees what it took, and training goes on", async () => {
    const plain = await drive(tinyConfig(), interpreter());
    await finish(plain);
    const backend = interpreter();
    let full = false;
    const small: Backend = {
      ...backend,
      get bytes() {
        return backend.bytes;
      },
      compile: (program, onProgress) =>
        // The larger network's evaluation: by then its training step has been compiled.
        full && program.outputs.loss !== undefined && program.outputs.logits === undefined
          ? Promise.reject(new NoRoom("This GPU has no room for that: the network needs 9 GiB."))
          : backend.compile(program, onProgress),
    };
    const driven = await drive(tinyConfig(), small);
    const { trainer, events } = driven;
    await trainer.advance(20);
    const before = backend.bytes;
    full = true;
    trainer.act(grow);
    await trainer.advance(0);
    expect(backend.bytes).toBe(before);
    expect(eventsOf(events, "structure/refused")[0]!.message).toBe(
      "Not grown: this GPU has no room for that: the network needs 9 GiB. Training goes on.",
    );
    await finish(driven);
    expect(losses(events)).toEqual(losses(plain.events));
    expect(trainer.recipe).toEqual([]);
    trainer.dispose();
    expect(backend.bytes).toBe(0);
    // And a run that cannot even begin leaves nothing behind.
    await expect(drive(tinyConfig(), small)).rejects.toThrow("no room");
    expect(backend.bytes).toBe(0);
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
