/** Blocks of LSTM cells: what reads what, before and after. One gate of the recurrent matrix stands for all four. */
import type { State } from "../../../worker/observed.ts";
import { after, lstm } from "../bases.ts";
import { type Box, type Grid, gridOf, heat, largest, part } from "../heat.ts";
import { figure, plot } from "../plot.ts";
import { aroundIt, changeOf, logitChange, lossLines, markOf, stateAt, stepsOf } from "../seen.ts";
import { named, type Piece, row, words } from "../svg.ts";
import type { Figure } from "../types.ts";

const H = "layers.0.h.weight";
/** i f g o */
const G = 2;

/** W_h of gate g: rows are the cells that are made, columns those that are read. */
function gate(state: State): Grid {
  const [, cells = 0] = state.weights(H).shape;
  return part(gridOf(state.weights(H), state.ages(H)), [G * cells, (G + 1) * cells, 0, cells]);
}

const strongest = (grid: Grid, box: Box): number => Math.max(0, ...part(grid, box).data.map(Math.abs));

/** Three tiles of the same matrix. */
function tiles(
  shown: readonly {
    readonly name: string;
    readonly grid: Grid;
    readonly rings?: readonly Box[];
    readonly scars?: readonly Box[];
    readonly bare?: readonly Box[];
  }[],
  cell: number,
  gap = 14,
): Piece {
  const most = 0.9 * largest(shown.map(({ grid }) => grid));
  return row(
    shown.map(({ name, grid, ...boxes }) => named(name, heat(grid, { cell, most, ...boxes }))),
    gap,
  );
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

export const cascade: Figure = {
  id: "cascade",
  config: lstm(180, {}, { recipe: [after(100, { id: "cascade", cells: 8 })] }),
  asked: { at: [180] },
  draw(seen) {
    const { done, before, after: then } = changeOf(seen, "cascade");
    const bare: readonly Box[] = [[0, 12, 12, 20]];
    const rings: readonly Box[] = [[12, 20, 0, 20]];
    const now = gate(then);
    return {
      title: "Cascade: what cells read of each other before, at the growth, and 80 updates later",
      desc: `W_h of gate g, a row for each cell that is made and a column for each that is read. 12 cells become 20. The new rows copy the donor's, at 0 where they read the donor (largest entry there ${figure(strongest(now, [12, 20, 0, 12]))}). Old rows have no new columns, so the new block reads the old one and never the reverse. ${aroundIt(done)}. ${logitChange(done)}.`,
      pieces: [
        tiles(
          [
            { name: "before", grid: gate(before) },
            { name: "at the growth", grid: now, bare, rings },
            { name: "80 updates later", grid: gate(stateAt(seen, 180)), bare },
          ],
          5.4,
        ),
        words(
          "W_h of gate g: rows are made, columns are read. Newborn ringed; where it is bare there are no weights.",
        ),
        loss(seen, "cascade", "12 → 20 cells"),
        words(`${aroundIt(done)}. ${logitChange(done)}.`),
      ],
    };
  },
};

export const fullyConnected: Figure = {
  id: "fully-connected",
  config: lstm(
    180,
    { connectivity: "fully-connected" },
    {
      recipe: [after(100, { id: "fully-connected", cells: 8 })],
    },
  ),
  asked: { at: [180] },
  draw(seen) {
    const { done, before, after: then } = changeOf(seen, "fully-connected");
    const [now, later] = [gate(then), gate(stateAt(seen, 180))];
    const corner: Box = [0, 12, 12, 20];
    return {
      title: "Fully Connected: what cells read of each other before, at the growth, and 80 updates later",
      desc: `W_h of gate g, a row for each cell that is made and a column for each that is read. 12 cells become 20. The new rows are drawn afresh; the new columns of old rows are 0 at the growth (largest ${figure(strongest(now, corner))}) and trained from then on (largest ${figure(strongest(later, corner))} after 80 updates). ${aroundIt(done)}. ${logitChange(done)}.`,
      pieces: [
        tiles(
          [
            { name: "before", grid: gate(before) },
            { name: "at the growth", grid: now, rings: [[12, 20, 0, 20], corner] },
            { name: "80 updates later", grid: later, rings: [corner] },
          ],
          5.4,
        ),
        words(
          "W_h of gate g: rows are made, columns are read. Old cells come to read the new ones, upper right, from 0.",
        ),
        loss(seen, "fully-connected", "12 → 20 cells"),
        words(`${aroundIt(done)}. ${logitChange(done)}.`),
      ],
    };
  },
};

export const connectivity: Figure = {
  id: "connectivity",
  config: lstm(
    180,
    { blocks: [8, 8] },
    {
      recipe: [after(100, { id: "connectivity", to: "fully-connected" })],
    },
  ),
  asked: { at: [180] },
  draw(seen) {
    const { done, before, after: then } = changeOf(seen, "connectivity");
    const corner: Box = [0, 8, 8, 16];
    const later = gate(stateAt(seen, 180));
    return {
      title: "Switch connectivity: from Cascade to Fully Connected, and 80 updates later",
      desc: `W_h of gate g of two blocks of 8 cells. In Cascade the older block has no weights that read the newer one. The switch brings them to life at 0; 80 updates later the largest of them is ${figure(strongest(later, corner))}. ${aroundIt(done)}. ${logitChange(done)}.`,
      pieces: [
        tiles(
          [
            { name: "Cascade", grid: gate(before), bare: [corner] },
            { name: "at the switch", grid: gate(then), rings: [corner] },
            { name: "80 updates later", grid: later, rings: [corner] },
          ],
          6.4,
          18,
        ),
        words(
          "W_h of gate g: rows are made, columns are read. Upper right: the older block reads the newer one.",
        ),
        loss(seen, "connectivity", "switched"),
        words(`${aroundIt(done)}. ${logitChange(done)}.`),
      ],
    };
  },
};

export const removeBlock: Figure = {
  id: "remove-block",
  config: lstm(180, { blocks: [8, 8] }, { recipe: [after(120, { id: "remove-block" })] }),
  draw(seen) {
    const { done, before, after: then } = changeOf(seen, "remove-block");
    const old = gate(before);
    const kept = part(old, [0, 8, 0, 8]);
    const same = gate(then).data.every((value, i) => value === kept.data[i]);
    return {
      title: "Remove newest block: what goes and what stays",
      desc: `W_h of gate g of two blocks of 8 cells before, with what goes framed, and of the one block that is left. What stays is ${same ? "the same, bit for bit" : "not the same"}. ${aroundIt(done)}. Training loss over ${stepsOf(seen)} steps.`,
      pieces: [
        tiles(
          [
            {
              name: "two blocks; framed: what goes",
              grid: old,
              scars: [[8, 16, 0, 16]],
              bare: [[0, 8, 8, 16]],
            },
            { name: "what stays", grid: gate(then) },
          ],
          7,
          90,
        ),
        words(
          "W_h of gate g: rows are made, columns are read. What it read, and the readout’s columns, go as well.",
        ),
        loss(seen, "remove-block", "block 2 goes"),
        words(`${aroundIt(done)}. ${logitChange(done)}.`),
      ],
    };
  },
};
