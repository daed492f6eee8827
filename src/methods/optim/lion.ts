/**
 * Lion (arXiv 2302.06675, Alg. 2): the sign of an interpolated momentum. One slot, `m`, so half of AdamW's memory. The
 * momentum is updated after the weights, with another β: take either away and it is another optimizer.
 */
import type { OptimMethod } from "../types.ts";
import { arenaUpdate, beta, CLIP, learningRate, traceUpdate, WEIGHT_DECAY } from "./shared.ts";

const SLOTS = ["m"];
const SCHEMA = {
  lr: learningRate(4e-4),
  beta1: beta("β₁", "direction β", 0.9),
  beta2: beta("β₂", "momentum β", 0.99),
  weightDecay: WEIGHT_DECAY,
  clip: CLIP,
} as const;

export interface LionAttrs {
  readonly beta1: number;
  readonly beta2: number;
}

const update = arenaUpdate<LionAttrs>({
  name: "lion",
  slots: SLOTS,
  sizes: ({ beta1, beta2 }) => ({ beta1, beta2, rest1: 1 - beta1, rest2: 1 - beta2 }),
  rule({ theta, g, slots, lr, shrink }, { beta1, beta2 }) {
    const m = slots[0]!;
    const direction = Math.sign(beta1 * m + (1 - beta1) * g);
    return [shrink * theta - lr * direction, beta2 * m + (1 - beta2) * g];
  },
  attrs: [{ beta1: 0.9, beta2: 0.99 }],
});

export const lion: OptimMethod<typeof SCHEMA> = {
  kind: "optim",
  id: "lion",
  label: "Lion",
  summary: "Steps of one size, by the sign of an interpolated momentum; found by program search.",
  schema: SCHEMA,
  paper: {
    title: "Symbolic Discovery of Optimization Algorithms",
    authors: "Chen, Liang, Huang, Real, Wang, Pham, Dong, Luong, Hsieh, Lu, Le",
    year: 2023,
    arxiv: "2302.06675",
  },
  ops: [update.plain, update.aged],
  applies: () => true,
  slots: SLOTS,
  update(t, at, { beta1, beta2 }) {
    traceUpdate(t, update, at, { beta1, beta2 });
  },
};
