/**
 * AdamW (arXiv 1711.05101, Alg. 2). Slots `m` and `v`. Bias corrections come from the control block while one number of
 * updates serves all weights, and from each weight's own age once a structural event has made ages: with the run's count
 * a newborn's first step would be up to 3.2 η instead of η (grow-prune §1.2).
 */
import type { OptimMethod } from "../types.ts";
import { arenaUpdate, beta, CLIP, learningRate, traceUpdate, WEIGHT_DECAY } from "./shared.ts";

const SLOTS = ["m", "v"];
const SCHEMA = {
  lr: learningRate(2e-3),
  beta1: beta("β₁", "first moment β", 0.9),
  beta2: beta("β₂", "second moment β", 0.999),
  eps: {
    kind: "float",
    label: "epsilon",
    symbol: "ε",
    help: "Added after the root. Below 1e-8 it is lost in 32-bit floats.",
    default: 1e-8,
    min: 1e-8,
    max: 1e-2,
    scale: "log",
  },
  weightDecay: WEIGHT_DECAY,
  clip: CLIP,
} as const;

export interface AdamwAttrs {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
}

/** β = 0 has no logarithm; at −100 its power is 0 in f32 as it should be. */
const logOf = (b: number): number => Math.max(Math.log(b), -100);

const update = arenaUpdate<AdamwAttrs>({
  name: "adamw",
  slots: SLOTS,
  sizes: ({ beta1, beta2, eps }) => ({
    beta1,
    beta2,
    rest1: 1 - beta1,
    rest2: 1 - beta2,
    log1: logOf(beta1),
    log2: logOf(beta2),
    eps,
  }),
  rule({ theta, g, slots, lr, shrink, tau, bias1, bias2 }, { beta1, beta2, eps }) {
    const m = beta1 * slots[0]! + (1 - beta1) * g;
    const v = beta2 * slots[1]! + (1 - beta2) * g * g;
    const b1 = tau === null ? bias1 : -Math.expm1(tau * Math.log(beta1));
    const b2 = tau === null ? bias2 : -Math.expm1(tau * Math.log(beta2));
    return [shrink * theta - (lr * (m / b1)) / (Math.sqrt(v / b2) + eps), m, v];
  },
  attrs: [{ beta1: 0.9, beta2: 0.999, eps: 1e-8 }],
  positive: ["v"],
});

export const adamw: OptimMethod<typeof SCHEMA> = {
  kind: "optim",
  id: "adamw",
  label: "AdamW",
  summary: "Each weight steps by its gradient's running mean over its running size; decay kept apart.",
  schema: SCHEMA,
  paper: {
    title: "Decoupled Weight Decay Regularization",
    authors: "Loshchilov, Hutter",
    year: 2019,
    arxiv: "1711.05101",
  },
  ops: [update.plain, update.aged],
  applies: () => true,
  slots: SLOTS,
  betas: ({ beta1, beta2 }) => [beta1, beta2],
  update(t, at, { beta1, beta2, eps }) {
    traceUpdate(t, update, at, { beta1, beta2, eps });
  },
};
