/** What goes: by size, with what is cut off, by place. */
import { after, cnn, mlp } from "../bases.ts";
import { type Box, type Grid, heat, largest, picture } from "../heat.ts";
import { bars, figure, histogram } from "../plot.ts";
import { active, aroundIt, changeOf, logitChange, percent, weights } from "../seen.ts";
import { named, row, words } from "../svg.ts";
import type { Figure } from "../types.ts";

const SIDE = 14;

export const magnitude: Figure = {
  id: "magnitude",
  config: mlp(
    200,
    {},
    {
      recipe: [after(150, { id: "magnitude", mode: "fraction", share: 0.7, grace: 0, target: "fc1" })],
    },
  ),
  draw(seen) {
    const { done, before, after: then } = changeOf(seen, "magnitude");
    const [old, now] = [weights(before, "fc1.weight"), weights(then, "fc1.weight")];
    const sizes = old.data.map(Math.abs);
    const gone = sizes.filter((_, i) => now.off![i]);
    const threshold = Math.max(...gone);
    const end = largest([old]) * 1.02;
    // The units whose weights are largest say most to the eye.
    const unit = (grid: Grid, u: number) => picture(grid, SIDE ** 2 * u, SIDE ** 2 * (u + 1), SIDE);
    const strength = Array.from({ length: 16 }, (_, u) => unit(old, u).data.reduce((s, w) => s + w * w, 0));
    const shown = [...strength.keys()].sort((a, b) => strength[b]! - strength[a]! || a - b).slice(0, 5);
    const tiles = (grid: Grid) =>
      row(
        shown.map((u) => heat(unit(grid, u), { cell: 4.5, most: end })),
        6,
      );
    return {
      title: "Magnitude pruning: sizes of the weights with the threshold, and masks before and after",
      desc: `A histogram of the sizes of the ${figure(sizes.length, 4)} weights of fc1. The ${figure(gone.length, 4)} smallest, all up to ${figure(threshold)}, are cut. Under it what five units read of the image, before and after. ${aroundIt(done)}, after step ${done.step}.`,
      pieces: [
        named(
          "fc1, sizes of its weights",
          bars({
            ...{ x: [0, end], unit: "|w|", until: threshold, height: 100 },
            counts: histogram(sizes, 0, end, 48),
            label: `threshold ${figure(threshold)}: ${percent(gone.length / sizes.length)} go`,
          }),
        ),
        named("What five of its units read of the image, before", tiles(old)),
        named("The same after: what is cut is grey", tiles(now)),
        words(`${aroundIt(done)}, after step ${done.step}.`),
      ],
    };
  },
};

/** Rows in which nothing is active. */
const empty = ({ rows, cols, off }: Grid): readonly number[] =>
  Array.from({ length: rows }, (_, r) => r).filter((r) =>
    off!.slice(r * cols, (r + 1) * cols).every(Boolean),
  );

const transposed = ({ rows, cols, data, off }: Grid): Grid => {
  const at = (i: number) => (i % rows) * cols + Math.floor(i / rows);
  const order = Array.from({ length: data.length }, (_, i) => at(i));
  return {
    ...{ rows: cols, cols: rows, data: order.map((i) => data[i]!) },
    ...(off === undefined ? {} : { off: order.map((i) => off[i]!) }),
  };
};

export const compact: Figure = {
  id: "compact",
  config: mlp(
    220,
    { widths: [20] },
    {
      recipe: [
        after(140, { id: "magnitude", mode: "global", share: 0.98, grace: 0 }),
        after(200, { id: "compact" }),
      ],
    },
  ),
  draw(seen) {
    const { done, before, after: then } = changeOf(seen, "compact");
    // A row a hidden unit, in both.
    const tiles = [before, then].map((state) => [
      weights(state, "fc1.weight"),
      transposed(weights(state, "fc2.weight")),
    ]) as [[Grid, Grid], [Grid, Grid]];
    const [[reads, read]] = tiles;
    const dead = [...new Set([...empty(reads), ...empty(read)])].sort((a, b) => a - b);
    const scars = (cols: number): readonly Box[] => dead.map((r) => [r, r + 1, 0, cols] as const);
    const show = ([a, b]: readonly [Grid, Grid], cut: boolean) =>
      row(
        [
          heat(a, { cell: [1.36, 7], scars: cut ? scars(a.cols) : [] }),
          heat(b, { cell: [5.6, 7], scars: cut ? scars(b.cols) : [] }),
        ],
        14,
      );
    return {
      title: "Compact: hidden units that pruning has cut off, and the smaller matrices without them",
      desc: `A row for each hidden unit: left the 196 pixels it reads, right the 10 classes that read it. ${dead.length} of ${reads.rows} units read nothing or are read by nobody, framed; afterwards ${tiles[1][0].rows} units are left. ${done.sizeBefore}, then ${done.sizeAfter}: ${figure(done.paramsBefore, 5)} weights in the matrices become ${figure(done.paramsAfter, 5)}. ${logitChange(done)}.`,
      pieces: [
        named(`Before: ${reads.rows} units, a row each; framed: cut off`, show(tiles[0], true)),
        named(`After: ${tiles[1][0].rows} units`, show(tiles[1], false)),
        words(
          `Left what a unit reads of the image, right what reads it. ${figure(done.paramsBefore, 5)} numbers become ${figure(done.paramsAfter, 5)}. ${logitChange(done)}.`,
        ),
      ],
    };
  },
};

export const areas: Figure = {
  id: "areas",
  config: cnn(
    200,
    {},
    {
      recipe: [{ trigger: { id: "every", steps: 50, times: 3 }, action: { id: "areas", share: 0.25 } }],
    },
  ),
  draw(seen) {
    const path = "conv1.area";
    const boards = seen.changes.map(({ done, after: state }) => {
      const { shape, data } = state.weights(path);
      const [, , rows = 0, cols = 0] = shape;
      const maps = Array.from({ length: data.length / (rows * cols) }, (_, k): Grid => {
        const from = k * rows * cols;
        const on = Array.from(data).slice(from, from + rows * cols);
        return { rows, cols, data: on, off: on.map((one) => one === 0) };
      });
      const share = maps.reduce((sum, grid) => sum + active(grid), 0) / data.length;
      return {
        done,
        share,
        board: row(
          maps.map((grid) => heat(grid, { cell: 6.2, most: 2.2 })),
          10,
        ),
      };
    });
    const shares = boards.map(({ share }) => percent(share)).join(", ");
    const last = boards.at(-1)!.done;
    return {
      title:
        "Partial areas: where the four kernels of the first convolution are still used, over three rounds",
      desc: `Each tile is a feature map of 12 by 12 places; grey places are off. In each round a quarter of all places goes, those where the kernel says least: ${shares} are left. ${aroundIt(last)} in the last round.`,
      pieces: [
        ...boards.map(({ done, share, board }) =>
          named(`after step ${done.step}: ${percent(share)} of conv1’s places on`, board),
        ),
        words(`Filled: the kernel is used there. The last round: ${aroundIt(last).toLowerCase()}.`),
      ],
    };
  },
};
