/**
 * Structural events of every kind, on the interpreter: what each leaves as it was and what it changes, the scoring window
 * before one, undo and replay, and that a fault at any of the ten stages leaves no trace (grow-prune §1.3).
 *
 * Long because every kind goes through the same two small methods and the same way of reading a run.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { FORBIDDEN, isActive } from "../engine/ops/mask-tiles.ts";
import { bitsOf, cut, registerCutAndWake, wake } from "../testing/cut-and-wake.ts";
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
import { STAGES, type Stage } from "./event-terms.ts";
import { Trainer } from "./trainer.ts";

beforeAll(registerCutAndWake);

const READOUT = "head.weight";
const atStep = (step: number, action: object) => ({ trigger: { id: "step", step }, action });

async function finish({ trainer }: Driven): Promise<void> {
  while (trainer.phase === "ready") await trainer.advance(1000);
}

describe("a mask event", () => {
  for (const [model, path, change] of [
    ["an LSTM", READOUT, {}],
    ["a GPT", "blocks.0.attn.qkv.weight", tinyGpt],
    ["a cascade", "layers.0.h.weight", { model: { id: "lstm", blocks: [4, 4], embed: 5, maxCells: 24 } }],
  ] as const) {
    it(`of ${model}: the dead are 0 and stay so, everything else is bit for bit what it was`, async () => {
      const driven = await drive(
        tinyConfig({ ...change, optim: { id: "adamw", lr: 1e-2, weightDecay: 0.1 } }),
        interpreter(),
      );
      const { trainer, events } = driven;
      await trainer.advance(10);
      await trainer.settled();
      const then = await bitsOf(driven);
      trainer.act({ id: cut.id, target: path });
      await trainer.advance(0);
      const now = await bitsOf(driven);
      const [done] = eventsOf(events, "structure/done");
      for (const { path: other } of trainer.core.network.specs) {
        for (const name of ["params", "m", "v"] as const) {
          if (other !== path) expect(now(name, other), `${name} ${other}`).toEqual(then(name, other));
          else expect(new Set(now(name, other)), name).toEqual(new Set([0]));
        }
        const ages = new Set(now("age", other));
        ages.delete(0);
        // What Cascade does not have.
        ages.delete(FORBIDDEN);
        expect(ages, other).toEqual(other === path ? new Set() : new Set([11]));
      }
      const active = done!.counts[path]![0];
      expect(done).toMatchObject({
        kind: "prune",
        counts: { [path]: [active, 0] },
        activeBefore: done!.activeAfter + active,
        paramsAfter: done!.paramsBefore,
        extra: { regions: 1 },
        notes: ["A note."],
        by: "hand",
      });
      expect(Object.keys(done!.counts)).toEqual([path]);
      // 2 a multiply-add: each weight is used once a token.
      expect(trainer.core.network.flops.executed - trainer.core.network.flops.active).toBeGreaterThanOrEqual(
        2 * active,
      );
      await finish(driven);
      const end = await bitsOf(driven);
      for (const name of ["params", "m", "v"] as const)
        expect(new Set(end(name, path))).toEqual(new Set([0]));
      expect(end("age", path).some(isActive)).toBe(false);
      expect(new Set(end("params", trainer.core.network.specs[0]!.path)).size).toBeGreaterThan(1);
    });
  }

  it("compiles nothing and makes no program twice where the run keeps ages already", async () => {
    const backend = interpreter();
    const driven = await drive(
      tinyConfig({ recipe: [atStep(5, { id: cut.id, target: "head.bias" })] }),
      backend,
    );
    await driven.trainer.advance(10);
    const { train, evaluate, probe } = driven.trainer.core.network;
    driven.trainer.act({ id: cut.id, target: READOUT });
    await driven.trainer.advance(0);
    const now = driven.trainer.core.network;
    expect([now.train, now.evaluate, now.probe]).toEqual([train, evaluate, probe]);
    await finish(driven);
  });
});

describe("freeze", () => {
  const part = "layers.0.h.weight";
  it("a part keeps its weights and slots to the bit, trains again when thawed, and costs no function", async () => {
    const driven = await drive(tinyConfig(), interpreter());
    const { trainer, events } = driven;
    await trainer.advance(8);
    trainer.act({ id: "freeze", target: part });
    await trainer.advance(0);
    const then = await bitsOf(driven);
    await trainer.advance(10);
    await trainer.settled();
    const later = await bitsOf(driven);
    for (const name of ["params", "m", "v", "age"] as const)
      expect(later(name, part)).toEqual(then(name, part));
    expect(later("params", READOUT)).not.toEqual(then("params", READOUT));
    trainer.act({ id: "freeze", target: part });
    trainer.act({ id: "freeze", target: part, how: "thaw" });
    await trainer.advance(0);
    expect(eventsOf(events, "structure/refused").map(({ message }) => message)).toEqual([
      "Not frozen: nothing in this part still trains.",
    ]);
    expect(eventsOf(events, "structure/done").map(({ extra }) => extra.frozen)).toEqual([144, -144]);
    await finish(driven);
    const end = await bitsOf(driven);
    expect(end("params", part)).not.toEqual(then("params", part));
    expect(new Set(end("age", part))).toEqual(new Set([1 + 8 + 22]));
  });

  it("knows layers and tiles, and says what it does not know", async () => {
    const driven = await drive(
      tinyConfig({ model: { id: "lstm", blocks: [4, 4], embed: 5, maxCells: 24 } }),
      interpreter(),
    );
    const { trainer, events } = driven;
    const tier = trainer.core.setup.model.anatomy(trainer.core.network.arch, trainer.core.setup.shape)
      .tiers[1]!;
    const tile = [...tier.left, ...tier.right].find(({ kind }) => kind === "weight")!;
    trainer.act({ id: "freeze", target: "layers.0" });
    trainer.act({ id: "freeze", target: "layers.9" });
    trainer.act({ id: "freeze", target: "layers.0", how: "thaw" });
    trainer.act({ id: "freeze", target: tile.id });
    await trainer.advance(0);
    expect(eventsOf(events, "structure/refused").map(({ message }) => message)).toEqual([
      'Not frozen: the network has no part "layers.9".',
    ]);
    const [layer, , one] = eventsOf(events, "structure/done").map(({ extra }) => extra.frozen!);
    // x [4, 8, 5], h [4, 8, 8] without 4 × 4 × 4 that Cascade has not, bias [4, 8].
    expect(layer).toBe(160 + 256 - 64 + 32);
    expect(one).toBeGreaterThan(0);
    expect(one).toBeLessThan(layer!);
    // A tier whole: each of its tiles, two of which lie in one matrix.
    trainer.act({ id: "freeze", target: tier.id });
    await trainer.advance(0);
    const tiles = [...tier.left, ...tier.right].filter((part) => part.kind === "weight");
    expect(new Set(tiles.map(({ path }) => path)).size).toBeLessThan(tiles.length);
    const entries = tiles.map(({ slice }) => slice.reduce((n, [from, to]) => n * (to - from), 1));
    expect(eventsOf(events, "structure/done").at(-1)!.extra.frozen! + one!).toBe(
      entries.reduce((a, b) => a + b, 0),
    );
    expect(() => trainer.act({ id: "freeze", target: "no/slashes" })).toThrow("Not frozen: freeze.target is");
  });
});

describe("remove newest block", () => {
  for (const grow of ["cascade", "fully-connected"]) {
    it(`after ${grow}: gives back what was frozen, to the bit`, async () => {
      const driven = await drive(tinyConfig(), interpreter());
      const { trainer, events } = driven;
      await trainer.advance(10);
      trainer.act({ id: "freeze", target: "" });
      await trainer.advance(0);
      const then = await bitsOf(driven);
      const [loss] = eventsOf(events, "structure/done").map(({ lossAfter }) => lossAfter);
      trainer.act({ id: grow, cells: 4 });
      await trainer.advance(6);
      trainer.act({ id: "remove-block" });
      await trainer.advance(0);
      const now = await bitsOf(driven);
      const { specs, arch } = trainer.core.network;
      expect(arch.blocks).toEqual([6]);
      for (const { path } of specs) {
        for (const name of ["params", "m", "v"] as const) {
          expect(now(name, path), `${name} ${path}`).toEqual(then(name, path));
        }
      }
      const done = eventsOf(events, "structure/done").at(-1)!;
      expect(done).toMatchObject({ kind: "remove", sizeAfter: "6 cells in 1 block" });
      // The new block had learned something: without it the loss is the old one again.
      expect(done.lossAfter).toBeCloseTo(loss!, 6);
      expect(done.lossBefore).not.toBe(done.lossAfter);
      trainer.act({ id: "remove-block" });
      await trainer.advance(0);
      expect(eventsOf(events, "structure/refused")[0]!.message).toBe(
        "Not removed: the network has one block only. Training goes on.",
      );
    });
  }
});

describe("a scoring window", () => {
  const action = { id: wake.id, target: READOUT };
  const recipe = [atStep(6, { id: cut.id, target: READOUT }), atStep(10, action)];

  it("opens at its step, sums the signed dense gradient, and the event acts when it closes", async () => {
    const driven = await drive(tinyConfig({ recipe }), interpreter());
    const { trainer, events } = driven;
    await trainer.advance(10);
    await trainer.advance(0);
    expect(trainer.core.window).toEqual({ index: 1, opened: 10, closes: 14 });
    // The gradients themselves, step by step, beside the sum.
    const { layout } = trainer.core.network;
    const { offset, count } = layout.entries.get(READOUT)!;
    const sum = new Float32Array(count);
    for (let i = 0; i < 3; i++) {
      await trainer.advance(1);
      const grads = new Float32Array(await trainer.core.network.grads.read());
      sum.forEach((s, k) => {
        sum[k] = Math.fround(s + grads[offset + k]!);
      });
    }
    const { score } = trainer.core.network.arrays;
    expect([...new Float32Array(await score!.read()).subarray(offset, offset + count)]).toEqual([...sum]);
    expect(sum.some((g) => g > 0) && sum.some((g) => g < 0)).toBe(true);
    await trainer.advance(1);
    await trainer.advance(0);
    expect(trainer.core.window).toBeNull();
    expect(trainer.core.network.arrays.score).toBeNull();
    expect(eventsOf(events, "structure/done").map(({ step, kind }) => [step, kind])).toEqual([
      [6, "prune"],
      [14, "grow"],
    ]);
    const woken = await bitsOf(driven);
    expect(new Set(woken("age", READOUT))).toEqual(new Set([1]));
    expect(new Set(woken("params", READOUT)).size).toBeGreaterThan(count / 2);
    await trainer.advance(1);
    await trainer.settled();
    expect(eventsOf(events, "step").at(-1)!.lr).toBe(0.005);
    await finish(driven);
    expect((await bitsOf(driven))("age", READOUT)[0]).toBe(1 + 26);
  });

  it("changes nothing of training, whatever waits behind it waits, and the memory comes back", async () => {
    const one = recipe.slice(0, 1);
    const plain = await drive(tinyConfig({ recipe: one }), interpreter());
    await finish(plain);
    const backend = interpreter();
    const refusing = [
      ...one,
      atStep(10, { ...action, target: "nowhere" }),
      atStep(12, { id: cut.id, target: "embed" }),
    ];
    const driven = await drive(tinyConfig({ recipe: refusing.slice(0, 2) }), backend);
    await driven.trainer.advance(9);
    const held = backend.bytes;
    await finish(driven);
    expect(losses(driven.events)).toEqual(losses(plain.events));
    expect(backend.bytes).toBe(held);
    expect(eventsOf(driven.events, "structure/refused")[0]).toMatchObject({ step: 14, kind: "grow" });
    const waiting = await drive(tinyConfig({ recipe: refusing }), interpreter());
    await finish(waiting);
    expect(eventsOf(waiting.events, "structure/done").map(({ step }) => step)).toEqual([6, 14]);
  });

  it("is saved and gone on with, undone and replayed", async () => {
    const config = tinyConfig({ recipe: recipe.slice(0, 1) });
    const straight = await drive(tinyConfig({ recipe }), interpreter());
    await finish(straight);
    const first = await drive(config, interpreter());
    await first.trainer.advance(10);
    first.trainer.act(action);
    await first.trainer.advance(2);
    const second = await drive(config, interpreter(), await first.trainer.snapshot());
    expect(second.trainer.core.window).toEqual({ index: 1, opened: 10, closes: 14 });
    await finish(second);
    const joined = new Map([...losses(first.events), ...losses(second.events)]);
    expect(joined).toEqual(losses(straight.events));
    expect(second.trainer.recipe).toEqual(straight.trainer.recipe);
    // Undone, it leaves the recipe, and the run goes on as without it.
    const plain = await drive(config, interpreter());
    await finish(plain);
    await straight.trainer.goto(eventsOf(straight.events, "structure/done")[1]!.parent);
    expect(straight.trainer.recipe).toHaveLength(1);
    await finish(straight);
    expect(losses(straight.events)).toEqual(losses(plain.events));
  });

  it("of a rule, undone: the recipe leaves it out, and says so", async () => {
    const every = { trigger: { id: "every", steps: 12, times: 2 }, action };
    const driven = await drive(tinyConfig({ recipe: [recipe[0], every] }), interpreter());
    const { trainer, events } = driven;
    await trainer.advance(20);
    expect(eventsOf(events, "structure/done").map(({ step }) => step)).toEqual([6, 16]);
    await trainer.goto(eventsOf(events, "structure/done")[1]!.parent);
    await finish(driven);
    expect(trainer.recipe.at(-1)).toEqual({ trigger: { id: "step", step: 12 }, action: { id: "skip" } });
    const replay = await drive(tinyConfig({ recipe: trainer.recipe }), interpreter());
    await finish(replay);
    expect(losses(replay.events)).toEqual(losses(events));
  });
});

describe("a fault at any stage", () => {
  const kinds: readonly [string, object, object][] = [
    ["a growth", { id: "cascade", cells: 4 }, {}],
    ["a growth that resets", { id: "stack" }, tinyGpt],
    ["a pruning", { id: cut.id, target: READOUT }, {}],
    ["a freezing", { id: "freeze", target: READOUT }, {}],
    ["a removal", { id: "remove-block" }, { model: { id: "lstm", blocks: [4, 4], embed: 5, maxCells: 24 } }],
    ["an event after a window", { id: wake.id, target: READOUT }, {}],
  ];

  it.each(kinds)(
    "of %s leaves the run as it was, frees what it took, and training goes on",
    async (_, action, change) => {
      const config = tinyConfig({ ...change, budget: { unit: "steps", amount: 52 } });
      const plain = await drive(config, interpreter());
      await finish(plain);
      const backend = interpreter();
      const events: Driven["events"] = [];
      let fault: Stage | null = null;
      const seen: Stage[] = [];
      const { deps } = await drive(config, backend);
      const trainer = await Trainer.create({
        ...deps,
        config,
        emit: (event) => events.push(event),
        onStage: (stage) => {
          seen.push(stage);
          if (stage === fault) throw new Error(`a fault at "${stage}"`);
        },
      });
      const driven = { trainer, events, deps };
      await trainer.advance(5);
      await trainer.settled();
      const then = await bitsOf(driven);
      const held = backend.bytes;
      for (const stage of STAGES) {
        fault = stage;
        seen.length = 0;
        trainer.act(action as never);
        const at = trainer.step;
        await trainer.advance(0);
        while (trainer.core.window !== null) await trainer.advance(1);
        await trainer.settled();
        expect(seen.at(-1), "the fault happened").toBe(stage);
        expect(backend.bytes, stage).toBe(held);
        const refused = eventsOf(events, "structure/refused").at(-1)!;
        expect(refused.message).toContain(`the event failed and was taken back (a fault at "${stage}")`);
        expect(trainer.core).toMatchObject({ phase: "ready", event: 0, window: null });
        expect(trainer.recipe).toEqual([]);
        if (trainer.step === at && at === 5) {
          const now = await bitsOf(driven);
          for (const { path } of trainer.core.network.specs) {
            for (const name of ["params", "m", "v", "age"] as const)
              expect(now(name, path)).toEqual(then(name, path));
          }
        }
      }
      expect(eventsOf(events, "structure/done")).toEqual([]);
      expect(trainer.core.history.nodes).toHaveLength(1);
      fault = null;
      await finish(driven);
      expect(losses(events)).toEqual(losses(plain.events));
      // And the event itself, without a fault, happens.
      await trainer.goto("start");
      trainer.act(action as never);
      await finish(driven);
      expect(eventsOf(events, "structure/done")).toHaveLength(1);
      expect(seen.slice(-STAGES.length)).toEqual([...STAGES]);
    },
  );
});

describe("what was done by hand", () => {
  it("is replayed by its recipe, to the bit: cut, freeze, grow, wake, remove", async () => {
    const driven = await drive(tinyConfig(), interpreter());
    const { trainer, events } = driven;
    await trainer.advance(4);
    trainer.act({ id: cut.id, target: READOUT });
    await trainer.advance(4);
    trainer.act({ id: "freeze", target: "embed.weight" });
    await trainer.advance(3);
    trainer.act({ id: "cascade", cells: 5 });
    await trainer.advance(3);
    trainer.act({ id: wake.id, target: READOUT });
    trainer.act({ id: "freeze", target: "embed.weight", how: "thaw" });
    await trainer.advance(10);
    trainer.act({ id: "remove-block" });
    await finish(driven);
    expect(eventsOf(events, "structure/done")).toHaveLength(6);
    const replay = await drive(tinyConfig({ recipe: trainer.recipe }), interpreter());
    await finish(replay);
    // But for who decided: there a hand, here the recipe.
    const same = (all: typeof events) =>
      all
        .filter(({ type }) => type !== "run/started")
        .map((event) => ({ ...(timeless(event) as object), by: "" }));
    expect(same(replay.events)).toEqual(same(events));
    expect(new Set(eventsOf(events, "structure/done").map(({ by }) => by))).toEqual(new Set(["hand"]));
    expect(new Set(eventsOf(replay.events, "structure/done").map(({ by }) => by))).toEqual(new Set(["step"]));
  });
});
