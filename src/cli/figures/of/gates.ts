/** What happens inside the gates of an H-LSTM: a layer goes in, its activation is swapped, units that are cut off go. */
import type { State } from "../../../worker/observed.ts";
import { after, hlstm } from "../bases.ts";
import { type Box, type Grid, gridOf, heat, largest, part } from "../heat.ts";
import { figure, plot } from "../plot.ts";
import { aroundIt, changeOf, logitChange, lossLines, markOf, percent, stepsOf } from "../seen.ts";
import { named, type Piece, row, words } from "../svg.ts";
import type { Figure } from "../types.ts";

const G = 2;
const NAMES = ["i", "f", "g", "o"] as const;

/** Rows of one gate of a stacked matrix [4, rows, cols]. */
function gate(state: State, path: string, k: number): Grid {
  const { shape } = state.weights(path);
  const [, rows = 0, cols = 0] = shape;
  return part(gridOf(state.weights(path), state.ages(path)), [k * rows, (k + 1) * rows, 0, cols]);
}

/** Beside each other as one. */
function joined(a: Grid, b: Grid): Grid {
  const lines = Array.from({ length: a.rows }, (_, r) => r);
  const line = <T>(from: readonly T[], cols: number, r: number) => from.slice(r * cols, (r + 1) * cols);
  const both = a.off !== undefined && b.off !== undefined;
  return {
    ...{ rows: a.rows, cols: a.cols + b.cols },
    data: lines.flatMap((r) => [...line(a.data, a.cols, r), ...line(b.data, b.cols, r)]),
    ...(both ? { off: lines.flatMap((r) => [...line(a.off!, a.cols, r), ...line(b.off!, b.cols, r)]) } : {}),
  };
}

const loss = (seen: Parameters<Figure["draw"]>[0], id: string, label: string): Piece =>
  named(
    "Training loss, nats",
    plot({
      x: [0, stepsOf(seen)],
      lines: lossLines(seen, ""),
      marks: [markOf(changeOf(seen, id).done, label)],
      height: 108,
    }),
  );

export const insertGateLayer: Figure = {
  id: "insert-gate-layer",
  config: hlstm(
    160,
    { gateLayers: 0, gateWidth: 16, blocks: [6], embed: 6 },
    {
      recipe: [after(100, { id: "insert-gate-layer" })],
    },
  ),
  draw(seen) {
    const { done, before, after: then } = changeOf(seen, "insert-gate-layer");
    const plain = joined(gate(before, "layers.0.x.weight", G), gate(before, "layers.0.h.weight", G));
    const u = joined(gate(then, "layers.0.x.weight", G), gate(then, "layers.0.h.weight", G));
    const w = gate(then, "layers.0.gates.weight", G);
    const used = part(w, [0, w.rows, 0, 2 * plain.cols]);
    return {
      title: "Insert gate layer: W before, and U and W′ after",
      desc: `Gate g of 6 cells that read ${plain.cols} numbers. Before, W is ${plain.rows} by ${plain.cols}. After, U is the identity over its negative, ${2 * plain.cols} by ${plain.cols}, all else dormant; W′ holds W and −W, each divided by 1 + s. ${aroundIt(done)}. ${logitChange(done)}.`,
      pieces: [
        row(
          [
            named("W before", heat(plain, { cell: 7, most: largest([plain]) })),
            named("U_new = [I; −I]", heat(part(u, [0, 2 * plain.cols, 0, u.cols]), { cell: 7, most: 1 })),
          ],
          40,
        ),
        named("W′ = [W, −W] / (1 + s)", heat(used, { cell: 7, most: largest([plain]) })),
        words(
          `Gate g; x and h are read side by side. Grey: dormant. ${aroundIt(done)}. ${logitChange(done)}.`,
        ),
        loss(seen, "insert-gate-layer", "L = 0 → 1"),
      ],
    };
  },
};

/** Of hidden units over the window: [4 gates × units, places], as the stage has them. */
const hidden = (seen: Parameters<Figure["draw"]>[0], step: number): Grid => {
  const { rows, cols, data } = seen.views.get(step)!.tiles["layers.0.inside.a1"]!;
  return { rows, cols, data: Array.from(data) };
};

