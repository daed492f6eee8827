/** LiGO's operator (transformer-growth §3.6, §10.5, invariants 12 to 14): golden values, its start, what may not be. */
import { describe, expect, it } from "vitest";
import { defaults } from "../../config/schema.ts";
import { evaluate } from "../../engine/evaluate.ts";
import { mul } from "../../engine/ops/binary.ts";
import { reduce } from "../../engine/ops/reduce.ts";
import { plan } from "../../engine/plan.ts";
import { createTrace } from "../../engine/trace.ts";
import { bert } from "../../models/bert.ts";
import { gpt } from "../../models/gpt.ts";
import { lstm } from "../../models/lstm.ts";
import type { Model } from "../../models/types.ts";
import { vit } from "../../models/vit.ts";
import { type Arrays, arch, grow, largest, side, weights } from "../../testing/models.ts";
import type { Side } from "../types.ts";
import { fpi } from "./fpi.ts";
import { grown, ligo } from "./ligo.ts";
import { noisyRows } from "./ligo-start.ts";
import { mango } from "./mango.ts";
import { stack } from "./stack.ts";

const SIZE = { layers: 2, width: 8, heads: 2, ffn: 2 };
const text = { vocab: 6, context: 5 };
const image = { vocab: 3, context: 1, image: { channels: 1, height: 8, width: 8 } };

describe("the product of §10.5", () => {
  const W = [1, 2, 3, 4, 0, -1, 2, 1];
  const [A, B] = [
    [1, 0, 0.5, 0, 1, 0.5],
    [1, 0, -1, 0, 1, 2],
  ];
  const w = [1, 0, 0, 1, 0.75, 0.25];

  it("has the golden values, and their gradients of ½ΣΩ²", () => {
    const t = createTrace();
    const given = { x: [1, 2, 2, 2], b: [1, 2, 3], a: [1, 2, 3], w: [1, 3, 2] };
    const at = Object.fromEntries(
      Object.entries(given).map(([name, shape]) => [name, t.buffer(name, "data", { shape, dtype: "f32" })]),
    );
    const omega = grown(t, at.x!, at.b!, at.a!, at.w!);
    const square = t.call(mul, [omega, omega], {})[0]!;
    const [sum] = t.call(reduce, [square], { axes: [0, 1, 2, 3], keepDims: false, how: "sum" });
    t.output("omega", omega);
    for (const name of ["a", "b", "w"]) {
      t.output(`d${name}`, t.grad(sum!, new Map([[name, at[name]!]])).get(name)!);
    }
    // Rows outermost, then layers.
    const x = [0, 1].flatMap((i) => [0, 1].flatMap((l) => W.slice(4 * l + 2 * i, 4 * l + 2 * i + 2)));
    const named = { x, b: B, a: A, w };
    const found = evaluate(
      plan(t.finish()),
      new Map(Object.entries(named).map(([name, data]) => [name, Float64Array.from(data)])),
    );
    // Ours are out × in: each Ω transposed.
    const turned = [1, 3, 2, 2, 4, 3, 3, 5, 4, 0, 2, 1, -1, 1, 0, -2, 0, -1];
    const last = [0.75, 2.75, 1.75, 1.25, 3.25, 2.25, 1.75, 3.75, 2.75];
    expect([...found.get("omega")!.data]).toEqual([...turned, ...last]);
    const half = (name: string) => [...found.get(name)!.data].map((x) => x / 2);
    expect(half("dw")).toEqual([93, 0, 0, 12, 69.75, 3]);
    expect(half("da")).toEqual([24.1875, 37.6875, 30.9375, 37.6875, 87.1875, 62.4375]);
    expect(half("db")).toEqual([30.1875, 35.8125, 41.4375, 35.8125, 48.1875, 60.5625]);
    // vec(B W Aᵀ) = (A ⊗ B) vec(W), column-major, of the first layer (invariant 13): columns of W are rows of ours.
    const kronecker = (o: number, i: number) =>
      [0, 1].flatMap((p) => [0, 1].map((q) => A[p * 3 + i]! * B[q * 3 + o]! * W[p * 2 + q]!));
    const vec = [0, 1, 2].flatMap((o) => [0, 1, 2].map((i) => kronecker(o, i).reduce((n, x) => n + x, 0)));
    expect(vec).toEqual(turned.slice(0, 9));
    // Depth first, then width (invariant 14): the same, since the maps are shared over layers.
    const blended = W.slice(0, 4).map((x, i) => 0.75 * x + 0.25 * W[4 + i]!);
    const depthFirst = [0, 1, 2].flatMap((o) =>
      [0, 1, 2].map((i) =>
        [0, 1].flatMap((p) => [0, 1].map((q) => A[p * 3 + i]! * B[q * 3 + o]! * blended[p * 2 + q]!)),
      ),
    );
    expect(depthFirst.map((parts) => parts.reduce((n, x) => n + x, 0))).toEqual(last);
  });

  it("has the layer map of the authors' code", () => {
    const rows = noisyRows([0, 1, 0, 1], 2, [0.012, 0.027, 0.012, 0.027, 0.012, 0.027, 0.012, 0.027]);
    const golden = [
      [0.9737098345, 0.0262901655],
      [0.0118577075, 0.9881422925],
    ];
    // The page prints ten digits.
    rows.forEach((row, m) => {
      for (const [l, x] of row.entries()) expect(x).toBeCloseTo(golden[m % 2]![l]!, 10);
    });
  });
});

