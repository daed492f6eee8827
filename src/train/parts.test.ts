/** The small parts of the trainer: file format, ledger, pooling, the line of the recipe, recordings. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaults } from "../config/schema.ts";
import { FROZEN } from "../engine/ops/mask-tiles.ts";
import { lstm } from "../models/lstm.ts";
import type { Anatomy, Part } from "../models/types.ts";
import { LIFE } from "../run/messages.ts";
import { sizesOf, structuralCounts, uniformAges } from "./ages.ts";
import { History, KEPT_NODES, START } from "./history.ts";
import { LAG, Line } from "./line.ts";
import { ReadRing } from "./losses.ts";
import { largestDelta } from "./metrics.ts";
import { exported } from "./record.ts";
import { decodeSafetensors, encodeSafetensors, type FileTensor } from "./safetensors.ts";
import { Ledger } from "./schedule-budget.ts";
import { matrixOf, openedOf, pooled, type Seen, tilesOf, weightScale } from "./view.ts";

describe("safetensors", () => {
  it("come back as they were, in a layout that others read", () => {
    const tensors = new Map<string, FileTensor>([
      ["w", { dtype: "F32", shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, -0, 1e-40) }],
      ["age/w", { dtype: "U32", shape: [2], data: Uint32Array.of(0, 0xffffffff) }],
      ["inputs", { dtype: "I64", shape: [1, 2], data: BigInt64Array.of(-1n, 7n) }],
    ]);
    const bytes = encodeSafetensors({ tensors, metadata: { note: "√" } });
    const back = decodeSafetensors(bytes);
    expect(new Map([...back.tensors].sort())).toEqual(new Map([...tensors].sort()));
    expect(back.metadata).toEqual({ note: "√" });
    const length = Number(new DataView(bytes).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, length)));
    // The widest type first, so that each tensor lies on a multiple of its own width.
    expect(header.inputs.data_offsets).toEqual([0, 16]);
    expect(header.w.data_offsets).toEqual([16, 40]);
  });

  it("that are no such file are refused with a sentence, whatever they hold", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeSafetensors(bytes.slice().buffer);
        } catch (error) {
          expect((error as Error).message).toMatch(/^This is not a saved run: .*\.$/);
        }
      }),
    );
    const good = encodeSafetensors({
      tensors: new Map([["w", { dtype: "F32", shape: [4], data: new Float32Array(4) }]]),
      metadata: {},
    });
    expect(() => decodeSafetensors(good.slice(0, good.byteLength - 1))).toThrow("w lies outside the file");
  });
});

describe("the ledger", () => {
  it("starts an update only if it can be paid, and stands at midpoints of the schedule", () => {
    const ledger = new Ledger({ unit: "tokens", amount: 100 });
    ledger.cost = ledger.usual = ledger.full = { steps: 1, tokens: 30, flops: 5 };
    const xs: number[] = [];
    while (ledger.canStart) {
      xs.push(ledger.x);
      ledger.pay();
    }
    expect(xs).toEqual([0.15, 0.45, 0.75]);
    expect(ledger.spent).toEqual({ steps: 3, tokens: 90, flops: 15 });
    expect([ledger.steps, ledger.fraction]).toEqual([3, 0.9]);
    ledger.extend(2);
    expect(ledger.steps).toBe(5);
    ledger.pay();
    ledger.pay();
    expect(ledger.canStart).toBe(false);
    expect(ledger.x).toBe(1);
  });
});

describe("read-backs", () => {
  it("are handled in the order they were asked for, and a late failure is told once to whoever waits", async () => {
    const ring = new ReadRing();
    const seen: number[] = [];
    const late = (ms: number, value: number) =>
      new Promise<number>((resolve) => setTimeout(() => resolve(value), ms));
    ring.push(late(12, 1), (n) => seen.push(n));
    ring.push(late(1, 2), (n) => seen.push(n));
    ring.push(Promise.reject(new Error("gone")), (n: number) => seen.push(n));
    ring.push(late(1, 4), (n) => seen.push(n));
    await expect(ring.drain()).rejects.toThrow("gone");
    expect(seen).toEqual([1, 2]);
  });
});

describe("the line of the recipe", () => {
  const grow = { id: "cascade", cells: 4 };
  const plateau = {
    trigger: { id: "plateau", beta: 0, window: 1, every: 1, cooldown: 0, patience: 1, threshold: 0.1 },
    action: grow,
  };
  /** Constant losses: fires as soon as two windows are there. */
  const fed = (line: Line, upTo: number) => {
    for (let step = 1; step <= upTo; step++) {
      line.arrive(step, step / 100);
      line.observeLoss(step, 2, step / 100);
    }
  };

  it("acts LAG steps after the judged loss, and forgets judgements that an event made stale", () => {
    const line = Line.start([plateau]);
    fed(line, 2);
    expect(line.next(2)).toBeNull();
    expect(line.hasDue(2 + LAG - 1)).toBe(false);
    expect(line.next(2 + LAG)?.index).toBe(0);
    line.reset(5);
    expect(line.hasDue(2 + LAG)).toBe(false);
  });

  it("leaves out the last automatic action for each skip", () => {
    const every = { trigger: { id: "every", steps: 10, times: 5 }, action: grow };
    const skip = { trigger: { id: "step", step: 10 }, action: { id: "skip" } };
    const line = Line.start([every, { ...every, action: { id: "fully-connected" } }, skip]);
    line.arrive(10, 0.1);
    expect(line.next(10)?.index).toBe(0);
    line.done(0);
    expect(line.next(10)).toBeNull();
  });

  it("that is gone back on drops entries for that very step and skips the others", () => {
    const every = { trigger: { id: "every", steps: 10, times: 5 }, action: grow };
    const exact = { trigger: { id: "step", step: 10 }, action: { id: "edit", path: "optim.lr", value: 0.1 } };
    const line = Line.start([exact, every]);
    line.arrive(10, 0.1);
    expect(line.leaveOut(10)).toBe(true);
    expect(line.recipe).toEqual([every, { trigger: { id: "step", step: 10 }, action: { id: "skip" } }]);
    expect(line.next(10)).toBeNull();
    expect(line.leaveOut(10)).toBe(false);
  });

  it("keeps one entry for a setting that is dragged at one step", () => {
    const line = Line.start([]);
    for (const value of [0.1, 0.2, 0.3]) line.record(4, { id: "edit", path: "optim.lr", value });
    line.record(4, { id: "edit", path: "optim.clip", value: 2 });
    expect(line.recipe.map(({ action }) => action.value)).toEqual([0.3, 2]);
  });
});

