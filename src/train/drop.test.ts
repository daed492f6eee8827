/** Layer dropping in a run, on the interpreter: what a left-out layer keeps, what is paid, what never notices. */
import { describe, expect, it } from "vitest";
import { arenaLayout } from "../engine/layout.ts";
import type { Backend, Executable } from "../engine/types.ts";
import type { RunConfig } from "../run/config.ts";
import { type Driven, drive, eventsOf, interpreter, losses, timeless, tinyConfig } from "../testing/runs.ts";

const small = { layers: 4, width: 8, heads: 2, ffn: 2, maxLayers: 8 };
const at0 = (action: object) => [{ trigger: { id: "step", step: 0 }, action }];
/** θ̄ is reached at once. */
const PLD = { id: "pld", theta: 0.4, gamma: 1000 };

const config = (change: object = {}): RunConfig =>
  tinyConfig({ model: { id: "gpt", ...small }, eval: { every: 10, batches: 1 }, ...change });

const FAMILIES: readonly [string, object][] = [
  ["gpt", {}],
  ["bert", { model: { id: "bert", ...small } }],
  ["vit", { model: { id: "vit", ...small, patch: "4" }, data: { id: "mnist" }, batch: 6 }],
];

async function finish({ trainer }: Driven): Promise<void> {
  while (trainer.phase === "ready") await trainer.advance(1000);
}

async function whole(given: RunConfig, backend: Backend = interpreter()): Promise<Driven> {
  const driven = await drive(given, backend);
  await finish(driven);
  return driven;
}

const floats = async (driven: Driven) =>
  new Float32Array(await driven.trainer.core.network.arrays.params.read());

/** Tells what each replay of a training step left out. `really`: the step is taken. */
function watched(really = true): { readonly backend: Backend; readonly skips: Set<string>[] } {
  const backend = interpreter();
  const skips: Set<string>[] = [];
  const compile = async (...args: Parameters<Backend["compile"]>): Promise<Executable> => {
    const made = await backend.compile(...args);
    const run = made.run.bind(made);
    made.run = (words, skip) => {
      if ("losses" in made.program.outputs) skips.push(new Set(skip));
      if (really || !("losses" in made.program.outputs)) run(words, skip);
    };
    return made;
  };
  return {
    backend: {
      ...backend,
      compile,
      get bytes() {
        return backend.bytes;
      },
    },
    skips,
  };
}

describe("dropping nothing", () => {
  const families = FAMILIES.filter(([name]) => name !== "bert" || process.env.ESPALIER_LONG);
  it.each(families)("is the run without dropping, bit for bit (%s)", async (name, change) => {
    const given = (recipe: object[]) => config({ ...change, budget: { amount: 5 }, recipe });
    const plain = await whole(given([]));
    const open = { id: "pld", theta: 1 };
    const others = [{ id: "random-drop", rate: 0 }];
    for (const action of name === "gpt" ? [open, ...others] : [open]) {
      const driven = await whole(given(at0(action)));
      expect(eventsOf(driven.events, "step").every(({ layers }) => layers?.ran === "1111")).toBe(true);
      expect(losses(driven.events)).toEqual(losses(plain.events));
      expect(await floats(driven)).toEqual(await floats(plain));
    }
  });
});

