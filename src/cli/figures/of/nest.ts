/** NeST: a sparse seed, and what gradients ask for. */
import { after, cnn, mlp } from "../bases.ts";
import { type Box, type Grid, heat, largest, picture } from "../heat.ts";
import { figure, plot } from "../plot.ts";
import { active, aroundIt, changeOf, lossLines, markOf, stateAt, stepsOf, weights } from "../seen.ts";
import { named, row, words } from "../svg.ts";
import type { Figure } from "../types.ts";

const SIDE = 14;
const unit = (grid: Grid, u: number): Grid => picture(grid, SIDE ** 2 * u, SIDE ** 2 * (u + 1), SIDE);

export const sparseSeed: Figure = {
  id: "sparse-seed",
  config: mlp(150, {}, { recipe: [after(0, { id: "sparse-seed", density: 0.1 })] }),
  draw(seen) {
    const { done, after: then } = changeOf(seen, "sparse-seed");
    const [one, two] = [weights(then, "fc1.weight"), weights(then, "fc2.weight")];
    const columns = Array.from(
      { length: one.cols },
      (_, c) =>
        Array.from({ length: one.rows }, (_, r) => one.off![r * one.cols + c]).filter((off) => !off).length,
    );
    const { repairs = 0 } = done.extra;
    return {
      title: "Sparse seed: the tenth of the connections that a run begins with",
      desc: `fc1, 16 units by 196 pixels, with ${active(one)} of ${one.data.length} connections active, and fc2, 10 classes by 16 units, with ${active(two)} of ${two.data.length}. Grey is dormant. ${repairs} connections were added so that no row and no column is empty: each pixel is read by ${Math.min(...columns)} to ${Math.max(...columns)} units.`,
      pieces: [
        named(
          `fc1: ${active(one)} of ${figure(one.data.length, 4)} connections active, a row a unit`,
          heat(one, { cell: [1.75, 6] }),
        ),
        named(`fc2: ${active(two)} of ${two.data.length}`, heat(two, { cell: 7 })),
        named(
          "Training loss of the seed, nats",
          plot({ x: [0, stepsOf(seen)], lines: lossLines(seen, ""), height: 100 }),
        ),
        words(
          `Grey: dormant. ${repairs} connections are repairs, so that every row and every column has one.`,
        ),
      ],
    };
  },
};

export const connections: Figure = {
  id: "connections",
  config: mlp(
    160,
    {},
    {
      recipe: [
        after(0, { id: "sparse-seed", density: 0.1 }),
        after(60, { id: "connections", share: 0.05, window: 20, target: "fc1" }),
      ],
    },
  ),
  // One batch before the window closes, which is when the event acts.
  asked: { at: [79] },
  draw(seen) {
    const { done, before, after: then } = changeOf(seen, "connections");
    const [old, now] = [weights(before, "fc1.weight"), weights(then, "fc1.weight")];
    const sums = stateAt(seen, 79).score("fc1.weight")!;
    const born = now.off!.map((off, i) => !off && old.off![i]!);
    const gradient: Grid = {
      ...{ rows: old.rows, cols: old.cols, data: Array.from(sums.data, (sum) => sum / 19) },
      off: old.off!.map((off) => !off),
    };
    const count = born.filter(Boolean).length;
    const counts = Array.from(
      { length: 16 },
      (_, u) => unit({ ...now, born }, u).born!.filter(Boolean).length,
    );
    const shown = [...counts.keys()].sort((a, b) => counts[b]! - counts[a]! || a - b).slice(0, 5);
    const most = largest([gradient]);
    const tiles = (grid: Grid, scale: number) =>
      row(
        shown.map((u) => heat(unit(grid, u), { cell: 4.5, most: scale })),
        6,
      );
    return {
      title: "Grow connections: gradients of what sleeps, and what they woke",
      desc: `Five units of fc1 with 14 by 14 pixels each. First their active connections, a tenth; then the mean gradient of the dormant ones over 19 of the 20 batches; then the same units with the newborn in bright green: of all units ${count} connections, where the mean gradient is largest. ${aroundIt(done)}.`,
      pieces: [
        named("Five units of fc1 before: what is dormant is grey", tiles(old, largest([old]))),
        named("Mean gradient of the dormant, over 19 of 20 batches", tiles(gradient, most)),
        named("After: newborn in bright green", tiles({ ...now, born }, largest([old]))),
        words(
          `${count} of ${figure(old.data.length - active(old), 4)} dormant connections woke, those of largest |Ḡ|. They start at 0. ${aroundIt(done)}.`,
        ),
      ],
    };
  },
};

