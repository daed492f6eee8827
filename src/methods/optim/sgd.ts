/** Stochastic gradient descent with momentum: one slot, `velocity`. No dampening: the first step has v = g. */
import type { OptimMethod } from "../types.ts";
import { arenaUpdate, beta, CLIP, learningRate, traceUpdate, WEIGHT_DECAY } from "./shared.ts";

const SLOTS = ["velocity"];
const SCHEMA = {
  lr: learningRate(0.1),
  momentum: beta("μ", "momentum", 0.9),
  nesterov: {
    kind: "flag",
    label: "Nesterov",
    help: "Steps along the velocity as it will be after this gradient.",
    default: false,
  },
  weightDecay: WEIGHT_DECAY,
  clip: CLIP,
} as const;

export interface SgdAttrs {
  readonly momentum: number;
  readonly nesterov: boolean;
}

const update = arenaUpdate<SgdAttrs>({
  name: "sgd",
  slots: SLOTS,
  sizes: ({ momentum, nesterov }) => ({ momentum, nesterov: nesterov ? 1 : 0 }),
  rule({ theta, g, slots, lr, shrink }, { momentum, nesterov }) {
    const v = momentum * slots[0]! + g;
    return [shrink * theta - lr * (nesterov ? g + momentum * v : v), v];
  },
  attrs: [
    { momentum: 0.9, nesterov: false },
    { momentum: 0.9, nesterov: true },
  ],
});

export const sgd: OptimMethod<typeof SCHEMA> = {
  kind: "optim",
  id: "sgd",
  label: "SGD",
  summary: "Steps down the gradient, with momentum.",
  schema: SCHEMA,
  paper: {
    title: "On the importance of initialization and momentum in deep learning",
    authors: "Sutskever, Martens, Dahl, Hinton",
    year: 2013,
  },
  ops: [update.plain, update.aged],
  applies: () => true,
  slots: SLOTS,
  update(t, at, { momentum, nesterov }) {
    traceUpdate(t, update, at, { momentum, nesterov });
  },
};
