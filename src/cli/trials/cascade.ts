/** Growing LSTMs against one that is large from the start: half the FLOPs for the same loss (grow-prune §4.7). */
import { COLUMNS, complete, outcome, usual, whole } from "./common.ts";
import type { Arm, Scale, Trial } from "./types.ts";

const SIZES = {
  small: {
    block: 32,
    most: 96,
    embed: 32,
    optim: { id: "adamw", lr: 5e-3, clip: 1 },
    ...{ batch: 16, context: 32 },
    /** Of the large one; growing ones have half. */
    flops: 36e9,
    eval: { every: 25, batches: 8 },
    plateau: { beta: 0.95, window: 60, every: 20, cooldown: 80, patience: 1, threshold: 0.05 },
  },
  paper: {
    block: 64,
    most: 256,
    embed: 64,
    optim: { id: "adamw", lr: 2e-3, clip: 1 },
    ...{ batch: 32, context: 64 },
    flops: 5400e9,
    eval: { every: 50, batches: 8 },
    plateau: { beta: 0.98, window: 200, every: 50, cooldown: 300, patience: 1, threshold: 0.03 },
  },
} as const;

function arms(scale: Scale): readonly Arm[] {
  const { block, most, embed, optim, batch, context, flops, eval: evaluation, plateau } = SIZES[scale];
  const common = { data: { id: "moby-dick" }, optim, batch, context, eval: evaluation };
  const model = { id: "lstm", embed, maxCells: most };
  const grown = (id: string, label: string): Arm => ({
    id,
    label,
    config: complete({
      ...common,
      model: { ...model, blocks: [block], connectivity: id },
      budget: { unit: "flops", amount: flops / 2 },
      recipe: [{ trigger: { id: "plateau", ...plateau }, action: { id, cells: block } }],
    }),
  });
  const large: Arm = {
    id: "fixed",
    label: `${most} cells throughout`,
    config: complete({
      ...common,
      model: { ...model, blocks: [most] },
      budget: { unit: "flops", amount: flops },
    }),
  };
  return [large, grown("cascade", "Cascade"), grown("fully-connected", "Fully Connected")];
}

export const cascade: Trial = {
  id: "cascade",
  title: "Growing LSTMs against a large one, on Moby-Dick",
  claim: [
    "No paper has a table for this: the claim is that a network that grows in blocks reaches the loss of one that has its largest size",
    "throughout with at most half of its floating-point operations. The growing arms are given half of what the large one has.",
  ],
  columns: [COLUMNS.flops, COLUMNS.steps, COLUMNS.params, COLUMNS.loss],
  arms,
  sizes(scale) {
    const { block, most, embed, optim, batch, context, flops, plateau } = SIZES[scale];
    return [
      `${batch} windows of ${context} characters, embedding of ${embed}, AdamW at ${optim.lr}; ${whole(flops / 1e9)} GFLOP for the large one, half of it for the others.`,
      `These grow from ${block} cells by ${block} at a plateau (β ${plateau.beta}, W ${plateau.window}, E ${plateau.every}, C ${plateau.cooldown}, τ ${plateau.threshold}), to ${most} at most.`,
    ];
  },
  meter: usual,
  verdict(rows) {
    const reached = (arm: string) => outcome(rows, (arms) => arms[arm]!.loss! <= arms.fixed!.loss!);
    return `At half the FLOPs no worse than the large one. Cascade: ${reached("cascade")} Fully Connected: ${reached("fully-connected")}`;
  },
};

/** The same table: both ways of growing stand in it. */
export const fullyConnected: Trial = { ...cascade, id: "fully-connected" };
