/** Which way of a dispatch the table takes on each class of adapter, and what may be timed there. */
import { describe, expect, it } from "vitest";
import { matmulGrad } from "../engine/ops/matmul-grad.ts";
import { plan } from "../engine/plan.ts";
import type { Dispatch } from "../engine/tiles.ts";
import { createTrace } from "../engine/trace.ts";
import { variantsOf } from "../engine/variants.ts";
import { Choices } from "./choices.ts";
import { hasQuads, Tuning, type TuningOptions } from "./tuning.ts";

const dispatch = (
  shader: string,
  entry: string,
  sizes: Dispatch["sizes"],
  constants: Dispatch["constants"] = {},
): Dispatch => ({
  ...{ kind: "dispatch", op: shader, shader, entry, constants, sizes, bind: {} },
  grid: [1, 1, 1],
});

const product = (m: number, n: number, k: number): Dispatch =>
  dispatch("matmul", "forward", { m, n, k }, { TA: 0, TB: 1, VEC_A: 1, VEC_B: 1, TAIL: 0 });
const gradient = (rows: number, n: number, k: number): Dispatch =>
  dispatch("matmul-grad", "backward", { rows, n, k }, { SPLITS: 1, VEC: 1 });
const attention = (time: number): Dispatch =>
  dispatch("attention", "forward", { batch: 2, time, heads: 4, d: 16 }, { VEC: 1, CAUSAL: 1 });
const lstm = dispatch("lstm", "forward", { batch: 8, hidden: 16 });
const sum = dispatch("reduce", "rows", { outer: 4 });

/** The shader that it takes for each. */
const taken = (options: TuningOptions, ...all: readonly Dispatch[]): readonly string[] => {
  const tuning = new Tuning(options);
  return all.map((one) => tuning.choose(one).shader);
};

it("subgroups of exactly four neighbours are quads", () => {
  const found = (subgroupMinSize: number, subgroupMaxSize: number, ...features: string[]) =>
    hasQuads(
      { info: { subgroupMinSize, subgroupMaxSize } } as GPUAdapter,
      { features: new Set(features) } as unknown as GPUDevice,
    );
  expect(found(4, 4, "subgroups")).toBe(true);
  expect([found(4, 32, "subgroups"), found(2, 4, "subgroups"), found(4, 4)]).toEqual([false, false, false]);
});

describe("the table", () => {
  it("takes quads, where there are, for what is large enough to earn back their compilation", () => {
    const quads = { quads: true };
    expect(taken(quads, product(128, 128, 128), product(128, 128, 124))).toEqual(["matmul-quad", "matmul"]);
    expect(taken(quads, gradient(128, 128, 128), gradient(124, 128, 128))).toEqual([
      ...["matmul-grad-quad", "matmul-grad"],
    ]);
    // 2 · 4 · 128² · 16 are just enough.
    expect(taken(quads, attention(128), attention(124))).toEqual(["attention-quad", "attention"]);
    expect(taken(quads, lstm, sum)).toEqual(["lstm-quad", "reduce"]);
    expect(new Tuning(quads).usual).toBe("quads");
  });

  it("takes what is spread on a card, be it large or small, and elsewhere the plain way", () => {
    const all = [product(128, 128, 128), product(8, 8, 8), sum];
    for (const quads of [false, true]) {
      expect(taken({ card: true, quads }, ...all)).toEqual(["matmul-spread", "matmul-spread", "reduce"]);
      expect(new Tuning({ card: true, quads }).usual).toBe("spread");
    }
    expect(taken({}, ...all, lstm)).toEqual(["matmul", "matmul", "reduce", "lstm"]);
    expect(new Tuning({}).usual).toBe("plain");
  });

  it("gives way to what is preferred, but never to what cannot run here", () => {
    const large = product(128, 128, 128);
    const preferring = (id: string, options: TuningOptions) => {
      const tuning = new Tuning(options);
      tuning.prefer(id);
      return tuning.choose(large);
    };
    expect(preferring("plain", { quads: true }).shader).toBe("matmul");
    expect(preferring("quads", { card: true }).shader).toBe("matmul");
    expect(preferring("spread 64×16×1", { quads: true }).constants.TILE).toBe(64);
    const tuning = new Tuning({ card: true });
    tuning.prefer("plain");
    tuning.prefer(null);
    expect(tuning.choose(large).shader).toBe("matmul-spread");
  });
});

