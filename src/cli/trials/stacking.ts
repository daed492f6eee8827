/** StackBERT's schedule against the deep network throughout, at equal FLOPs (transformer-growth §3.2). */
import { COLUMNS, complete, outcome, usual, whole } from "./common.ts";
import type { Arm, Scale, Trial } from "./types.ts";

const SIZES = {
  small: { layers: 2, width: 32, heads: 2, batch: 8, context: 32, flops: 40e9, lr: 3e-3, every: 10 },
  paper: { layers: 2, width: 64, heads: 4, batch: 16, context: 64, flops: 20_000e9, lr: 3e-3, every: 50 },
} as const;
const FRACTIONS = [0.125, 0.3];

type Family = "gpt" | "bert";

function arms(family: Family, scale: Scale): readonly Arm[] {
  const { layers, width, heads, batch, context, flops, lr, every } = SIZES[scale];
  const arm = (id: string, label: string, depth: number, recipe: readonly object[]): Arm => ({
    id,
    label,
    config: complete({
      data: { id: "moby-dick" },
      model: { id: family, layers: depth, width, heads },
      optim: { id: "adamw", lr, beta1: 0.9, beta2: 0.99, weightDecay: 0.01, clip: 1 },
      schedule: { id: "cosine", warmup: 0.03, floor: 0.1 },
      ...{ batch, context, recipe },
      budget: { unit: "flops", amount: flops },
      eval: { every, batches: 16 },
    }),
  });
  const doublings = FRACTIONS.map((fraction) => ({
    trigger: { id: "at", fraction },
    action: { id: "stack", map: "stack", slots: "reset" },
  }));
  const deep = layers * 2 ** FRACTIONS.length;
  return [
    arm("scratch", `${deep} layers throughout`, deep, []),
    arm("stacked", `${layers} layers, doubled twice`, layers, doublings),
  ];
}

const trialOf = (id: string, family: Family): Trial => ({
  id,
  title: `Stacking ${family === "gpt" ? "" : "a BERT "}against the deep network throughout, at equal FLOPs`,
  claim: [
    "Gong et al. (ICML 2019) train BERT-base to the same quality in about a quarter less time by doubling its layers twice; Kaddour et al. (arXiv 2307.06440,",
    "§4.3) find that most of it is gone where both have the same budget and a rate that decays over it. Here: the validation loss after the same FLOPs.",
  ],
  columns: [COLUMNS.flops, COLUMNS.steps, COLUMNS.params, COLUMNS.loss],
  arms: (scale) => arms(family, scale),
  sizes(scale) {
    const { layers, width, batch, context, flops, lr } = SIZES[scale];
    return [
      `${family.toUpperCase()} of width ${width} on Moby-Dick, ${batch} windows of ${context} characters, AdamW at ${lr} along a cosine to a tenth of it, ${whole(flops / 1e9)} GFLOP for each arm.`,
      `The stacked one begins with ${layers} layers and doubles them after ${FRACTIONS.map((f) => 100 * f).join(" and ")} % of its FLOPs; its optimizer starts anew each time.`,
    ];
  },
  meter: usual,
  verdict: (rows) =>
    `After equal FLOPs no worse than the deep network throughout: ${outcome(rows, (all) => all.stacked!.loss! <= all.scratch!.loss!)}`,
});

export const stacking: Trial = trialOf("stacking", "gpt");
export const bertStacking: Trial = trialOf("bert-stacking", "bert");