describe("ages", () => {
  const arch = {
    ...defaults(lstm.schema),
    blocks: [2, 1],
    embed: 2,
    maxCells: 16,
  };
  const specs = lstm.params(arch, { vocab: 3, context: 4 });

  it("count what structure forbids as weights that are not active", () => {
    // 4 gates × 2 old rows × 1 new column.
    const { params, active, flops } = sizesOf(specs, structuralCounts(specs), 1000);
    expect(params - active).toBe(4 * 2 * 1);
    expect(flops).toEqual({ executed: 1000, active: 1000 - 2 * 4 * 2 * 1 });
  });

  it("are 1 + updates, bit 31 alone where structure forbids", () => {
    const ages = uniformAges(specs, 6);
    expect(new Set(ages)).toEqual(new Set([0, 7, 0x80000000]));
  });
});

describe("history", () => {
  it("finds the last good state on the present line", () => {
    const history = new History();
    const position = (steps: number) => ({ spent: { steps, tokens: 0, flops: 0 } }) as never;
    const arrays = () => ({ params: { dispose() {} }, slots: [], age: null, score: null }) as never;
    const add = (parent: string, steps: number) =>
      history.add({ parent, label: "", loss: null, position: position(steps), arrays: arrays() }).id;
    const a = add(START, 10);
    add(a, 15);
    history.visit(add(a, 20));
    expect(history.lastGood(30).step).toBe(20);
    expect(history.lastGood(19).step).toBe(10);
    expect(history.lastGood(5).id).toBe(START);
    for (let i = 0; i < KEPT_NODES; i++) add(a, 40 + i);
    expect(history.lastGood(30).id).toBe(START);
  });
});

