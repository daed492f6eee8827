/** Progressive layer dropping against none, and against plain dropping, at equal FLOPs (transformer-growth §3.3, §9). */
import { bySeed, COLUMNS, complete, outcome, usual, whole } from "./common.ts";
import type { Arm, Column, Figures, Meter, Scale, Trial } from "./types.ts";

const SIZES = {
  small: {
    ...{ layers: 6, width: 32, heads: 2, batch: 16, context: 32 },
    /** Of each arm. */
    flops: 120e9,
    eval: { every: 25, batches: 8 },
  },
  paper: {
    ...{ layers: 12, width: 128, heads: 8, batch: 32, context: 64 },
    flops: 3.2e14,
    eval: { every: 250, batches: 8 },
  },
} as const;

/** Plain dropping at the rate that leaves as many layers on as θ = .5 does on 6 layers: 1 − 4.25/6. */
const RATE = 0.29;
const LR = 3e-3;

const ARMS: readonly { readonly id: string; readonly label: string; readonly action: object | null }[] = [
  { id: "none", label: "every layer in every step", action: null },
  { id: "pld", label: "progressive, θ̄ .5, γ 20", action: { id: "pld", theta: 0.5, gamma: 20 } },
  { id: "plain", label: `plain, rate ${RATE}`, action: { id: "random-drop", rate: RATE } },
];

function arms(scale: Scale): readonly Arm[] {
  const { layers, width, heads, batch, context, flops, eval: evaluation } = SIZES[scale];
  return ARMS.map(({ id, label, action }) => ({
    id,
    label,
    config: complete({
      data: { id: "moby-dick" },
      model: { id: "gpt", layers, width, heads },
      optim: { id: "adamw", lr: LR, beta1: 0.9, beta2: 0.99, weightDecay: 0.01, clip: 1 },
      schedule: { id: "cosine", warmup: 0.1, floor: 0.1 },
      ...{ batch, context, eval: evaluation },
      budget: { unit: "flops", amount: flops },
      recipe: action === null ? [] : [{ trigger: { id: "step", step: 0 }, action }],
    }),
  }));
}

const DEPTH: Column = { id: "depth", label: "layers a step, mean", show: (n) => n.toFixed(2) };

/** The usual figures, and how many layers ran. */
function meter(layers: number): Meter {
  const rest = usual();
  let steps = 0;
  let ran = 0;
  return {
    ...rest,
    hear(event) {
      rest.hear(event);
      if (event.type !== "step") return;
      steps++;
      ran += event.layers === undefined ? layers : [...event.layers.ran].filter((bit) => bit === "1").length;
    },
    figures: (): Figures => ({ ...rest.figures(), depth: steps > 0 ? ran / steps : null }),
  };
}

export const pld: Trial = {
  id: "pld",
  title: "Layer dropping against none, on Moby-Dick",
  claim: [
    "Zhang and He report 24 % less time for a sample and the same accuracy 2.5 times sooner with progressive layer dropping",
    "(arXiv 2010.13369); Kaddour et al. (arXiv 2307.06440) find it worse than no dropping once both have the same compute and a rate that",
    "decays over it. Here every arm has the same floating-point operations; a step that leaves out layers is charged what it runs, so the",
    "arms that drop take more steps. The rate decays over the budget in each. Evaluation uses every layer.",
  ],
  columns: [COLUMNS.flops, COLUMNS.steps, DEPTH, COLUMNS.loss],
  arms,
  sizes(scale) {
    const { layers, width, heads, batch, context, flops } = SIZES[scale];
    return [
      `A GPT of ${layers} layers, width ${width}, ${heads} heads; ${batch} windows of ${context} characters; AdamW at ${LR}, warm-up over a tenth of the budget, then a cosine to a tenth; ${whole(flops / 1e9)} GFLOP an arm.`,
      "Plain dropping has the rate that leaves as many layers on as θ = .5 does.",
    ];
  },
  meter: (config) => meter(config.model.layers as number),
  verdict(rows) {
    const lower = (one: string, other: string) => outcome(rows, (all) => all[one]!.loss! < all[other]!.loss!);
    const apart = bySeed(rows).map((all) => all.pld!.loss! - all.none!.loss!);
    const mean = apart.reduce((sum, value) => sum + value, 0) / apart.length;
    return (
      `At equal FLOPs progressive dropping ends lower than none. ${lower("pld", "none")} ` +
      `It ends lower than plain dropping. ${lower("pld", "plain")} ` +
      `Against none it ends ${mean < 0 ? "lower" : "higher"} by ${Math.abs(mean).toFixed(4)} nats in the mean of the seeds.`
    );
  },
};
