/**
 * G8 of the methods page: an LSTM of two cells on one-hot inputs, filled by the rule F (one running counter k, value
 * ½ sin k), grown by two cells both ways. The page lists gates as f, i, o, g; tensors here hold i, f, g, o.
 */
import { expect, it } from "vitest";
import { lstm } from "../../models/lstm.ts";
import { type Arrays, arch, grow, largest, look, side } from "../../testing/models.ts";
import type { Side } from "../types.ts";
import { cascade } from "./cascade.ts";
import { fullyConnected } from "./fully-connected.ts";

const data = { vocab: 3, context: 3 };
/** Tokens 0, 2, 1; what follows is not asked for. */
const tokens = [[0, 2, 1, 0]];
const Z = [-0.508051, -0.291886, 0.25215, -0.548014, -0.298696, 0.297779, -0.593429, -0.262088, 0.312726];

function filler(): (shape: readonly number[]) => number[] {
  let k = 0;
  return (shape) => Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => 0.5 * Math.sin(++k));
}

/** Gate-major values in the page's order f, i, o, g, put in ours. */
const gates = (values: readonly number[]): number[] => {
  const quarter = values.length / 4;
  return [1, 0, 3, 2].flatMap((gate) => values.slice(gate * quarter, (gate + 1) * quarter));
};

function start(connectivity: string) {
  const of = side(lstm, arch(lstm, { blocks: [2], embed: 3, connectivity }), data);
  const fill = filler();
  const values: Arrays = new Map(
    Object.entries({
      "embed.weight": [1, 0, 0, 0, 1, 0, 0, 0, 1],
      "layers.0.x.weight": gates(fill([4, 2, 3])),
      "layers.0.h.weight": gates(fill([4, 2, 2])),
      "layers.0.bias": gates(fill([4, 2])),
      "head.weight": fill([3, 2]),
      "head.bias": fill([3]),
    }).map(([path, list]) => [path, Float64Array.from(list)]),
  );
  return { of, values, fill };
}

/** h and c of cells `first`, `first + 1` after each token: h through a readout that shows them, c from h = o tanh c. */
function state(of: Side, values: Arrays, cells: number, first: number) {
  const head = new Float64Array(3 * cells);
  head[first] = 1;
  head[cells + first + 1] = 1;
  const seen = new Map([...values, ["head.weight", head], ["head.bias", new Float64Array(3)]] as const);
  const { logits, taps } = look(lstm, of, seen, tokens, { taps: true });
  const open = taps.get("layers.0.gates")!;
  return [0, 1, 2].map((time) =>
    [0, 1].map((cell) => {
      const h = logits[3 * time + cell]!;
      const o = open[(4 * time + 3) * cells + first + cell]!;
      return { h, c: Math.atanh(h / o) };
    }),
  );
}

// Golden values have six places.
const close = (actual: number, expected: number) => expect(Math.abs(actual - expected)).toBeLessThan(1e-6);

it("before growth", () => {
  const { of, values } = start("cascade");
  const { logits } = look(lstm, of, values, tokens);
  logits.forEach((z, i) => {
    close(z, Z[i]!);
  });
  const last = state(of, values, 2, 0)[2]!;
  [0.242162, -0.167163].forEach((h, cell) => {
    close(last[cell]!.h, h);
  });
  [0.349527, -0.342732].forEach((c, cell) => {
    close(last[cell]!.c, c);
  });
});

it("Fully Connected +2: same logits; the new cells, filled on, reach the listed state", () => {
  const { of, values, fill } = start("fully-connected");
  const choice = { cells: 4, noise: 0 };
  // The schema's least block is 4 cells; the map itself takes any size.
  const to = side(lstm, { ...of.arch, blocks: [2, 2] }, data);
  const method = { ...fullyConnected, next: () => to.arch };
  const { weights } = grow(lstm, method, of, values, choice);
  const x = gates(fill([4, 2, 3]));
  const h = gates(fill([4, 2, 4]));
  const filled = new Map(weights);
  filled.set(
    "layers.0.x.weight",
    weights.get("layers.0.x.weight")!.map((w, i) => (isNew(i, 3) ? x[born(i, 3)]! : w)),
  );
  filled.set(
    "layers.0.h.weight",
    weights.get("layers.0.h.weight")!.map((w, i) => (isNew(i, 4) ? h[born(i, 4)]! : w)),
  );
  expect([...weights.get("layers.0.bias")!].filter((_, i) => i % 4 >= 2)).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
  const { logits } = look(lstm, to, filled, tokens);
  expect(largest(logits, look(lstm, of, values, tokens).logits)).toBe(0);
  const last = state(to, filled, 4, 2)[2]!;
  close(last[0]!.h, 0.260888);
  close(last[1]!.h, -0.116148);
});

it.each(["none", "split"])(
  "Cascade +2 at ν = 0, handoff %s: same logits, the new cells follow the donor",
  (handoff) => {
    const { of, values } = start("cascade");
    const to = side(lstm, { ...of.arch, blocks: [2, 2] }, data);
    const method = { ...cascade, next: () => to.arch };
    const { weights } = grow(lstm, method, of, values, { cells: 4, noise: 0, handoff, rho: 0.5 });
    const { logits } = look(lstm, to, weights, tokens);
    // The split adds two halves of each product.
    expect(largest(logits, look(lstm, of, values, tokens).logits)).toBeLessThan(1e-15);
    expect(state(to, weights, 4, 2)).toEqual(state(to, weights, 4, 0));
  },
);

/** Entry i of a [4, 4, columns] tensor: is it in a new row, and which of the [4, 2, columns] new ones is it? */
const isNew = (i: number, columns: number) => Math.floor(i / columns) % 4 >= 2;
const born = (i: number, columns: number) => {
  const [gate, row] = [Math.floor(i / (4 * columns)), Math.floor(i / columns) % 4];
  return (2 * gate + row - 2) * columns + (i % columns);
};
