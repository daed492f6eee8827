/** Growth in width: a matrix before and after, with what was copied from where. */
import type { Observed, State } from "../../../worker/observed.ts";
import { after, gpt } from "../bases.ts";
import { type Box, type Grid, gridOf, heat, largest, part } from "../heat.ts";
import { figure } from "../plot.ts";
import { aroundIt, changeOf, logitChange } from "../seen.ts";
import { named, type Piece, row, words } from "../svg.ts";
import type { Figure } from "../types.ts";

/** A parameter of so many columns. */
const matrix = (state: State, path: string, cols: number): Grid => {
  const { data } = state.weights(path);
  return gridOf({ shape: [data.length / cols, cols], data });
};

/** What is new in it. */
const newborn = (old: Grid, now: Grid): readonly Box[] => [
  ...(now.rows > old.rows ? [[old.rows, now.rows, 0, now.cols] as const] : []),
  ...(now.cols > old.cols ? [[0, old.rows, old.cols, now.cols] as const] : []),
];

function grown(old: Grid, now: Grid, cell: number | readonly [number, number], most = largest([old])): Piece {
  return row([
    named(`${old.rows} × ${old.cols}`, heat(old, { cell, most })),
    named(`${now.rows} × ${now.cols}`, heat(now, { cell, most, rings: newborn(old, now) })),
  ]);
}

/** How far two matrices are apart, as a share of the first one's size. */
const apart = (a: Grid, b: Grid): number =>
  Math.sqrt(
    a.data.reduce((sum, value, i) => sum + (value - b.data[i]!) ** 2, 0) /
      a.data.reduce((sum, value) => sum + value ** 2, 0),
  );

const around = (seen: Observed, id: string): Piece => {
  const { done } = changeOf(seen, id);
  return words(`${aroundIt(done)}. ${logitChange(done)}. What is new is ringed.`);
};

const W_O = "blocks.0.attn.out.weight";

export const fpi: Figure = {
  id: "fpi",
  config: gpt(160, {}, { recipe: [after(120, { id: "fpi" })] }),
  draw(seen) {
    const { done, before, after: then } = changeOf(seen, "fpi");
    const [old, now] = [matrix(before, W_O, 16), matrix(then, W_O, 32)];
    return {
      title: "bert2BERT FPI: W_O of the first layer before and after the width doubled",
      desc: `W_O with 16 rows and 16 columns, and after the growth with 32 and 32. Rows are copied; columns are copied and halved, with noise that sums to zero over the copies. So the new matrix is the old one four times over, at half its strength. ${aroundIt(done)}. ${logitChange(done)}.`,
      pieces: [
        named(
          "W_O of layer 1: rows copied, columns copied and halved",
          grown(old, now, 6, 0.8 * largest([old])),
        ),
        around(seen, "fpi"),
      ],
    };
  },
};

export const aki: Figure = {
  id: "aki",
  config: gpt(160, {}, { recipe: [after(120, { id: "aki" })] }),
  draw(seen) {
    const { done, before, after: then } = changeOf(seen, "aki");
    const olds = [0, 1].map((layer) => matrix(before, `blocks.${layer}.attn.out.weight`, 16));
    const now = matrix(then, W_O, 32);
    const most = 0.8 * largest(olds);
    const [upper, lower] = [part(now, [0, 16, 0, 16]), part(now, [16, 32, 0, 16])];
    const halved = olds.map((old) => ({ ...old, data: old.data.map((value) => value / 2) }));
    return {
      title:
        "bert2BERT AKI: W_O of the first layer after the width doubled, and the two layers that it came from",
      desc: `W_O of layers 1 and 2 before, 16 by 16 each, and W_O of layer 1 after, 32 by 32. Its upper half is layer 1 with its columns copied and halved, its lower half layer 2: they differ from these halves by ${figure(apart(halved[0]!, upper), 2)} and ${figure(apart(halved[1]!, lower), 2)} of their size. ${aroundIt(done)}.`,
      pieces: [
        row(
          [
            named("layer 1", heat(olds[0]!, { cell: 5.4, most })),
            named("layer 2", heat(olds[1]!, { cell: 5.4, most })),
            named(
              "layer 1 after",
              heat(now, { cell: 4.5, most, frames: [[0, 16, 0, 32]], rings: [[16, 32, 0, 32]] }),
            ),
          ],
          12,
        ),
        words(
          "W_O. After: the upper half is layer 1’s, the ringed half layer 2’s; columns are copied and halved.",
        ),
        words(`${aroundIt(done)}: the function is given up.`),
      ],
    };
  },
};

export const net2net: Figure = {
  id: "net2net",
  config: gpt(160, { ffn: 2 }, { recipe: [after(120, { id: "net2net", ffn: 3, symmetry: "none" })] }),
  draw(seen) {
    const { done, before, after: then } = changeOf(seen, "net2net");
    const path = "blocks.0.mlp.fc.weight";
    const out = "blocks.0.mlp.proj.weight";
    const k = (state: State) => (state.arch.ffn as number) * 16;
    const across = (grid: Grid): Grid => ({
      rows: grid.cols,
      cols: grid.rows,
      data: Array.from({ length: grid.data.length }, (_, i) => {
        const [r, c] = [Math.floor(i / grid.rows), i % grid.rows];
        return grid.data[c * grid.cols + r]!;
      }),
    });
    const ins = [before, then].map((state) => across(matrix(state, path, 16)));
    const outs = [before, then].map((state) => matrix(state, out, k(state)));
    const cell = [5, 5] as const;
    const pair = (name: string, grids: readonly Grid[]) => {
      const most = 0.8 * largest([grids[0]!]);
      return [
        named(`${name}, ${k(before)} hidden units`, heat(grids[0]!, { cell, most })),
        named(
          `${name}, ${k(then)} hidden units`,
          heat(grids[1]!, { cell, most, rings: newborn(grids[0]!, grids[1]!) }),
        ),
      ];
    };
    return {
      title: "Net2Net: W_IN and W_OUT of a layer before and after its feed-forward part was widened",
      desc: `A hidden unit is a column in each tile. ${k(before)} units become ${k(then)}: each new column of W_IN copies an old one, drawn at random; in W_OUT the columns of a unit and its copies are divided by their number. ${aroundIt(done)}. ${logitChange(done)}.`,
      pieces: [...pair("W_IN", ins), ...pair("W_OUT", outs), around(seen, "net2net")],
    };
  },
};
