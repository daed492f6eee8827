/** One cut against many with training between them, at equal density (Han et al. 2015, §3.4). */
import { oneCut, rounds } from "../../share/recipes.ts";
import { COLUMNS, digitsArm, outcome, sayDigits, usual, whole } from "./common.ts";
import type { Arm, Scale, Trial } from "./types.ts";

const SIZES = {
  small: {
    data: { id: "mnist", images: 20_000 },
    halve: true,
    optim: { id: "adamw", lr: 2e-3, clip: 0 },
    batch: 50,
    steps: 1500,
    eval: { every: 40, batches: 40 },
    cuts: { from: 400, share: 0.35, rest: 60, times: 9 },
  },
  paper: {
    data: { id: "mnist" },
    halve: false,
    optim: { id: "adamw", lr: 1e-3, clip: 0 },
    batch: 100,
    steps: 5500,
    eval: { every: 55, batches: 50 },
    // A round waits for the next evaluation: 110 steps apart, and 550 at the end.
    cuts: { from: 1650, share: 0.1, rest: 100, times: 30 },
  },
} as const;

function arms(scale: Scale): readonly Arm[] {
  const { cuts } = SIZES[scale];
  const arm = (id: string, label: string, recipe: readonly unknown[]) =>
    digitsArm(SIZES[scale], id, label, recipe);
  return [arm("once", "one cut", [oneCut(cuts)]), arm("often", `${cuts.times} cuts`, [rounds(cuts)])];
}

export const iterative: Trial = {
  id: "iterative",
  title: "Pruning in rounds against one cut, on MNIST",
  claim: [
    "Han, Pool, Tran and Dally (arXiv 1506.02626, §3.4): pruning and retraining in turns keeps at 9 times fewer weights",
    "what one cut keeps at 5 times fewer. Here both arms end at the same density after as many steps, and the one cut has all the",
    "steps after it to recover.",
  ],
  columns: [COLUMNS.active, COLUMNS.test, COLUMNS.validation, COLUMNS.loss, COLUMNS.flops],
  arms,
  sizes(scale) {
    const { cuts } = SIZES[scale];
    const left = 100 * (1 - cuts.share) ** cuts.times;
    return [
      sayDigits(SIZES[scale]),
      `After ${whole(cuts.from)} dense steps ${cuts.times} cuts of ${100 * cuts.share} % of each matrix, ${cuts.rest} steps or more apart, or one that leaves as much: ${left.toFixed(1)} %.`,
    ];
  },
  meter: usual,
  verdict: (rows) =>
    `More of the test images right by many cuts than by one: ${outcome(
      rows,
      ({ once, often }) => often!.test! > once!.test!,
    )}`,
};