it("a long form is worth it after as much work again as it would have to save", () => {
  const products = (rows: number) => {
    const t = createTrace();
    const inputs = [
      [rows, 512],
      [rows, 128],
      [512, 128],
    ].map((shape, i) => t.buffer(`input ${i}`, "data", { shape, dtype: "f32" }));
    t.call(matmulGrad, inputs, { bias: true, extra: "none", activation: "none" }).forEach((output, i) => {
      t.output(`output ${i}`, output);
    });
    return plan(t.finish(), { lanes: 1 });
  };
  const tuning = new Tuning({ quads: true });
  expect(tuning.later(products(1024))?.after).toBe(2 ** 34 / (2 * 1024 * 512 * 128));
  expect(tuning.later(products(1020))).toBeNull(); // a sum over 1020 rows does not go by eights
  expect(tuning.later(products(24))).toBeNull(); // too small for quads
  expect(new Tuning({}).later(products(1024))).toBeNull();
  // What has none beside it is not counted.
  const [one, none] = [products(1024), products(1020)];
  const both = { ...one, commands: [...none.commands, ...one.commands] };
  expect(tuning.later(both)?.after).toBe(tuning.later(one)?.after);
  expect([...tuning.later(both)!.dispatches.keys()]).toEqual([none.commands.length]);
  tuning.prefer("quads");
  expect(tuning.later(one)).toBeNull();
});

describe("what may be timed", () => {
  const idsOf = (options: TuningOptions, one: Dispatch) => {
    const choosable = new Tuning(options).choosable(one);
    return choosable && [choosable.standing.id, ...choosable.variants.map(({ id }) => id)];
  };

  it("is what can run here, and what the table takes stands", () => {
    const [spread, others] = ["spread 32×32×1", "spread 64×16×1"];
    expect(idsOf({ card: true }, product(128, 128, 128))).toEqual([spread, "plain", spread, others]);
    const quads = ["plain", spread, others, "quads", "long quads"];
    expect(idsOf({ quads: true }, product(128, 128, 128))).toEqual(["quads", ...quads]);
    expect(idsOf({ quads: true }, product(16, 16, 16))).toEqual(["plain", ...quads]);
    expect(idsOf({ card: true }, sum)).toBeNull();
  });

  it("is remembered by shape, by what there is to choose from, and by the texts of it", () => {
    const key = (options: TuningOptions) =>
      new Tuning({ card: true, ...options }).choosable(product(128, 128, 128))!.key;
    const keys = [
      key({}),
      key({ quads: true }),
      key({ variantsOf: (one) => variantsOf(one).slice(0, 2) }),
      key({ digestOf: (shader) => shader }),
      key({ digestOf: (shader) => (shader === "matmul-spread" ? "edited" : shader) }),
    ];
    expect(new Set(keys).size).toBe(5);
    expect(key({})).toBe(keys[0]);
  });

  it("decides, unless another way is preferred, or the name is of nothing that there is", () => {
    const one = product(128, 128, 128);
    const tuning = new Tuning({ card: true });
    const { key } = tuning.choosable(one)!;
    expect(tuning.timed(one)).toBeNull();
    tuning.choices = new Choices("a card");
    expect(tuning.timed(one)).toBeNull();
    tuning.choices.set(key, { id: "plain", standing: "spread 32×32×1", ratio: 0.5 });
    expect([tuning.timed(one)!.shader, tuning.choose(one).shader]).toEqual(["matmul", "matmul"]);
    tuning.prefer("spread 64×16×1");
    expect(tuning.choose(one).constants.TILE).toBe(64);
    tuning.prefer(null);
    tuning.choices.set(key, { id: "gone", standing: "spread 32×32×1", ratio: 0.5 });
    expect(tuning.timed(one)).toBeNull();
    expect(tuning.choose(one).constants.TILE).toBe(32);
    expect(tuning.timed(sum)).toBeNull();
  });
});