export const swapActivation: Figure = {
  id: "swap-activation",
  config: hlstm(180, { gateWidth: 6 }, { recipe: [after(120, { id: "swap-activation" })] }),
  asked: { look: [{ step: 119 }, { step: 120 }] },
  draw(seen) {
    const { done, before, after: then } = changeOf(seen, "swap-activation");
    const [old, now] = [hidden(seen, 119), hidden(seen, 120)];
    const zeros = (grid: Grid) => grid.data.filter((value) => value === 0).length / grid.data.length;
    const below = (grid: Grid) => grid.data.filter((value) => value < 0).length / grid.data.length;
    const same = before.paths.every((path) => {
      const [a, b] = [before.weights(path).data, then.weights(path).data];
      return Array.from(a).every((value, i) => value === b[i]);
    });
    const show = (grid: Grid) =>
      heat({ ...grid, off: grid.data.map((value) => value === 0) }, { cell: [150 / grid.cols, 3.6] });
    return {
      title: "Swap activation: what the hidden units of the gates say just before and just after",
      desc: `Hidden units of all four gates, a row each, over a window of text. One update before the swap ${percent(below(old))} of their values are below zero and ${percent(zeros(old))} are 0; after it ${percent(below(now))} and ${percent(zeros(now))}. Slope ${figure(before.arch.slope as number)} becomes ${figure(then.arch.slope as number)}; the weights are ${same ? "the same, bit for bit" : "changed"}. ${aroundIt(done)}.`,
      pieces: [
        row(
          [
            named(`leaky: ${percent(zeros(old))} are 0`, show(old)),
            named(`ReLU: ${percent(zeros(now))} are 0`, show(now)),
          ],
          28,
        ),
        words("Hidden units inside the gates, a row each, over a window of text. Grey: exactly 0."),
        loss(seen, "swap-activation", "s → 0"),
        words(`${aroundIt(done)}. ${logitChange(done)}. No weight changed.`),
      ],
    };
  },
};

export const compactGates: Figure = {
  id: "compact-gates",
  config: hlstm(
    200,
    {},
    {
      recipe: [
        after(100, { id: "swap-activation" }),
        after(120, { id: "magnitude", mode: "global", share: 0.85, grace: 0, target: "layers" }),
        after(180, { id: "compact-gates" }),
      ],
    },
  ),
  draw(seen) {
    const { done, before, after: then } = changeOf(seen, "compact-gates");
    // A row a hidden unit: what reads it, W, and what it reads, U.
    const u = (state: State, k: number) =>
      joined(gate(state, "layers.0.x.weight", k), gate(state, "layers.0.h.weight", k));
    const readers = (state: State, k: number): Grid => {
      const w = gate(state, "layers.0.gates.weight", k);
      const order = Array.from(
        { length: w.data.length },
        (_, i) => (i % w.rows) * w.cols + Math.floor(i / w.rows),
      );
      return {
        ...{ rows: w.cols, cols: w.rows, data: order.map((i) => w.data[i]!) },
        ...(w.off === undefined ? {} : { off: order.map((i) => w.off![i]!) }),
      };
    };
    const idle = ({ cols, off }: Grid, r: number) =>
      (off ?? []).slice(r * cols, (r + 1) * cols).every(Boolean);
    const scars = (state: State, k: number): readonly Box[] =>
      Array.from({ length: u(state, k).rows }, (_, r) => r)
        .filter((r) => idle(u(state, k), r) || idle(readers(state, k), r))
        .map((r) => [r, r + 1, 0, 16 + 8]);
    const tile = (state: State, cut: boolean) =>
      row(
        NAMES.map((name, k) =>
          named(
            name,
            heat(joined(u(state, k), readers(state, k)), {
              cell: [3.2, 6],
              scars: cut ? scars(state, k) : [],
            }),
          ),
        ),
        8,
      );
    const [widthBefore, widthAfter] = [before, then].map(({ arch }) => arch.gateWidth as number);
    return {
      title: "Compact gates: hidden units that pruning has cut off, and the narrower gates without them",
      desc: `For each of the four gates a row for each hidden unit: the 16 numbers it reads, then the 8 cells that read it. Framed units read nothing or are read by nobody. The width of the gates goes from ${widthBefore} to ${widthAfter}, which the widest gate needs; ${figure(done.paramsBefore, 5)} weights in the matrices become ${figure(done.paramsAfter, 5)}. ${logitChange(done)}.`,
      pieces: [
        named(`Before: ${widthBefore} hidden units a gate; framed: cut off`, tile(before, true)),
        named(`After: ${widthAfter}, as many as the widest gate needs`, tile(then, false)),
        words(
          `A row a hidden unit: what it reads (16), what reads it (8). ${figure(done.paramsBefore, 5)} numbers become ${figure(done.paramsAfter, 5)}. ${logitChange(done)}.`,
        ),
      ],
    };
  },
};
