/** Magnitude pruning of LeNet-300-100 (Han et al. 2015, table 1): how small it becomes at nearly the same accuracy. */
import { recovering } from "../../share/recipes.ts";
import { COLUMNS, digitsArm, outcome, sayDigits, usual, whole } from "./common.ts";
import type { Arm, Scale, Trial } from "./types.ts";

/**
 * Dense until it hardly learns any more, weight decay all along (the paper's L2), one ranking over all matrices so that the last
 * one of 1,000 weights keeps more, and over half of the steps after the first cut.
 */
const SIZES = {
  small: {
    data: { id: "mnist", images: 20_000 },
    halve: true,
    optim: { id: "adamw", lr: 4e-3, weightDecay: 0.2, clip: 0 },
    batch: 50,
    steps: 6000,
    eval: { every: 150, batches: 60 },
    cuts: { from: 2250, share: 0.21, rest: 140, times: 10, mode: "global" },
  },
  paper: {
    data: { id: "mnist" },
    halve: false,
    optim: { id: "adamw", lr: 1e-3, clip: 0 },
    batch: 100,
    steps: 6600,
    eval: { every: 55, batches: 50 },
    cuts: { from: 1650, share: 0.1, rest: 110, times: 24 },
  },
} as const;

function arms(scale: Scale): readonly Arm[] {
  const { cuts } = SIZES[scale];
  const arm = (id: string, label: string, recipe: readonly unknown[]) =>
    digitsArm(SIZES[scale], id, label, recipe);
  return [arm("dense", "dense", []), arm("pruned", "pruned", [recovering(cuts, { fall: 0.3 })])];
}

export const pruneMlp: Trial = {
  id: "prune-mlp",
  title: "Pruning LeNet-300-100 on MNIST",
  claim: [
    "Han, Pool, Tran and Dally (arXiv 1506.02626, table 1): LeNet-300-100 goes from 267 thousand weights to 22 thousand, 12 times",
    "fewer, at 1.59 % error instead of 1.64 %. Here the claim is: at least 10 times fewer active weights, and at most 0.3 points",
    "fewer of the test images right than the same network, not pruned, after as many steps.",
  ],
  columns: [COLUMNS.active, COLUMNS.test, COLUMNS.validation, COLUMNS.steps, COLUMNS.flops],
  arms,
  sizes(scale) {
    const { cuts } = SIZES[scale];
    return [
      sayDigits(SIZES[scale]),
      `Dense for ${whole(cuts.from)} steps, then ${100 * cuts.share} % of ${"mode" in cuts ? "all weights, the smallest of all matrices together," : "each matrix"} a round, ${cuts.times} times at most, ${cuts.rest} steps or more between rounds, for as`,
      "long as the validation accuracy comes back to within 0.3 points of what it was then; the last cut is taken back when it does not.",
    ];
  },
  meter: usual,
  verdict: (rows) =>
    `At least 10 times fewer active weights at no more than 0.3 points of the test images: ${outcome(
      rows,
      ({ dense, pruned }) => dense!.active! / pruned!.active! >= 10 && dense!.test! - pruned!.test! <= 0.003,
    )}`,
};