export const neurons: Figure = {
  id: "neurons",
  config: mlp(160, { widths: [8] }, { recipe: [after(100, { id: "neurons" })] }),
  asked: { look: [{ step: 99, bridge: "fc1" }] },
  draw(seen) {
    const { done, after: then } = changeOf(seen, "neurons");
    const bridge = seen.views.get(99)!.bridge!;
    const b: Grid = { rows: bridge.rows, cols: bridge.cols, data: Array.from(bridge.data) };
    const [reads, read] = [weights(then, "fc1.weight"), weights(then, "fc2.weight")];
    const newborn = unit(reads, 8);
    const out: Grid = {
      ...{ rows: 10, cols: 9, data: read.data },
      ...(read.off === undefined ? {} : { off: read.off }),
    };
    const joined = active(newborn);
    const rings: readonly Box[] = [[0, 10, 8, 9]];
    return {
      title: "Grow neurons: the bridging gradient, and the unit that was born from it",
      desc: `B from the 196 pixels below to the 10 classes above, one update before the birth; the largest entry is ${figure(bridge.most)}. The newborn, unit 9, reads ${joined} pixels and is read by ${active({ ...out, data: out.data.filter((_, i) => i % 9 === 8), off: (out.off ?? []).filter((_, i) => i % 9 === 8) })} classes; its other connections are dormant. ${aroundIt(done)}.`,
      pieces: [
        named(
          "Bridging gradient B: a row a class, a column a pixel",
          heat(b, { cell: [343 / b.cols, 6], most: bridge.most }),
        ),
        row(
          [
            named("the newborn reads", heat(newborn, { cell: 7 })),
            named("and is read (ringed)", heat(out, { cell: 8, rings })),
          ],
          40,
        ),
        words(`It joins the pairs of largest |B|, at step ${done.step}. ${aroundIt(done)}.`),
      ],
    };
  },
};

export const featureMaps: Figure = {
  id: "feature-maps",
  config: cnn(160, {}, { recipe: [after(100, { id: "feature-maps", target: "conv1", candidates: 8 })] }),
  draw(seen) {
    const { done, before, after: then } = changeOf(seen, "feature-maps");
    const [old, now] = [weights(before, "conv1.weight"), weights(then, "conv1.weight")];
    const most = largest([now]);
    const kernels = (grid: Grid, count: number) =>
      row(
        Array.from({ length: count }, (_, k) =>
          heat(picture(grid, 9 * k, 9 * (k + 1), 3), {
            cell: 15,
            most,
            rings: k === 4 ? [[0, 3, 0, 3]] : [],
          }),
        ),
        14,
      );
    return {
      title: "Grow feature maps: the kernels of the first convolution before and after",
      desc: `Four kernels of 3 by 3 before, and the same four with the newborn after step ${done.step}. It is number ${done.extra.best} of ${done.extra.candidates} that were drawn: the one with which the loss on the probe batch was lowest. ${aroundIt(done)}.`,
      pieces: [
        named("conv1 before", kernels(old, 4)),
        named("after: newborn ringed", kernels(now, 5)),
        named(
          "Training loss, nats",
          plot({
            x: [0, stepsOf(seen)],
            lines: lossLines(seen, ""),
            marks: [markOf(done, "4 → 5 maps")],
            height: 108,
          }),
        ),
        words(`Candidate ${done.extra.best} of ${done.extra.candidates} was the best. ${aroundIt(done)}.`),
      ],
    };
  },
};
