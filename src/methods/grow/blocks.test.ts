import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaults } from "../../config/schema.ts";
import { sizeOf } from "../../engine/layout.ts";
import { activeCount } from "../../models/layers/blocks.ts";
import { lstm } from "../../models/lstm.ts";
import {
  type Arrays,
  arch,
  carry,
  grow,
  largest,
  look,
  side,
  someTokens,
  weights,
} from "../../testing/models.ts";
import type { GrowMethod, Side } from "../types.ts";
import { cascade } from "./cascade.ts";
import { fullyConnected } from "./fully-connected.ts";

const data = { vocab: 5, context: 12 };
const make = (blocks: readonly number[], values: object = {}) =>
  side(lstm, arch(lstm, { blocks, embed: 4, ...values }), data);
const tokens = someTokens(2, 13, 5);

/** max|Δz|, in units of max(1, max|z|). The trainer's limit for f32 is 1e-5; here everything is float64. */
function change(from: Side, before: Arrays, to: Side, after: Arrays) {
  const a = look(lstm, from, before, tokens).logits;
  const b = look(lstm, to, after, tokens).logits;
  return largest(a, b) / Math.max(1, ...a.map(Math.abs));
}

describe("growing by a block", () => {
  const methods: readonly [string, GrowMethod, string][] = [
    ["cascade", cascade, "cascade"],
    ["fully connected", fullyConnected, "fully-connected"],
    ["from cascade to fully connected", fullyConnected, "cascade"],
  ];

  it.each(methods)("%s: keeps the function, any ν, 1-3 layers, any sizes", (_, method, connectivity) => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 4, max: 7 }), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 4, max: 9 }),
        fc.constantFrom(0, 0.1, 1),
        fc.nat(2),
        (blocks, layers, cells, noise, donor) => {
          const from = make(blocks, { layers, connectivity });
          const before = weights(from);
          const choice = {
            cells,
            noise,
            donor: donor === 0 ? "newest" : String(Math.min(donor, blocks.length)),
          };
          const { to, weights: after } = grow(lstm, method, from, before, choice);
          expect(to.arch.blocks).toEqual([...blocks, cells]);
          for (const { path, shape } of to.specs) expect(after.get(path), path).toHaveLength(sizeOf(shape));
          expect(change(from, before, to, after)).toBeLessThan(1e-14);
        },
      ),
      { numRuns: 12 },
    );
  });

  it.each(methods)(
    "%s: the same event draws the same numbers, another event others",
    (_, method, connectivity) => {
      const from = make([6], { connectivity });
      const before = weights(from);
      const at = (key: readonly [number, number]) =>
        grow(lstm, method, from, before, { cells: 5 }, key).weights.get("layers.0.h.weight")!;
      expect(at([3, 1])).toEqual(at([3, 1]));
      expect(at([3, 1])).not.toEqual(at([3, 2]));
      expect(at([3, 1])).not.toEqual(at([4, 1]));
    },
  );

  it.each(methods)("%s: slots and ages move with their weights", (_, method, connectivity) => {
    const from = make([4, 5], { connectivity, layers: 2 });
    const to = side(
      lstm,
      method.next(lstm, from.arch, { ...defaults(method.schema), cells: 4 }) as never,
      data,
    );
    const numbered = new Map(
      from.specs.map(({ path, shape, lowerBlocks }) => [
        path,
        Float64Array.from({ length: sizeOf(shape) }, (_, i) =>
          lowerBlocks && i % 9 >= 4 && Math.floor(i / 9) % 9 < 4 ? 0 : 1000 + i,
        ),
      ]),
    );
    const moved = carry(method, from, to, numbered, { choice: { cells: 4 }, fill: 1, dtype: "u32" });
    const upper = (row: number, col: number) => (col >= 9 && row < 9) || (col >= 4 && row < 4);
    for (const { path, shape, lowerBlocks } of to.specs) {
      const words = moved.get(path)!;
      const old = from.specs.find((spec) => spec.path === path)!.shape;
      expect(words, path).toHaveLength(sizeOf(shape));
      words.forEach((word, i) => {
        const place = coordinates(i, shape);
        const [row, col] = place.slice(-2) as [number, number];
        const isOld = place.every((x, k) => x < old[k]!);
        const recurrent = path.endsWith("h.weight");
        const expected =
          lowerBlocks && upper(row, col)
            ? 0
            : isOld && !(recurrent && connectivity === "cascade" && upper(row, col))
              ? 1000 + flat(place, old)
              : 1;
        if (word !== expected) throw new Error(`${path}[${place}] is ${word}, expected ${expected}`);
      });
    }
  });

  it("counts G8: 57 → 143 parameters, Cascade keeps 48 of 64 recurrent entries", () => {
    const tiny = { vocab: 3, context: 3 };
    const of = (blocks: number[], connectivity: string) =>
      side(lstm, arch(lstm, { blocks, embed: 3, connectivity }), tiny).specs.filter(
        ({ path }) => path !== "embed.weight",
      );
    expect(activeCount(of([2], "fully-connected"))).toBe(57);
    expect(activeCount(of([2, 2], "fully-connected"))).toBe(143);
    expect(activeCount(of([2, 2], "cascade").filter(({ path }) => path.endsWith("h.weight")))).toBe(48);
  });

  it("is refused in words, or ends", () => {
    const next = (method: GrowMethod, values: object, choice: object = {}) =>
      method.next(lstm, arch(lstm, values), { ...defaults(method.schema), ...choice });
    for (const method of [cascade, fullyConnected]) {
      expect(next(method, { blocks: [128, 64] })).toMatchObject({ blocks: [128, 64, 64] });
      expect(next(method, { blocks: [128, 100] })).toBe(
        "Not grown: the next block makes 292 cells, the config allows 256. Training goes on.",
      );
      expect(next(method, { blocks: [64] }, { donor: "2" })).toBe(
        "Not grown: there is no block 2 to copy, the network has 1 block. Training goes on.",
      );
      // The smallest block has 4 cells: it fits exactly, or not at all.
      expect(next(method, { blocks: [128, 124] }, { cells: 4 })).toMatchObject({ blocks: [128, 124, 4] });
      expect(next(method, { blocks: [128, 125] }, { cells: 4 })).toBeNull();
      expect(next(method, { blocks: [128, 128] })).toBeNull();
      expect(next(method, { blocks: new Array(8).fill(4) })).toBeNull();
    }
    expect(next(cascade, { blocks: [8, 8], connectivity: "fully-connected" })).toMatch(
      /^Not grown: .*Cascade would cut/,
    );
    expect(next(cascade, { blocks: [8], connectivity: "fully-connected" })).toMatchObject({
      connectivity: "cascade",
    });
    expect(next(fullyConnected, { blocks: [8, 8] })).toMatchObject({ connectivity: "fully-connected" });
  });

  it("splits the readout without changing the function at ν = 0", () => {
    for (const method of [cascade, fullyConnected]) {
      for (const cells of [5, 8]) {
        const from = make([4, 5], { layers: 2, connectivity: method.id });
        const before = weights(from);
        const choice = { cells, noise: 0, handoff: "split", rho: 0.6 };
        const { to, weights: after } = grow(lstm, method, from, before, choice);
        // The shares .6 and .4 are constants of f32.
        expect(change(from, before, to, after), `${method.id} ${cells}`).toBeLessThan(1e-7);
        const row = after.get("head.weight")!.slice(0, 9 + cells);
        const shared = before.get("head.weight")!.slice(4, 9);
        const sum = (xs: Float64Array) => xs.reduce((a, b) => a + b, 0);
        expect(row.slice(9).some((x) => x !== 0)).toBe(true);
        expect(sum(row.slice(4))).toBeCloseTo(sum(shared), 5);
      }
      const at = side(lstm, arch(lstm, {}), data);
      expect(method.preserving({ ...defaults(method.schema), handoff: "split" }, at, at)).toBe(false);
      expect(method.preserving({ ...defaults(method.schema), handoff: "split", noise: 0 }, at, at)).toBe(
        true,
      );
      expect(method.slots({ ...defaults(method.schema), handoff: "split" })).toBe("reset");
    }
  });
});

const coordinates = (index: number, shape: readonly number[]): number[] =>
  shape.map((d, k) => Math.floor(index / sizeOf(shape.slice(k + 1))) % d);
const flat = (place: readonly number[], shape: readonly number[]): number =>
  place.reduce((at, x, k) => at * shape[k]! + x, 0);
