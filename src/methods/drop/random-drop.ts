/**
 * Plain random layer dropping: every layer is left out at one fixed rate from the first step on, and nothing makes up for
 * it (transformer-growth §3.3, "plain"). It is here so that its instability can be seen.
 */
import type { StructureMethod } from "../types.ts";
import { appliesTo, COMMON, canDrop, dropPlan } from "./shared.ts";

const schema = {
  rate: {
    kind: "float",
    label: "Rate",
    help: "The chance that a layer is left out, the same for every layer and all along.",
    default: 0.5,
    min: 0,
    max: 0.95,
  },
  ...COMMON,
} as const;

export const randomDrop: StructureMethod<typeof schema> = {
  kind: "structure",
  does: "drop",
  id: "random-drop",
  label: "Plain layer dropping",
  summary:
    "Training steps leave out every layer at one fixed rate, without a schedule and without making up for it.",
  schema,
  paper: {
    title: "Deep Networks with Stochastic Depth",
    authors: "Huang, Sun, Liu, Sedra, Weinberger",
    year: 2016,
    arxiv: "1603.09382",
  },
  applies: appliesTo,
  can: canDrop,
  drops: {
    chances: ({ rate }, layers) => ({
      keep: Array<number>(layers).fill(1 - rate),
      scale: Array<number>(layers).fill(1),
    }),
    scaled: () => false,
    least: ({ least }) => least,
    zeroGrad: ({ zeroGrad }) => zeroGrad,
  },
  plan: async (at, c) => dropPlan(at, c),
};
