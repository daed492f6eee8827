/**
 * Growth in width (transformer-growth §§2.1, 3.1, 3.4, 3.5; golden values §10.3 and §10.4), in float64. Factors such as a
 * third are constants of f32, so what is exact with powers of two is exact to 1e-7 elsewhere.
 */
import { describe, expect, it } from "vitest";
import { defaults } from "../../config/schema.ts";
import { evaluate } from "../../engine/evaluate.ts";
import { plan } from "../../engine/plan.ts";
import { createTrace } from "../../engine/trace.ts";
import type { ParamSpec, Tensor, Trace } from "../../engine/types.ts";
import { gpt } from "../../models/gpt.ts";
import { lstm } from "../../models/lstm.ts";
import { arch, carry, grow, largest, look, side, someTokens, weights } from "../../testing/models.ts";
import type { GrowMethod } from "../types.ts";
import { aki } from "./aki.ts";
import { fpi } from "./fpi.ts";
import { net2net } from "./net2net.ts";
import { exactMap, fromAbove, tiled, type UnitMap, widened } from "./width.ts";

const data = { vocab: 7, context: 5 };
const tokens = someTokens(2, 6, 7);
const make = (values: object = {}) =>
  side(gpt, arch(gpt, { layers: 2, width: 8, heads: 2, ffn: 2, ...values }), data);
/** Large enough that every part matters. */
const awake = (of: ReturnType<typeof make>) =>
  new Map([...weights(of)].map(([path, w]) => [path, /ln|bias/.test(path) ? w : w.map((x) => 15 * x)]));
const change = (method: GrowMethod, choice: object, values: object = {}) => {
  const from = make(values);
  const old = awake(from);
  const { to, weights: grown } = grow(gpt, method, from, old, choice);
  const [a, b] = [look(gpt, from, old, tokens).logits, look(gpt, to, grown, tokens).logits];
  return { from, to, old, grown, delta: largest(a, b), size: Math.max(...a.map(Math.abs)) };
};
const next = (method: GrowMethod, values: object, choice: object = {}) =>
  method.next(gpt, arch(gpt, values), { ...defaults(method.schema), ...choice });

/** Values of a few traced tensors. */
function values(build: (t: Trace) => Readonly<Record<string, Tensor>>) {
  const t = createTrace();
  for (const [name, x] of Object.entries(build(t))) t.output(name, x);
  const found = evaluate(plan(t.finish()), new Map());
  return (name: string) => [...found.get(name)!.data];
}

describe("golden values of FPI and AKI (§10.3)", () => {
  const maps = new Map<string, UnitMap>([
    ["e", { from: 2, of: [0, 1, 0] }],
    ["f", { from: 3, of: [0, 1, 2, 1] }],
  ]);
  const spec = (path: string, axes: string[], shape: number[]): ParamSpec => ({
    ...{ path, axes, shape, layer: 0, decay: true },
    init: { law: "normal", scale: 1 },
  });
  // The page writes in × out; weights here are out × in.
  const [w, v] = [spec("w", ["f", "e"], [3, 2]), spec("v", ["e", "f"], [2, 3])];
  const W = [
    [1, 2, -2, 1, 3, -1],
    [0, 3, 1, -2, -1, 1],
  ];
  const V = [
    [1, -1, 2, 0, 2, 1],
    [2, 0, 1, 1, -1, 1],
  ];
  const transposed = (rows: number[][]) => rows[0]!.flatMap((_, j) => rows.map((row) => row[j]!));
  const found = values((t) => {
    const at = (s: ParamSpec, x: number[]) =>
      widened(t, t.constant({ shape: s.shape, dtype: "f32" }, x), s, maps, [1, 1]);
    const [w0, w1, v0, v1] = [at(w, W[0]!), at(w, W[1]!), at(v, V[0]!), at(v, V[1]!)];
    return { w: w0, v: v0, "w aki": fromAbove(t, w0, w1, w, maps), "v aki": fromAbove(t, v0, v1, v, maps) };
  });

  it.each([
    [
      "w",
      [
        [0.5, -1, 1.5, -1],
        [2, 1, -1, 1],
        [0.5, -1, 1.5, -1],
      ],
    ],
    [
      "v",
      [
        [1, 0, 1],
        [-0.5, 1, -0.5],
        [2, 1, 2],
        [-0.5, 1, -0.5],
      ],
    ],
    [
      "w aki",
      [
        [0.5, -1, 1.5, 0.5],
        [2, 1, -1, -2],
        [0.5, -1, 1.5, 0.5],
      ],
    ],
    [
      "v aki",
      [
        [1, 0, 2],
        [-0.5, 1, 0],
        [2, 1, 1],
        [-0.5, 1, 0],
      ],
    ],
  ])("%s", (name, rows) => {
    expect(found(name)).toEqual(transposed(rows));
  });

  it("LayerNorm by the exact map, 4 to 6 channels (§10.4)", () => {
    const map = exactMap(4, 6);
    expect(map.of).toEqual([0, 1, 2, 3, null, null]);
    const x = [1, 2, 4, 9, 4, 4];
    const mean = x.reduce((a, b) => a + b, 0) / 6;
    const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / 6;
    const ln = x.map((a) => (a - mean) / Math.sqrt(variance + (2 / 3) * 1e-5));
    const wanted = [-0.97332801, -0.64888534, 0, 1.62221336];
    wanted.forEach((y, i) => {
      expect(Math.abs(ln[i]! * Math.sqrt(2 / 3) - y)).toBeLessThan(1e-8);
    });
    expect(tiled(4, 8).of).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
  });
});

