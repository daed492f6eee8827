/** Partial-area convolution (NeST, grow-prune §3.7): how many operations of a CNN's convolutions can be left out at no loss. */
import type { RunConfig } from "../../run/config.ts";
import { narrowing } from "../../share/recipes.ts";
import { COLUMNS, complete, outcome, sayAdamw, usual, whole } from "./common.ts";
import type { Arm, Meter, Scale, Trial } from "./types.ts";

const SIZES = {
  small: {
    data: { id: "mnist", images: 20_000 },
    // Padded, so that the maps have a margin of background as those of 28 × 28 digits do.
    model: { channels: [8, 16], kernel: 3, widths: [64], halve: true, padding: "same" },
    optim: { id: "adamw", lr: 4e-3, weightDecay: 0.2, clip: 0 },
    ...{ batch: 50, steps: 7000 },
    eval: { every: 80, batches: 40 },
    // Whole until it hardly learns any more, a round each evaluation, and three thousand steps at the end.
    cuts: { from: 2000, share: 0.021, rest: 70, times: 25 },
    fall: 1,
  },
  paper: {
    data: { id: "mnist" },
    model: { channels: [20, 50], kernel: 5, widths: [500], halve: false, padding: "valid" },
    optim: { id: "adamw", lr: 1e-3, clip: 0 },
    ...{ batch: 100, steps: 5500 },
    eval: { every: 55, batches: 50 },
    cuts: { from: 1650, share: 0.02, rest: 45, times: 30 },
    fall: 0.2,
  },
} as const;

function arms(scale: Scale): readonly Arm[] {
  const { data, model, optim, batch, steps, eval: evaluation, cuts, fall } = SIZES[scale];
  const arm = (id: string, label: string, recipe: readonly unknown[]): Arm => ({
    id,
    label,
    config: complete({
      ...{ data, optim, batch, recipe, eval: evaluation },
      model: { id: "cnn", ...model },
      schedule: { id: "cosine", floor: 0.1 },
      budget: { amount: steps },
    }),
  });
  return [arm("whole", "whole maps", []), arm("areas", "partial areas", [narrowing(cuts, { fall })])];
}

/** Forward FLOPs an image: of all convolutions on whole maps, and of the layers behind them. */
function flopsOf({ model }: RunConfig): { readonly convolved: number; readonly rest: number } {
  const { channels, widths, kernel, halve, padding } = model as unknown as (typeof SIZES)[Scale]["model"];
  let [side, read, convolved] = [halve ? 14 : 28, 1, 0];
  for (const made of channels) {
    const across = padding === "same" ? side : side - kernel + 1;
    convolved += 2 * kernel ** 2 * read * made * across ** 2;
    read = made;
    side = Math.floor(across / 2);
  }
  const all = [read * side ** 2, ...widths, 10];
  const rest = all.slice(1).reduce((sum, width, i) => sum + 2 * all[i]! * width, 0);
  return { convolved, rest };
}

/** The usual figures, and the FLOPs of the convolutions at the end. */
function meter(config: RunConfig): Meter {
  const from = usual();
  const { convolved, rest } = flopsOf(config);
  let now = convolved;
  let [places, slices] = [0, 0];
  const nodes = new Map<string, readonly [number, number, number]>();
  return {
    ...from,
    hear(event) {
      from.hear(event);
      if (event.type === "structure/done") {
        nodes.set(event.parent, [now, places, slices]);
        now = event.activeFlops - rest;
        places += event.extra.places ?? 0;
        slices += event.extra.slices ?? 0;
        nodes.set(event.node, [now, places, slices]);
      }
      if (event.type === "history/moved") [now, places, slices] = nodes.get(event.to)!;
    },
    figures: () => ({ ...from.figures(), convolved: now, fewer: convolved / now, slices }),
  };
}

export const areas: Trial = {
  id: "areas",
  title: "Partial-area convolution on MNIST",
  claim: [
    "Dai, Yin and Jha (arXiv 1711.02017, the results for LeNet-5) report 2.09 times fewer FLOPs by partial-area convolution at no loss",
    "of accuracy. Here the claim is: at least 2 times fewer FLOPs in the convolutions, and at most 0.1 points fewer of the test images",
    "right than the same network on whole maps after as many steps.",
  ],
  columns: [
    { id: "convolved", label: "FLOPs of the convolutions, an image", show: whole },
    { id: "fewer", label: "times fewer", show: (times) => times.toFixed(2) },
    { id: "slices", label: "slices gone", show: whole },
    COLUMNS.test,
    COLUMNS.validation,
    COLUMNS.steps,
    COLUMNS.flops,
  ],
  arms,
  sizes(scale) {
    const { data, model, optim, batch, steps, cuts, fall } = SIZES[scale];
    const { channels, widths, kernel, halve, padding } = model;
    const images = "images" in data ? data.images : 55_000;
    return [
      `Digits of ${halve ? "14 × 14" : "28 × 28"} pixels, ${whole(images)} of them; ${channels.join("-")} feature maps by kernels of ${kernel} × ${kernel}${padding === "same" ? " with zeros around" : ""}, ${widths.join("-")} hidden units;`,
      `${whole(steps)} steps of ${batch} images, ${sayAdamw(optim)}, along a cosine to a tenth.`,
      `On whole maps for ${whole(cuts.from)} steps, then ${100 * cuts.share} % of each slice's places a round, ${cuts.times} times at most, ${cuts.rest} steps or more between rounds, for`,
      `as long as the validation accuracy comes back to within ${fall} points of what it was then; the last round is taken back when it does not.`,
    ];
  },
  meter,
  verdict: (rows) =>
    `At least 2 times fewer FLOPs in the convolutions at no more than 0.1 points of the test images: ${outcome(
      rows,
      ({ whole: dense, areas }) => areas!.fewer! >= 2 && dense!.test! - areas!.test! <= 0.001,
    )}`,
};
