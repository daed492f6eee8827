import { describe, expect, it } from "vitest";
import { defaults } from "../../config/schema.ts";
import { cellsOf } from "../../models/layers/blocks.ts";
import { lstm } from "../../models/lstm.ts";
import { type Arrays, arch, grow, largest, look, side, someTokens, weights } from "../../testing/models.ts";
import type { Side } from "../types.ts";
import { cascade } from "./cascade.ts";

const data = { vocab: 5, context: 12 };
const make = (blocks: readonly number[], values: object = {}) =>
  side(lstm, arch(lstm, { blocks, embed: 4, ...values }), data);
const tokens = someTokens(2, 13, 5);

/** h of the last layer, by a readout that passes cells `first` … `first + 4` on as logits. */
function hidden(of: Side, values: Arrays, first: number): Float64Array {
  const cells = cellsOf(of.arch.blocks as never);
  const head = new Float64Array(5 * cells);
  for (let v = 0; v < 5; v++) if (first + v < cells) head[v * cells + first + v] = 1;
  const seen = new Map([...values, ["head.weight", head], ["head.bias", new Float64Array(5)]] as const);
  return look(lstm, of, seen, tokens).logits;
}

describe("cascade", () => {
  it.each([5, 7, 4])("at ν = 0 a new cell computes what its donor cell does (k = %i)", (cells) => {
    const from = make([4, 5], { layers: 2 });
    const { to, weights: after } = grow(lstm, cascade, from, weights(from), { cells, noise: 0 });
    const old = hidden(to, after, 4);
    const born = hidden(to, after, 9);
    for (let j = 0; j < Math.min(cells, 5); j++) {
      const series = (h: Float64Array, v: number) => h.filter((_, i) => i % 5 === v);
      const donors = [0, 1, 2, 3, 4].map((v) => largest(series(born, j), series(old, v)));
      if (cells === 5) expect(donors[j]).toBeLessThan(1e-7);
      expect(Math.min(...donors)).toBeLessThan(1e-7);
    }
  });

  it("at ν = 0 gives the new readout its donor's gradient", () => {
    const from = make([4, 5]);
    const { to, weights: after } = grow(lstm, cascade, from, weights(from), { cells: 5, noise: 0 });
    const { grads } = look(lstm, to, after, tokens, { grads: ["head.weight"] });
    const grad = grads.get("head.weight")!;
    for (let v = 0; v < 5; v++) {
      const row = grad.slice(14 * v, 14 * v + 14);
      expect(largest(row.slice(9), row.slice(4, 9))).toBeLessThan(1e-15);
      expect(Math.max(...row.slice(9).map(Math.abs))).toBeGreaterThan(1e-4);
    }
  });

  it.each([
    ["newest", 24, 48, [0, 24]],
    ["1", 0, 24, [24, 48]],
  ] as const)(
    "noise has the spread it says, on copied entries only (donor %s)",
    (donor, start, end, other) => {
      const from = make([24, 24]);
      // A mean far from zero: the spread is taken about it, and over what the donor has.
      const before = new Map(
        [...weights(from)].map(([path, w]) => [path, w.map((x) => (x === 0 ? 0 : x + 1))]),
      );
      const at = (noise: number) => grow(lstm, cascade, from, before, { cells: 24, noise, donor }).weights;
      const [still, noisy] = [at(0), at(0.5)];
      const spread = (xs: Float64Array) => {
        const mean = xs.reduce((a, b) => a + b, 0) / xs.length;
        return Math.sqrt(xs.reduce((a, b) => a + (b - mean) ** 2, 0) / xs.length);
      };
      const added = (path: string) => noisy.get(path)!.map((x, i) => x - still.get(path)![i]!);
      // 2304 draws a part, and 384 below: the error of a spread is 1/√(2n) = 1.5 % and 3.6 %; four of it.
      const recurrent = before.get("layers.0.h.weight")!.filter((_, i) => {
        const row = Math.floor(i / 48) % 48;
        return row >= start && row < end && i % 48 < end;
      });
      const part = ([from, to]: readonly [number, number], isNew: boolean) =>
        added("layers.0.h.weight").filter(
          (_, i) => i % 72 >= from && i % 72 < to && Math.floor(i / 72) % 72 >= 48 === isNew,
        );
      for (const columns of [other, [48, 72]] as const) {
        expect(Math.abs(spread(part(columns, true)) / (0.5 * spread(recurrent)) - 1)).toBeLessThan(0.06);
      }
      expect(Math.max(...part([start, end], true).map(Math.abs))).toBe(0);
      expect(Math.max(...part([0, 72], false).map(Math.abs))).toBe(0);
      const rows = (values: Float64Array, height: number, from: number, to: number) =>
        values.filter((_, i) => Math.floor(i / 4) % height >= from && Math.floor(i / 4) % height < to);
      const inputs = rows(before.get("layers.0.x.weight")!, 48, start, end);
      const noise = rows(added("layers.0.x.weight"), 72, 48, 72);
      expect(Math.abs(spread(noise) / (0.5 * spread(inputs)) - 1)).toBeLessThan(0.15);
      expect(noisy.get("layers.0.bias")).toEqual(still.get("layers.0.bias"));
    },
  );

  it("leaves older blocks blind to newer ones", () => {
    const from = make([4, 5]);
    const { to, weights: after } = grow(lstm, cascade, from, weights(from), { cells: 6 });
    const seen = hidden(to, after, 0);
    const disturbed = new Map(
      [...after].map(([path, w]) => {
        const columns = path === "layers.0.bias" ? 1 : w.length / (4 * 15);
        const isNew = (i: number) => path.startsWith("layers.") && Math.floor(i / columns) % 15 >= 9;
        return [path, w.map((x, i) => (isNew(i) ? x + Math.sin(i) : x))];
      }),
    );
    expect(hidden(to, disturbed, 0)).toEqual(seen);
    expect(largest(hidden(to, disturbed, 9), hidden(to, after, 9))).toBeGreaterThan(0.01);
  });

  it("freezes everything but the readout when asked, and says whom it copied", () => {
    const from = make([4, 5], { layers: 2 });
    const to = make([4, 5, 6], { layers: 2 });
    const c = { ...defaults(cascade.schema), freezeOld: true };
    expect(cascade.frozen!(from, c)).toEqual([
      "embed.weight",
      "layers.0.x.weight",
      "layers.0.h.weight",
      "layers.0.bias",
      "layers.1.x.weight",
      "layers.1.h.weight",
      "layers.1.bias",
    ]);
    expect(cascade.frozen!(from, defaults(cascade.schema))).toEqual([]);
    expect(cascade.copies!(from, to, { ...c, donor: "1" })).toEqual({
      "layers.0.block.2": "layers.0.block.0",
      "layers.1.block.2": "layers.1.block.0",
    });
    const ids = lstm.anatomy(to.arch as never, data).tiers.map(({ id }) => id);
    for (const [born, donor] of Object.entries(cascade.copies!(from, to, c))) {
      expect(ids).toContain(born);
      expect(ids).toContain(donor);
    }
  });
});