describe("a layer that is left out", () => {
  it.each(FAMILIES)("keeps weights and moments; the others learn (%s)", async (_, change) => {
    const { trainer, events } = await drive(config({ ...change, recipe: at0(PLD) }), interpreter());
    const { core } = trainer;
    const see = async () => {
      const { params, slots } = core.network.arrays;
      return Promise.all([params, ...slots].map(async (arena) => new Uint32Array(await arena.read())));
    };
    await trainer.advance(2);
    let left = 0;
    for (let i = 0; i < 12; i++) {
      const before = await see();
      await trainer.advance(1);
      await trainer.settled();
      const after = await see();
      const { layers } = eventsOf(events, "step").at(-1)!;
      for (const { path, layer } of core.network.specs) {
        const { offset, count } = arenaLayout(core.network.specs).entries.get(path)!;
        const same = before.map(
          (words, k) =>
            words.subarray(offset, offset + count).join() ===
            after[k]!.subarray(offset, offset + count).join(),
        );
        const ran = layer === undefined || layers!.ran[layer] === "1";
        if (!ran) left++;
        expect(same, `${path} at step ${core.step}, ${layers!.ran}`).toEqual(same.map(() => !ran));
      }
    }
    expect(left).toBeGreaterThan(0);
    const ran = eventsOf(events, "step").map(({ layers }) => layers!.ran);
    expect(core.drop!.updates).toEqual([0, 1, 2, 3].map((l) => ran.filter((bits) => bits[l] === "1").length));
  });

  it("counts its updates anew where a growth resets the optimizer", async () => {
    const { trainer } = await drive(config({ recipe: at0(PLD) }), interpreter());
    await trainer.advance(4);
    expect(Math.max(...trainer.core.drop!.updates)).toBeGreaterThan(0);
    trainer.act({ id: "fpi", depth: "none" });
    await trainer.advance(0);
    expect(trainer.core).toMatchObject({ event: 2, updates: 0, drop: { updates: [0, 0, 0, 0] } });
  });

  it("decays where it is to be updated by a gradient of zero", async () => {
    const recipe = at0({ id: "random-drop", rate: 0.95, zeroGrad: true });
    const given = config({ recipe, optim: { id: "adamw", lr: 1e-2, weightDecay: 0.5 } });
    const { trainer, events } = await drive(given, interpreter());
    await trainer.advance(4);
    await trainer.settled();
    const { specs, arrays } = trainer.core.network;
    const read = async () => new Float32Array(await arrays.slots[0]!.read());
    const first = await read();
    await trainer.advance(1);
    await trainer.settled();
    const next = await read();
    const { ran } = eventsOf(events, "step").at(-1)!.layers!;
    for (const { path, layer } of specs) {
      if (layer === undefined || ran[layer] === "1") continue;
      const { offset } = arenaLayout(specs).entries.get(path)!;
      // The moment alone decays: m = .9 m + .1 · 0.
      expect(next[offset]).toBe(Math.fround(0.9 * first[offset]!));
    }
    expect(ran).toContain("0");
    expect(trainer.core.drop!.updates).toEqual([5, 5, 5, 5]);
  });

  it("is named to the device, forward and backward, and no other", async () => {
    const { backend, skips } = watched();
    const { events } = await whole(config({ budget: { amount: 12 }, recipe: at0(PLD) }), backend);
    const ran = eventsOf(events, "step").map(({ layers }) => layers!.ran);
    expect(skips.map((skip) => [...skip].sort())).toEqual(
      ran.map((bits) =>
        [0, 1, 2, 3].filter((l) => bits[l] === "0").flatMap((l) => [`blocks.${l}`, `blocks.${l}.grad`]),
      ),
    );
  });
});

describe("the scale of a layer that runs", () => {
  it("is 1/p by the paper and by deepspeed, and none by ntng", async () => {
    // All four layers are to run at least, so what is left of dropping is the scale.
    const given = (variant: string | null) => {
      const recipe = variant === null ? [] : at0({ ...PLD, variant, least: 4 });
      return config({ recipe, budget: { amount: 3 }, optim: { id: "sgd", lr: 1e-6 } });
    };
    const of = async (variant: string | null) => [...losses((await whole(given(variant))).events).values()];
    const [plain, paper] = [await of(null), await of("paper")];
    const [deepspeed, ntng] = [await of("deepspeed"), await of("ntng")];
    expect(ntng).toEqual(plain);
    // The first step has θ = 1: no scale yet. Both scale by 1/p and differ in what they draw alone.
    expect([paper[0], deepspeed[0]]).toEqual([plain[0], plain[0]]);
    expect(paper[1]).not.toBe(plain[1]);
    expect(deepspeed).toEqual(paper);
  });
});

describe("what a step costs", () => {
  it("is a quarter less at θ = .5 on 8 layers, and what is charged is what runs", async () => {
    const { backend, skips } = watched(false);
    // Wide enough that layers are nearly all of it, as they are at any size worth training.
    const model = { id: "gpt", layers: 8, width: 8, heads: 2, ffn: 4 };
    const given = config({
      model,
      budget: { amount: 200 },
      batch: 1,
      recipe: at0({ id: "pld", theta: 0.5, gamma: 1000 }),
    });
    const driven = await whole(given, backend);
    const { train, flops } = driven.trainer.core.network;
    const saved = new Map(train.program.segments.map((segment) => [segment.name, segment.flops ?? 0]));
    const executed = skips.map((skip) =>
      [...skip].reduce((sum, name) => sum - saved.get(name)!, train.program.flops),
    );
    const mean = executed.reduce((sum, n) => sum + n, 0) / executed.length;
    expect(executed).toHaveLength(200);
    expect(mean).toBeLessThan(0.75 * train.program.flops);
    // Charged by the model's formula, 3 × forward; the plan counts its ops one by one.
    const charged = driven.trainer.core.ledger.spent.flops;
    const full = 3 * flops.executed * given.batch * given.context * 200;
    expect(charged / full).toBeCloseTo(mean / train.program.flops, 1);
    expect(charged).toBeLessThan(0.75 * full);
  });

  it("ends a budget of FLOPs where it is used up, and the same budget lasts longer", async () => {
    const budget = { unit: "flops", amount: 6e6 };
    const plain = await whole(config({ budget }));
    const dropped = await whole(config({ budget, recipe: at0(PLD) }));
    expect(dropped.trainer.step).toBeGreaterThan(1.2 * plain.trainer.step);
    for (const { trainer } of [plain, dropped]) {
      const { spent, full } = trainer.core.ledger;
      expect(spent.flops).toBeLessThanOrEqual(budget.amount);
      expect(spent.flops + full.flops).toBeGreaterThan(budget.amount);
    }
  });
});

