/**
 * Progressive layer dropping (Zhang & He 2020; transformer-growth §3.3): layers of a pre-LN stack are left out at random,
 * rarely at first and more often near the top. A layer that is left out is not dispatched, forward or backward.
 */
import type { StructureMethod } from "../types.ts";
import { limitOf, progressive, thetaAt, VARIANTS, type Variant } from "./rule.ts";
import { appliesTo, COMMON, canDrop, dropPlan } from "./shared.ts";

const schema = {
  theta: {
    kind: "float",
    label: "Lowest θ",
    symbol: "θ̄",
    help: "Where θ ends: the chance that the top layer runs. 0: by the depth, .5, below six layers .75. At least .01; 1 drops nothing.",
    default: 0,
    min: 0,
    max: 1,
  },
  gamma: {
    kind: "float",
    label: "Speed",
    symbol: "γ",
    help: "How fast θ falls: by 1/e in 1/γ of the budget. The paper has 100, which is over in 5 % of a run.",
    default: 20,
    min: 0,
    max: 1000,
  },
  variant: {
    kind: "choice",
    label: "Variant",
    help: "paper: arms of a layer that runs are scaled by 1/p. deepspeed: its example scales by the p of one layer further. ntng: not scaled.",
    default: "paper",
    options: VARIANTS,
  },
  ...COMMON,
} as const;

export const pld: StructureMethod<typeof schema> = {
  kind: "structure",
  does: "drop",
  id: "pld",
  label: "Progressive layer dropping",
  summary: "Training steps leave out layers at random, more and more of them and rather near the top.",
  schema,
  paper: {
    title: "Accelerating Training of Transformer-Based Language Models with Progressive Layer Dropping",
    authors: "Zhang, He",
    year: 2020,
    arxiv: "2010.13369",
  },
  applies: appliesTo,
  can: canDrop,
  drops: {
    theta: ({ theta, gamma }, layers, x) => thetaAt(limitOf(theta, layers), gamma, x),
    chances: ({ theta, gamma, variant }, layers, x) =>
      progressive(variant as Variant, layers, thetaAt(limitOf(theta, layers), gamma, x)),
    scaled: ({ variant }) => variant !== "ntng",
    least: ({ least }) => least,
    zeroGrad: ({ zeroGrad }) => zeroGrad,
  },
  plan: async (at, c) => dropPlan(at, c),
};
