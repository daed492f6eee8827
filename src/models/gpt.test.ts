import { describe, expect, it } from "vitest";
import { sizeOf } from "../engine/layout.ts";
import { arch, forwardFlops, largest, look, side, slope, someTokens, weights } from "../testing/models.ts";
import { gpt } from "./gpt.ts";

const data = { vocab: 7, context: 5 };
const small = (values: object = {}) =>
  side(gpt, arch(gpt, { layers: 2, width: 8, heads: 2, ffn: 2, ...values }), data);
/** As drawn, but large enough that every part matters. */
const awake = (of: ReturnType<typeof small>) =>
  new Map([...weights(of)].map(([path, w]) => [path, /ln|bias/.test(path) ? w : w.map((x) => 15 * x)]));

describe("gpt", () => {
  it("has gradients that agree with differences of the whole loss", () => {
    const of = small();
    const values = awake(of);
    const tokens = someTokens(3, 6, 7);
    const paths = of.specs.map(({ path }) => path);
    const { grads } = look(gpt, of, values, tokens, { grads: paths });
    for (const path of paths) {
      const grad = grads.get(path)!;
      const index = Math.floor(grad.length * 0.37);
      const expected = slope(gpt, of, values, tokens, path, index);
      // Steps of 1e-5: rounding 1e-16/h = 1e-11, curvature h²/6 = 2e-11 times third derivatives.
      expect(Math.abs(grad[index]! - expected), `${path}[${index}]`).toBeLessThan(1e-8);
    }
    for (const path of paths) expect(Math.max(...grads.get(path)!.map(Math.abs)), path).toBeGreaterThan(1e-3);
  }, 60_000);

  it("cannot look ahead, and never predicts from what it is asked for", () => {
    const of = small();
    const values = awake(of);
    const tokens = someTokens(1, 6, 7);
    const changed = [[...tokens[0]!.slice(0, 4), (tokens[0]![4]! + 1) % 7, tokens[0]![5]!]];
    const [a, b] = [look(gpt, of, values, tokens), look(gpt, of, values, changed)];
    expect(largest(a.logits.slice(0, 4 * 7), b.logits.slice(0, 4 * 7))).toBe(0);
    expect(largest(a.logits.slice(4 * 7), b.logits.slice(4 * 7))).toBeGreaterThan(1e-3);
  });

  it("has (4 + 2k)D² + (9 + k)D parameters a block", () => {
    for (const [width, ffn] of [
      [64, 4],
      [128, 4],
      [24, 3],
    ] as const) {
      const specs = gpt.params(arch(gpt, { width, ffn, heads: 4, layers: 3 }) as never, data);
      const block = specs.filter(({ layer }) => layer === 1).reduce((n, { shape }) => n + sizeOf(shape), 0);
      expect(block).toBe((4 + 2 * ffn) * width ** 2 + (9 + ffn) * width);
      if (width === 64) expect(block).toBe(49_984);
    }
  });

  it("counts 24 D² + 2 (T + 1) D a block and token when k = 4: what the ops say they do", () => {
    const of = side(gpt, arch(gpt, { layers: 3, width: 32, heads: 2 }), { vocab: 50, context: 16 });
    const { executed, active } = gpt.flops(of.arch as never, of.data);
    expect(executed).toBe(3 * (24 * 32 ** 2 + 2 * 17 * 32) + 2 * 32 * 50);
    expect(active).toBe(executed);
    // Matrix products and attention; the ops count 8 more for each number that passes one of the 7 norms.
    expect(forwardFlops(gpt, of, 2)).toBe(2 * 16 * (executed + 7 * 8 * 32));
  });

  it("is drawn with a part for each head; every tile lies inside its tensor, maps are rows of probabilities", () => {
    const of = small();
    const { taps } = look(gpt, of, awake(of), someTokens(2, 6, 7), { taps: true });
    const drawn = gpt.anatomy(of.arch as never, data);
    expect(drawn.tiers.map(({ id, left, right }) => [id, left.length, right.length])).toEqual([
      ["blocks.0", 6, 3],
      ["blocks.1", 6, 3],
    ]);
    for (const part of drawn.tiers.flatMap(({ left, right }) => [...left, ...right])) {
      expect(drawn.posts.map(({ id }) => id)).toContain(part.post);
      const shape =
        part.kind === "weight"
          ? of.specs.find(({ path }) => path === part.path)!.shape
          : part.kind === "attention"
            ? [2, 5, 5]
            : [5, 16];
      if (part.kind !== "weight") expect(taps.get(part.tap)).toHaveLength(sizeOf(shape));
      expect([...part.rows, ...part.cols].sort()).toEqual(shape.map((_, k) => k));
      part.slice.forEach(([, to], k) => {
        expect(to).toBeLessThanOrEqual(shape[k]!);
      });
    }
    const map = taps.get("blocks.1.attn")!;
    for (let row = 0; row < 10; row++) {
      expect(map.slice(5 * row, 5 * row + 5).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
      expect(map[5 * row + 4]! > 0).toBe(row % 5 === 4);
    }
  });

  it("says what there is room for, describes and refuses in words", () => {
    const room = (values: object) => gpt.anatomy(arch(gpt, values) as never, data).room.map((r) => r.label);
    expect(room({ layers: 2, maxLayers: 12 })).toEqual([
      "room for layers 3 to 4",
      "room for layers 5 to 8",
      "room for layers 9 to 12",
    ]);
    expect(room({ layers: 1, maxLayers: 2 })).toEqual(["room for layer 2"]);
    expect(room({ layers: 4, maxLayers: 4 })).toEqual([]);
    expect(gpt.describe(arch(gpt, { layers: 4 }) as never)).toBe("4 layers of width 64");
    expect(gpt.describe(arch(gpt, { layers: 1, ffn: 6 }) as never)).toBe(
      "1 layer of width 64, feed-forward 6 ×",
    );
    expect(gpt.check(arch(gpt, { heads: 5 }) as never, data)).toContain("does not divide");
    expect(gpt.check(arch(gpt, { layers: 8, maxLayers: 4 }) as never, data)).toContain("allows 4");
    expect(gpt.check(arch(gpt, {}) as never, data)).toBeNull();
  });
});
