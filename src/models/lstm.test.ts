import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sizeOf } from "../engine/layout.ts";
import { arch, forwardFlops, look, side, slope, someTokens, weights } from "../testing/models.ts";
import { activeCount } from "./layers/blocks.ts";
import { lstm } from "./lstm.ts";

const data = { vocab: 7, context: 5 };
const small = (values: object = {}) =>
  side(lstm, arch(lstm, { blocks: [4, 5], layers: 2, embed: 4, ...values }), data);
const total = (specs: ReturnType<typeof lstm.params>) => specs.reduce((n, { shape }) => n + sizeOf(shape), 0);

describe("lstm", () => {
  it.each(["embedding", "one-hot"])(
    "has gradients that agree with differences of the whole loss, %s",
    (input) => {
      const of = small({ input });
      const values = weights(of);
      const tokens = someTokens(3, 6, 7);
      const paths = of.specs.map(({ path }) => path);
      const { grads } = look(lstm, of, values, tokens, { grads: paths });
      for (const path of paths) {
        const grad = grads.get(path)!;
        const index = Math.floor(grad.length * 0.37);
        const expected = slope(lstm, of, values, tokens, path, index);
        // Steps of 1e-5: rounding 1e-16/h = 1e-11, curvature h²/6 = 2e-11 times third derivatives.
        expect(Math.abs(grad[index]! - expected), `${path}[${index}]`).toBeLessThan(1e-8);
      }
      // Not by being nothing: some entry of every parameter moves the loss.
      for (const path of paths)
        expect(Math.max(...grads.get(path)!.map(Math.abs)), path).toBeGreaterThan(5e-4);
    },
  );

  it("starts near the loss of guessing", () => {
    const of = side(lstm, arch(lstm, { blocks: [32], embed: 16 }), { vocab: 40, context: 8 });
    const values = new Map(weights(of));
    values.set("head.bias", new Float64Array(40));
    const { losses } = look(lstm, of, values, someTokens(4, 9, 40));
    expect(Math.abs(losses.reduce((s, x) => s + x, 0) / losses.length - Math.log(40))).toBeLessThan(0.3);
  });

  it("counts as grow-prune §4.4: 4(D + H + 1)H + (H + 1)V, less 4 Σ n_i n_j in Cascade", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 4, max: 40 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 4, max: 64 }),
        fc.integer({ min: 2, max: 100 }),
        (blocks, embed, vocab) => {
          const cells = blocks.reduce((a, b) => a + b, 0);
          const of = (connectivity: string) =>
            lstm.params(arch(lstm, { blocks, embed, connectivity }) as never, { vocab, context: 8 });
          const expected = vocab * embed + 4 * (embed + cells + 1) * cells + (cells + 1) * vocab;
          expect(total(of("fully-connected"))).toBe(expected);
          expect(activeCount(of("fully-connected"))).toBe(expected);
          let pairs = 0;
          blocks.forEach((n, i) => {
            for (const m of blocks.slice(i + 1)) pairs += n * m;
          });
          expect(activeCount(of("cascade"))).toBe(expected - 4 * pairs);
        },
      ),
    );
  });

  it("keeps 62.5 % of W_h with four equal blocks", () => {
    const specs = lstm.params(arch(lstm, { blocks: [16, 16, 16, 16] }) as never, data);
    const h = specs.filter(({ path }) => path === "layers.0.h.weight");
    expect(activeCount(h) / total(h)).toBe(0.625);
  });

  it("counts floating-point operations as §1.4, and as the ops say they do", () => {
    const values = arch(lstm, { blocks: [10, 20], layers: 2, embed: 6 }) as never;
    const executed = 2 * 4 * 30 * (6 + 30) + 2 * 4 * 30 * (30 + 30) + 2 * 30 * 7;
    expect(lstm.flops(values, data)).toEqual({ executed, active: executed - 2 * 2 * 4 * 10 * 20 });
    expect(forwardFlops(lstm, side(lstm, values, data), 3)).toBe(3 * 5 * executed);
  });

  it("with a one-hot input is the LSTM whose embedding is the identity", () => {
    const [of, dense] = [small({ input: "one-hot" }), small({ embed: 7 })];
    expect(of.specs.map(({ path }) => path)).toEqual(dense.specs.slice(1).map(({ path }) => path));
    const values = new Map(weights(of));
    const identity = Float64Array.from({ length: 49 }, (_, i) => (i % 8 === 0 ? 1 : 0));
    const tokens = someTokens(3, 6, 7);
    const paths = [...values.keys()];
    const seen = look(lstm, of, values, tokens, { grads: paths });
    values.set("embed.weight", identity);
    const wanted = look(lstm, dense, values, tokens, { grads: paths });
    for (const path of paths) {
      const [a, b] = [seen.grads.get(path)!, wanted.grads.get(path)!];
      expect(Math.max(...a.map((v, i) => Math.abs(v - b[i]!))), path).toBeLessThan(1e-14);
    }
    expect([...seen.losses]).toEqual([...wanted.losses]);
    expect(lstm.flops(of.arch as never, data).executed).toBe(forwardFlops(lstm, of, 3) / 15);
  });

  it("is drawn as a triangle in Cascade, a rectangle when fully connected; every tile lies inside its tensor", () => {
    for (const [connectivity, input] of [
      ["cascade", "embedding"],
      ["fully-connected", "embedding"],
      ["cascade", "one-hot"],
    ] as const) {
      const of = small({ blocks: [4, 5, 6], input });
      const { taps } = look(lstm, of, weights(of), someTokens(2, 6, 7), { taps: true });
      const drawn = lstm.anatomy({ ...of.arch, connectivity } as never, data);
      const arms = drawn.tiers.map(({ left }) => left.length);
      expect(arms).toEqual(connectivity === "cascade" ? [2, 3, 4, 2, 3, 4] : [4, 4, 4, 4, 4, 4]);
      expect(new Set(drawn.tiers.map(({ id }) => id)).size).toBe(6);
      for (const part of drawn.tiers.flatMap(({ left, right }) => [...left, ...right])) {
        expect(drawn.posts.map(({ id }) => id)).toContain(part.post);
        if (part.kind === "weight") {
          const { shape } = of.specs.find(({ path }) => path === part.path)!;
          expect([...part.rows, ...part.cols].sort()).toEqual(shape.map((_, k) => k));
          part.slice.forEach(([from, to], k) => {
            expect(from).toBeLessThan(to);
            expect(to).toBeLessThanOrEqual(shape[k]!);
          });
        } else expect(taps.get(part.tap)).toHaveLength(5 * 4 * 15);
      }
    }
    const three = small({ blocks: [4, 5, 6] }).arch as never;
    expect(lstm.anatomy(three, data).tiers.map(({ group }) => group)).toEqual([
      "Layer 1",
      "",
      "",
      "Layer 2",
      "",
      "",
    ]);
  });

  it("says what there is room for", () => {
    const wide = { vocab: 80, context: 64 };
    const room = (values: object) => lstm.anatomy(arch(lstm, values) as never, wide).room.map((r) => r.label);
    expect(room({ blocks: [64, 64, 64], embed: 32 })).toEqual([
      "room for block 4: 64 cells, +79,104 weights",
    ]);
    expect(room({ blocks: [128], maxCells: 256 })).toHaveLength(2);
    expect(room({ blocks: [32], maxCells: 80 })).toEqual([
      expect.stringMatching(/^room for block 2: 32 cells, /),
      expect.stringMatching(/^room for block 3: 16 cells, /),
    ]);
    expect(room({ blocks: [128], maxCells: 130 })).toEqual([]);
    expect(room({ blocks: [4, 4, 4, 4, 4, 4, 4, 4], maxCells: 512 })).toEqual([]);
  });

  it("describes and refuses in words", () => {
    expect(lstm.describe(arch(lstm, { blocks: [64, 64, 64] }) as never)).toBe("192 cells in 3 blocks");
    expect(lstm.describe(arch(lstm, { layers: 2 }) as never)).toBe("2 layers of 128 cells in 1 block");
    expect(lstm.check(arch(lstm, { blocks: [200, 100] }) as never, data)).toBe(
      "model.blocks holds 300 cells, model.maxCells allows 256",
    );
    expect(lstm.check(arch(lstm, {}) as never, data)).toBeNull();
  });
});
