import { describe, expect, it } from "vitest";
import { defaults } from "../../config/schema.ts";
import { lstm } from "../../models/lstm.ts";
import { arch, grow, look, side, someTokens, weights } from "../../testing/models.ts";
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