describe("pooling", () => {
  const matrix = { rows: 4, cols: 4, data: Float32Array.from({ length: 16 }, (_, i) => (i === 6 ? -99 : i)) };

  it("shows the entry of largest magnitude with its sign, and NaN always", () => {
    expect([...pooled(matrix, 2, 2).data]).toEqual([5, -99, 13, 15]);
    const broken = { ...matrix, data: matrix.data.map((v, i) => (i === 0 ? Number.NaN : v)) };
    expect([...pooled(broken, 1, 1).data]).toEqual([Number.NaN]);
    expect(pooled(matrix, 9, 9).data).toEqual(matrix.data);
  });

  it("never pools two strips into one cell", () => {
    const strips = { rows: 4, cols: 1, data: Float32Array.of(1, 2, 3, 4) };
    expect([...pooled(strips, 3, 1, 2).data]).toEqual([2, 4]);
  });

  it("lays a slice out as the part says", () => {
    const values = Float32Array.from({ length: 24 }, (_, i) => i);
    const part = {
      slice: [
        [0, 2],
        [1, 3],
        [2, 4],
      ],
      rows: [0, 1],
      cols: [2],
    } as const;
    const laid = matrixOf(values, [2, 3, 4], part);
    expect([laid.rows, laid.cols, [...laid.data]]).toEqual([4, 2, [6, 7, 10, 11, 18, 19, 22, 23]]);
    const turned = matrixOf(values, [2, 3, 4], { ...part, rows: [2], cols: [1, 0] });
    expect([...turned.data]).toEqual([6, 18, 10, 22, 7, 19, 11, 23]);
  });

  it("tells share kept, age and histogram of a part", () => {
    const part = {
      id: "p",
      name: "p",
      post: "x",
      strips: [],
      kind: "weight",
      path: "w",
      slice: [
        [0, 2],
        [0, 2],
      ],
      rows: [0],
      cols: [1],
    } as const satisfies Part;
    const anatomy = {
      tiers: [{ id: "t", name: "", note: "", group: "", left: [part], right: [] }],
      root: "text",
      room: [],
      posts: [],
    } as const satisfies Anatomy;
    const layout = { entries: new Map([["w", { offset: 0, shape: [2, 2], count: 4 }]]), length: 64 };
    const params = Float32Array.from({ length: 64 }, (_, i) => [1, -2, 0, 4][i] ?? 0);
    const age = Uint32Array.from({ length: 64 }, (_, i) => [3, (9 | FROZEN) >>> 0, 0, 1][i] ?? 0);
    const seen: Seen = { layout, params, age, taps: new Map() };
    expect(tilesOf(seen, anatomy).p).toMatchObject({ kept: 0.75, age: 8, mean: 7 / 4, ofRows: 2, ofCols: 2 });
    const opened = openedOf(seen, anatomy, "p")!;
    expect(opened.histogram.max).toBe(4);
    // Dormant weights are no sizes of weights.
    expect(opened.histogram.counts.reduce((a, b) => a + b)).toBe(3);
    expect([...opened.tile.life!]).toEqual([3, LIFE.frozen, LIFE.dormant, LIFE.newest]);
    expect(opened.tile.silent).toBeUndefined();
    expect(openedOf(seen, anatomy, "other")).toBeNull();
    expect(tilesOf({ ...seen, age: null }, anatomy).p!.life).toBeNull();
    // Pooled, the youngest speaks; old ones are settled.
    const wide = { ...part, slice: [[0, 2] as const, [0, 128] as const] };
    const long = { entries: new Map([["w", { offset: 0, shape: [2, 128], count: 256 }]]), length: 256 };
    const ages = Uint32Array.from({ length: 256 }, (_, i) => (i < 128 ? 500 : i % 4 === 0 ? 7 : 0));
    const pooled = tilesOf(
      { ...seen, layout: long, params: new Float32Array(256), age: ages },
      { ...anatomy, tiers: [{ ...anatomy.tiers[0], left: [wide] }] },
    ).p!;
    const [first, second] = [pooled.life!.slice(0, pooled.cols), pooled.life!.slice(pooled.cols)];
    expect(new Set(first)).toEqual(new Set([LIFE.settled]));
    expect(new Set(second)).toEqual(new Set([7, LIFE.dormant]));
    const spec = { path: "w", shape: [2, 2], axes: [], init: { law: "zeros" as const }, decay: true };
    expect(weightScale([spec], params, anatomy)).toBe(4);
  });
});

describe("figures", () => {
  it("never take a broken network for an unchanged one", () => {
    expect(largestDelta(Float32Array.of(1, -3), Float32Array.of(1.5, -3))).toEqual({
      delta: 0.5,
      largest: 3,
    });
    expect(largestDelta(Float32Array.of(1), Float32Array.of(Number.NaN)).delta).toBeNaN();
  });
});

describe("a recording", () => {
  it("names and shapes weights as PyTorch does", () => {
    const arch = { ...defaults(lstm.schema), blocks: [4], layers: 2, embed: 3, maxCells: 16 };
    const specs = lstm.params(arch, { vocab: 5, context: 4 });
    const named = exported(specs, new Float32Array(4096));
    expect(Object.fromEntries(named.map(({ name, shape }) => [name, shape]))).toEqual({
      "embed.weight": [5, 3],
      "lstm.weight_ih_l0": [16, 3],
      "lstm.weight_hh_l0": [16, 4],
      "lstm.bias_ih_l0": [16],
      "lstm.bias_hh_l0": [16],
      "lstm.weight_ih_l1": [16, 4],
      "lstm.weight_hh_l1": [16, 4],
      "lstm.bias_ih_l1": [16],
      "lstm.bias_hh_l1": [16],
      "head.weight": [5, 4],
      "head.bias": [5],
    });
  });
});