describe("FPI keeps the logits", () => {
  it.each([16, 24, 32, 40])("tile, 8 to %i channels", (width) => {
    for (const symmetry of ["none", "zeroSum"]) {
      const { delta, to, from, size } = change(fpi, { width, symmetry });
      expect(to.arch).toMatchObject({ width, heads: width / 4, eps: 1e-5 });
      expect(delta, symmetry).toBeLessThan((width % 16 === 0 && symmetry === "none" ? 1e-12 : 1e-6) * size);
      expect(fpi.preserving({ ...defaults(fpi.schema), width, symmetry }, from, to)).toBe(true);
    }
  });

  // With those above every width up to 44 that heads of four divide; D + d, 2D − d and 3D + d are among them.
  it.each([12, 20, 28, 36, 44])("exact, 8 to %i channels; not without its scaled ε", (width) => {
    const { delta, to, from, grown, old, size } = change(fpi, { width, widthMap: "exact" });
    expect(delta).toBeLessThan(1e-6 * size);
    expect(to.arch.eps as number).toBeCloseTo((1e-5 * Math.floor(width / 8) * 8) / width, 12);
    expect(fpi.preserving({ ...defaults(fpi.schema), width }, from, to)).toBe(true);
    const wrong = { ...to, arch: { ...to.arch, eps: 1e-2 } };
    const [a, b] = [look(gpt, from, old, tokens).logits, look(gpt, wrong, grown, tokens).logits];
    expect(largest(a, b)).toBeGreaterThan(1e-4);
  });

  it("together with silent layers, in one event", () => {
    const { delta, to, size } = change(fpi, { width: 16, depth: "identity", layers: 3 });
    expect(to.arch).toMatchObject({ width: 16, layers: 3 });
    expect(delta).toBeLessThan(1e-6 * size);
  });

  it("not by the random map (mean and variance of the trunk move), nor when layers are stacked", () => {
    for (const choice of [
      { width: 16, widthMap: "random" },
      { width: 16, depth: "stack" },
    ]) {
      const { delta, size, from, to } = change(fpi, choice);
      expect(delta).toBeGreaterThan(1e-2 * size);
      expect(fpi.preserving({ ...defaults(fpi.schema), ...choice }, from, to)).toBe(false);
    }
  });

  it("and the copies of a row add up to the row: each reader of the trunk", () => {
    const { old, grown } = change(fpi, { width: 24 });
    const [w, u] = [old.get("lm_head.weight")!, grown.get("lm_head.weight")!];
    for (let i = 0; i < w.length; i++) {
      const [row, column] = [Math.floor(i / 8), i % 8];
      const sum = [0, 8, 16].reduce((s, k) => s + u[row * 24 + k + column]!, 0);
      expect(Math.abs(sum - w[i]!)).toBeLessThan(1e-6);
    }
  });
});

describe("copies are told apart", () => {
  const columns = (choice: object) => {
    const { to, grown } = change(fpi, { width: 16, ...choice });
    const path = "blocks.0.mlp.fc.weight";
    const grad = look(gpt, to, grown, tokens, { grads: [path, "wte.weight"] }).grads.get("wte.weight")!;
    return largest(
      grad.filter((_, i) => i % 16 < 8),
      grad.filter((_, i) => i % 16 >= 8),
    );
  };
  it("by zero-sum noise: their gradients differ; without it they are the same for ever", () => {
    expect(columns({ symmetry: "none" })).toBeLessThan(1e-12);
    expect(columns({ symmetry: "zeroSum" })).toBeGreaterThan(1e-4);
  });

  it("by additive noise, which changes the function and leaves the old corner as it was", () => {
    const { grown, old, delta, from, to } = change(fpi, { width: 16, symmetry: "additive" });
    expect(delta).toBeGreaterThan(1e-5);
    expect(fpi.preserving({ ...defaults(fpi.schema), symmetry: "additive" }, from, to)).toBe(false);
    expect(grown.get("lm_head.weight")![0]).toBe(old.get("lm_head.weight")![0]! / 2);
    expect(grown.get("lm_head.weight")![8]).not.toBe(old.get("lm_head.weight")![0]! / 2);
  });
});

