import { describe, expect, it } from "vitest";
import { defaults } from "../../config/schema.ts";
import { sizeOf } from "../../engine/layout.ts";
import { hlstm } from "../../models/hlstm.ts";
import { lstm } from "../../models/lstm.ts";
import { arch, carry, grow, largest, look, side, someTokens, weights } from "../../testing/models.ts";
import { cascade } from "./cascade.ts";
import { fullyConnected } from "./fully-connected.ts";

const data = { vocab: 5, context: 12 };
const make = (blocks: readonly number[], values: object = {}) =>
  side(lstm, arch(lstm, { blocks, embed: 4, ...values }), data);
const tokens = someTokens(2, 13, 5);

describe("fully connected", () => {
  it("starts new cells as fresh ones: within ±1/√H', forget gate 1, unread", () => {
    const from = make([4], { layers: 2 });
    const { weights: after } = grow(lstm, fullyConnected, from, weights(from), { cells: 5 });
    const h = after.get("layers.1.h.weight")!;
    const rows = h.filter((_, i) => Math.floor(i / 9) % 9 >= 4);
    const bound = 1 / 3;
    expect(Math.max(...rows.map(Math.abs))).toBeLessThanOrEqual(bound);
    // 180 uniform draws: the largest misses 90 % of the bound with probability .9^180 ≈ 6e-9.
    expect(Math.max(...rows.map(Math.abs))).toBeGreaterThan(0.9 * bound);
    h.forEach((x, i) => {
      if (Math.floor(i / 9) % 9 < 4 && i % 9 >= 4) expect(x).toBe(0);
    });
    const bias = after.get("layers.1.bias")!;
    expect([...bias].filter((_, i) => i % 9 >= 4)).toEqual([
      0,
      0,
      0,
      0,
      0,
      1,
      1,
      1,
      1,
      1,
      ...new Array(10).fill(0),
    ]);
  });

  it("makes the weights that Cascade did not have active zeros", () => {
    const from = make([4, 5]);
    const { to, weights: after } = grow(lstm, fullyConnected, from, weights(from), { cells: 4 });
    expect(to.specs.some(({ lowerBlocks }) => lowerBlocks)).toBe(false);
    const { grads } = look(lstm, to, after, tokens, { grads: ["layers.0.h.weight"] });
    const grad = grads.get("layers.0.h.weight")!;
    const upper = grad.filter((_, i) => Math.floor(i / 13) % 13 < 4 && i % 13 >= 4);
    expect(upper.every((g) => g !== 0)).toBe(true);
  });

  it("names no donor unless it copies one", () => {
    const [from, to] = [make([4]), make([4, 4])];
    const c = defaults(fullyConnected.schema);
    expect(fullyConnected.copies!(from, to, c)).toEqual({});
    expect(fullyConnected.copies!(from, to, { ...c, handoff: "split" })).toEqual({
      "layers.0.block.1": "layers.0.block.0",
    });
  });
});

describe("fully connected, with gates that are networks (grow-prune §5.2)", () => {
  const from = (values: object) =>
    side(hlstm, arch(hlstm, { blocks: [4, 5], gateWidth: 6, embed: 4, ...values }), data);

  it.each([
    [0, "none", 0.1],
    [1, "none", 0.1],
    [3, "none", 1],
    [1, "split", 0],
    [2, "split", 0],
  ])("keeps the function (L = %i, handoff %s, ν = %f)", (gateLayers, handoff, noise) => {
    const old = from({ gateLayers, layers: 2 });
    const before = weights(old);
    const { to, weights: after } = grow(hlstm, fullyConnected, old, before, { cells: 4, handoff, noise });
    expect(to.arch).toEqual({ ...old.arch, blocks: [4, 5, 4] });
    for (const { path, shape } of to.specs) expect(after.get(path), path).toHaveLength(sizeOf(shape));
    const z = look(hlstm, old, before, tokens).logits;
    expect(largest(look(hlstm, to, after, tokens).logits, z)).toBeLessThan(1e-14);
  });

  it("gives new cells fresh rows of W and b, and zero columns of U¹ and the readout; the rest stays", () => {
    const old = from({ gateLayers: 2 });
    const before = weights(old);
    const { weights: after } = grow(hlstm, fullyConnected, old, before, { cells: 4 });
    const born = (path: string, from: number, columns: number) =>
      after.get(path)!.filter((_, i) => Math.floor(i / columns) % 13 >= from);
    const rows = born("layers.0.gates.weight", 9, 6);
    expect(rows).toHaveLength(4 * 4 * 6);
    // 96 uniform draws within 1/√G: the largest misses 90 % of it with probability .9^96 = 4e-5.
    expect(Math.max(...rows.map(Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(6));
    expect(Math.max(...rows.map(Math.abs))).toBeGreaterThan(0.9 / Math.sqrt(6));
    expect([...born("layers.0.bias", 9, 1)]).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    for (const path of ["layers.0.h.weight", "head.weight"]) {
      expect(
        after
          .get(path)!
          .filter((_, i) => i % 13 >= 9)
          .every((w) => w === 0),
      ).toBe(true);
      expect(after.get(path)!.filter((_, i) => i % 13 < 9)).toEqual(before.get(path));
    }
    for (const path of ["layers.0.x.weight", "layers.0.inner.weight", "layers.0.x.bias", "embed.weight"]) {
      expect(after.get(path)).toEqual(before.get(path));
    }
  });

  it("moves slots and ages along, newborn where there was nothing", () => {
    const old = from({ gateLayers: 1 });
    const to = side(hlstm, { ...old.arch, blocks: [4, 5, 4] }, data);
    const ages = new Map(old.specs.map(({ path, shape }) => [path, new Float64Array(sizeOf(shape)).fill(9)]));
    const moved = carry(fullyConnected, old, to, ages, { fill: 1, dtype: "u32" });
    for (const { path, shape } of to.specs) {
      const was = old.specs.find((spec) => spec.path === path)!;
      const count = (age: number) => moved.get(path)!.filter((v) => v === age).length;
      expect([path, count(9), count(1)]).toEqual([
        path,
        sizeOf(was.shape),
        sizeOf(shape) - sizeOf(was.shape),
      ]);
    }
  });

  it("is no Cascade: hidden layers in the gates read all cells", () => {
    expect(cascade.applies(hlstm)).toBe("not for H-LSTM, where every hidden layer in a gate reads all cells");
    expect(fullyConnected.applies(hlstm)).toBe(true);
  });
});