describe("a run that drops layers", () => {
  it("evaluates with all of them, whatever is drawn", async () => {
    const still = { recipe: at0(PLD), optim: { id: "sgd", lr: 1e-6 } };
    const one = await whole(config({ ...still, budget: { amount: 30 } }));
    const plain = await whole(config({ ...still, recipe: [], budget: { amount: 30 } }));
    const of = ({ events }: Driven) => eventsOf(events, "eval").map(({ loss }) => loss);
    expect(of(one)[0]).toBe(of(plain)[0]);
    // Steps of 1e-6 move nothing that four places show.
    of(one).forEach((loss, i) => {
      expect(loss).toBeCloseTo(of(plain)[i]!, 4);
    });
  });

  it("is repeated by its recipe, by a snapshot, by undo, with masks and after growth, to the bit", async () => {
    const backend = interpreter();
    const driven = await drive(config({ budget: { amount: 34 }, recipe: [] }), backend);
    const { trainer, events } = driven;
    await trainer.advance(5);
    trainer.act(PLD);
    await trainer.advance(7);
    trainer.act({ id: "stack", map: "stack", slots: "carry" });
    await trainer.advance(7);
    expect(trainer.core.network.arch.layers).toBe(8);
    expect(trainer.core.network.gates).toBe("scale");
    const saved = await trainer.snapshot();
    trainer.act({ id: "magnitude", mode: "fraction", grace: 0, share: 0.3 });
    await trainer.advance(9);
    await trainer.settled();
    const before = losses(events);
    await trainer.goto(trainer.core.history.nodes.at(-1)!.parent!);
    await trainer.advance(0);
    trainer.act({ id: "magnitude", mode: "fraction", grace: 0, share: 0.3 });
    await trainer.advance(9);
    await trainer.settled();
    expect(losses(events)).toEqual(before);
    trainer.act({ id: "all-layers" });
    await finish(driven);
    expect(trainer.core.network.gates).toBe("skip");
    const last = eventsOf(events, "step").at(-1)!;
    expect(last.layers).toBeUndefined();
    expect(eventsOf(events, "structure/refused")).toEqual([]);

    const replay = await whole(config({ budget: { amount: 34 }, recipe: trainer.recipe }));
    expect(losses(replay.events)).toEqual(losses(events));
    expect(await floats(replay)).toEqual(await floats(driven));

    const again = await drive(config(), interpreter(), saved);
    again.trainer.act({ id: "magnitude", mode: "fraction", grace: 0, share: 0.3 });
    await again.trainer.advance(9);
    await again.trainer.settled();
    const resumed = losses(again.events);
    for (const [step, loss] of resumed) if (step > 19) expect(loss, `step ${step}`).toBe(before.get(step));
    expect(resumed.size).toBeGreaterThanOrEqual(9);
  });

  it("counts the updates of each layer into its ages", async () => {
    const { trainer } = await drive(config({ recipe: at0({ id: "random-drop", rate: 0.6 }) }), interpreter());
    await trainer.advance(9);
    const { updates } = trainer.core.drop!;
    trainer.act({ id: "magnitude", mode: "fraction", grace: 0, share: 0.1 });
    await trainer.advance(0);
    const { specs, arrays } = trainer.core.network;
    const ages = new Uint32Array(await arrays.age!.read());
    for (const { path, layer } of specs) {
      const { offset, count } = arenaLayout(specs).entries.get(path)!;
      const received = layer === undefined ? 9 : updates[layer]!;
      const seen = new Set(ages.subarray(offset, offset + count));
      seen.delete(0);
      expect([...seen], path).toEqual([1 + received]);
    }
    expect(new Set(updates).size).toBeGreaterThan(1);
  });

  it("says the same whatever is late", async () => {
    const given = config({ recipe: at0(PLD), budget: { amount: 20 } });
    let n = 0;
    const late = interpreter(() => new Promise((go) => setTimeout(go, (n++ * 7919) % 5)));
    const [one, two] = [await whole(given), await whole(given, late)];
    expect(two.events.map(timeless)).toEqual(one.events.map(timeless));
  });
});