describe("AKI", () => {
  it("has FPI's first copies, then FPI's units of the layer above; the top layer is FPI's", () => {
    const choice = { width: 16, widthMap: "tile" };
    const { grown } = change(aki, choice);
    const { grown: plain } = change(fpi, { ...choice, symmetry: "none" });
    const rows = (w: Float64Array, from: number, to: number) => w.slice(from * 16, to * 16);
    const fc = (of: typeof grown, layer: number) => of.get(`blocks.${layer}.mlp.fc.weight`)!;
    expect(rows(fc(grown, 0), 0, 16)).toEqual(rows(fc(plain, 0), 0, 16));
    expect(rows(fc(grown, 0), 16, 32)).toEqual(rows(fc(plain, 1), 16, 32));
    expect(fc(grown, 1)).toEqual(fc(plain, 1));
    const bias = grown.get("blocks.0.attn.out.bias")!;
    expect(bias.slice(8)).toEqual(plain.get("blocks.1.attn.out.bias")!.slice(8));
    const qkv = (of: typeof grown, layer: number) => of.get(`blocks.${layer}.attn.qkv.weight`)!;
    // Query rows: two old heads of 4 channels, then two new ones.
    expect(rows(qkv(grown, 0), 0, 8)).toEqual(rows(qkv(plain, 0), 0, 8));
    expect(rows(qkv(grown, 0), 8, 16)).toEqual(rows(qkv(plain, 1), 8, 16));
    for (const path of ["wte.weight", "ln_f.weight", "lm_head.weight", "blocks.0.ln1.weight"]) {
      expect(grown.get(path), path).toEqual(plain.get(path));
    }
  });

  it("of one layer is FPI, and says so", () => {
    const from = make({ layers: 1 });
    const { to } = grow(gpt, aki, from, awake(from));
    const c = defaults(aki.schema);
    expect(aki.notes!(from, to, c)).toEqual(["The network has one layer and none above it: widened by FPI."]);
    const one = change(aki, { width: 16 }, { layers: 1 });
    const plain = change(fpi, { width: 16, symmetry: "none" }, { layers: 1 });
    expect(one.grown).toEqual(plain.grown);
  });
});

describe("Net2Net", () => {
  it.each(["random", "tile"])("widens feed-forward parts by the map %s and keeps the function", (map) => {
    for (const ffn of [3, 4, 5]) {
      const { delta, to, size, from } = change(net2net, { ffn, map });
      expect(to.arch).toMatchObject({ ffn, width: 8 });
      expect(delta).toBeLessThan(1e-6 * size);
      expect(net2net.preserving({ ...defaults(net2net.schema), ffn }, from, to)).toBe(true);
    }
  });
});

describe("growth in width", () => {
  it("draws the same maps from the same key, others from another", () => {
    const from = make();
    const old = awake(from);
    const by = (event: number) => grow(gpt, fpi, from, old, { widthMap: "random" }, [3, event]).weights;
    expect(by(1)).toEqual(by(1));
    expect(largest(by(1).get("wte.weight")!, by(2).get("wte.weight")!)).toBeGreaterThan(0);
  });

  it("keeps what was pruned pruned in every copy", () => {
    const from = make();
    const ages = new Map(
      [...weights(from)].map(([path, w]) => [
        path,
        w.map((_, i) => (path === "blocks.1.mlp.fc.weight" ? i % 3 : 1)),
      ]),
    );
    for (const method of [fpi, aki, net2net]) {
      const { to } = grow(gpt, method, from, awake(from));
      const moved = carry(method, from, to, ages, { fill: 1, dtype: "u32" });
      for (const { path, shape } of to.specs) {
        expect(moved.get(path), path).toHaveLength(shape.reduce((n, d) => n * d, 1));
      }
      const dormant = (a: Float64Array) => a.filter((age) => age === 0).length;
      const factor = method === net2net ? 2 : 4;
      const path = "blocks.1.mlp.fc.weight";
      if (method !== net2net) expect(dormant(moved.get(path)!)).toBe(factor * dormant(ages.get(path)!));
      else expect(dormant(moved.get(path)!)).toBeGreaterThan(dormant(ages.get(path)!));
    }
  });

  it("is refused in words, or ends", () => {
    for (const method of [fpi, aki]) {
      expect(next(method, { width: 64, heads: 4 })).toMatchObject({ width: 128, heads: 8, layers: 2 });
      expect(next(method, { width: 256, heads: 16 })).toBeNull();
      expect(next(method, { width: 256, heads: 16 }, { depth: "stack" })).toContain("the most");
      for (const [choice, reason] of [
        [{ width: 48 }, "width 48 is less than the 64 there is; growth only adds, pruning takes away"],
        [{ width: 72 }, "heads are 16 channels, width 72 is no whole number of them; 64 and 80 are"],
        [{ width: 64 }, "the network has width 64 and 2 layers already"],
        [{ depth: "manual" }, "a manual map needs a source layer for each layer afterwards"],
      ] as const) {
        expect(next(method, { width: 64, heads: 4 }, choice)).toBe(`Not grown: ${reason}. Training goes on.`);
      }
      expect(method.applies(lstm)).toBe("not for LSTM");
    }
    const [from, c] = [make(), { ...defaults(fpi.schema), width: 12 }];
    expect(fpi.notes!(from, make({ width: 12, heads: 3 }), c)).toEqual([
      "Width 12 is no multiple of 8, so the width map is exact, not tile.",
    ]);
    expect(next(net2net, { ffn: 8 })).toBeNull();
    expect(next(net2net, { ffn: 5 })).toBe(
      "Not grown: this makes 10 × the width, the most is 8. Training goes on.",
    );
  });
});