describe.each([
  ["GPT", gpt, side(gpt, arch(gpt, SIZE), text)],
  ["BERT, tied, norms behind", bert, side(bert, arch(bert, { ...SIZE, norm: "post" }), text)],
  ["ViT", vit, side(vit, arch(vit, { ...SIZE, patch: "4" }), image)],
] as const)("%s", (_name, model: Model, from: Side) => {
  const old: Arrays = weights(from);
  const same = (a: Arrays, b: Arrays) => {
    expect([...a.keys()].sort()).toEqual([...b.keys()].sort());
    for (const [path, x] of a) expect(largest(x, b.get(path)!), path).toBeLessThan(1e-12);
  };

  it("starts as FPI with the layer map, and stays stacking where the width stays, for every tie", () => {
    for (const depth of ["stack", "interpolate"]) {
      const start = grow(model, ligo, from, old, { depth, noise: 0 });
      same(start.weights, grow(model, fpi, from, old, { depth, symmetry: "none" }).weights);
      for (const tie of ["split", "paper"]) {
        const deep = grow(model, ligo, from, old, { depth, tie, width: SIZE.width, noise: 0 });
        same(deep.weights, grow(model, stack, from, old, { map: depth }).weights);
      }
    }
  });

  it("reads by what makes under the paper's tie, and mixes under the authors' start", () => {
    const wide = { width: 16, depth: "none" };
    const path = "blocks.0.mlp.fc.weight";
    const shares = grow(model, ligo, from, old, { ...wide, noise: 0 }).weights.get(path)!;
    const tied = grow(model, ligo, from, old, { ...wide, noise: 0, tie: "paper" }).weights.get(path)!;
    // Twice the width: every copy is read whole, not by half.
    expect(
      largest(
        tied,
        shares.map((x) => 2 * x),
      ),
    ).toBeLessThan(1e-12);
    // Tables have no blend of layers: old channels stay, each new one is an average of them.
    const table = from.specs.find(({ axes }) => axes.join() === "vocab,width" || axes.at(0) === "positions")!;
    const code = grow(model, ligo, from, old, { ...wide, init: "code" }).weights.get(table.path)!;
    const was = old.get(table.path)!;
    for (let r = 0; r < table.shape[0]!; r++) {
      const row = code.subarray(16 * r, 16 * r + 16);
      const before = was.subarray(8 * r, 8 * r + 8);
      expect(row.subarray(0, 8)).toEqual(before);
      expect(Math.max(...row)).toBeLessThanOrEqual(Math.max(...before));
      expect(Math.min(...row)).toBeGreaterThanOrEqual(Math.min(...before));
      expect(new Set(row).size).toBe(16);
    }
  });
});

it("is refused in words, as Mango is, or ends", () => {
  const next = (method: typeof ligo | typeof mango, from: object, choice: object = {}) =>
    method.next(gpt, arch(gpt, from), { ...defaults(method.schema), ...choice } as never);
  const small = { layers: 2, width: 64, heads: 4 };
  for (const method of [ligo, mango]) {
    expect(next(method, small)).toMatchObject({ width: 128, heads: 8, layers: 4 });
    expect(next(method, { ...small, layers: 12, width: 256, heads: 16 })).toBeNull();
    for (const [choice, reason] of [
      [{ width: 48 }, "width 48 is less than the 64 there is; growth only adds, pruning takes away"],
      [{ width: 72 }, "heads are 16 channels, width 72 is no whole number of them; 64 and 80 are"],
      [{ layers: 1 }, "1 layer is fewer than the 2 there are; growth only adds, pruning takes away"],
      [{ width: 64, depth: "none" }, "the network has width 64 and 2 layers already"],
      [{ layers: 3 }, "stacking doubles, and 3 is not 2 doubled; the other layer maps can"],
      [{ depth: "manual" }, "a manual map needs a source layer for each layer afterwards"],
      [{ depth: "manual", sources: [1, 3] }, "entry 2 of the manual map is layer 3, and there are 2"],
    ] as const) {
      expect(next(method, small, choice)).toBe(`Not grown: ${reason}. Training goes on.`);
    }
    expect(method.applies(lstm)).toBe("not for LSTM");
    expect(method.slots(defaults(method.schema) as never)).toBe("reset");
    const c = { ...defaults(method.schema), steps: 0 } as never;
    const of = side(gpt, arch(gpt, small), text);
    expect(method.notes!(of, of, c)).toEqual(["The operator was not trained: this is its start."]);
  }
});
