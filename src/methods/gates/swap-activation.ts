/**
 * Swap of the activation inside the gates (grow-prune §5.2, step 3): leaky ReLUs become ReLUs, slope s → 0. Weights, masks
 * and moments stay as they are, bit for bit; a hidden unit changes only where it was below zero, by s|p|. So the output
 * moves a little, and training goes on from there. Nothing compiles: the slope is a number of the kernel's.
 *
 * Back to leaky is our way to reset the phase, so that a network that was swapped may grow again.
 */
import type { Schema } from "../../config/schema.ts";
import { LEAKY } from "../../models/hlstm.ts";
import type { Model } from "../../models/types.ts";
import type { Side, StructureMethod } from "../types.ts";
import { phaseOf } from "./phase.ts";

const schema = {
  to: {
    kind: "choice",
    label: "To",
    help: "ReLU ends growing and begins pruning; leaky ReLU lets the network grow again.",
    default: "relu",
    options: ["relu", "leaky"],
  },
} as const satisfies Schema;

const TARGET: Readonly<
  Record<string, { readonly phase: string; readonly slope: number; readonly name: string }>
> = {
  relu: { phase: "prune", slope: 0, name: "ReLUs" },
  leaky: { phase: "grow", slope: LEAKY, name: "leaky ReLUs" },
};

function can(model: Model, { arch }: Side, to: string): true | string {
  const phase = phaseOf(model, arch);
  if (phase === null)
    return "Not swapped: the gates have no hidden layers, so there is no activation to swap.";
  const { phase: wanted, name } = TARGET[to]!;
  return phase !== wanted || `Not swapped: the gates have ${name} already.`;
}

export const swapActivation: StructureMethod<typeof schema> = {
  kind: "structure",
  does: "swap",
  id: "swap-activation",
  label: "Swap activation",
  summary: "Turns the leaky ReLUs inside the gates into ReLUs; all weights stay as they are.",
  schema,
  paper: {
    title: "Grow and Prune Compact, Fast, and Accurate LSTMs",
    authors: "Dai, Yin, Jha",
    year: 2020,
    arxiv: "1805.11797",
  },
  applies: (model) => "slope" in model.schema || `not for ${model.label}`,
  can: (model, at, c) => can(model, at, c.to),

  async plan(at, c) {
    const possible = can(at.model, at.from, c.to);
    if (possible !== true) return possible;
    const { slope } = TARGET[c.to]!;
    return { arch: { ...at.from.arch, slope }, preserving: false, figures: { slope } };
  },
};
