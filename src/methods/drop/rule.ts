/**
 * When which layer runs (transformer-growth §3.3; Zhang & He 2020, §4.1-4.2). Pure functions of the schedule's own time and
 * the depth; the draws are made elsewhere (train/drop.ts), so that the page can draw the same curves.
 */
import type { Schema, Values } from "../../config/schema.ts";

/** Of each layer, first one first: the chance that it runs, and what its arms are scaled by when it does. */
export interface Chances {
  readonly keep: readonly number[];
  readonly scale: readonly number[];
}

/** The layers of a step that are drawn together: which run, and which of those are updated. */
export interface Together {
  readonly ran: readonly boolean[];
  readonly updated: readonly boolean[];
}

/** What a method that drops layers says of every step. */
// biome-ignore lint/suspicious/noExplicitAny: methods of different schemas live in one registry
export interface DropRule<S extends Schema = any> {
  /** `x`: part of the run's budget that has passed since layers began to be dropped, 0 to 1. */
  chances(c: Values<S>, layers: number, x: number): Chances;
  /**
   * Layers are not drawn each for itself but by one draw a step, uniform in [0, 1). Null: all run now. Absent: each for itself.
   */
  together?(c: Values<S>, layers: number, x: number, draw: number): Together | null;
  /** θ(t), where there is a schedule. */
  theta?(c: Values<S>, layers: number, x: number): number;
  /** Arms are scaled: the training step has a gate on each. */
  scaled(c: Values<S>): boolean;
  /** Layers that run at least. */
  least(c: Values<S>): number;
  /** A layer that was left out is updated with a gradient of zero; else it is not updated. */
  zeroGrad(c: Values<S>): boolean;
}

/** A smaller one would leave the top layer without a chance, and 1/p without a bound. */
const LEAST = 0.01;

/** θ̄ as it was asked for; 0: .5 from six layers on, where enough are left, else .75 (transformer-growth §3.3). */
export function limitOf(theta: number, layers: number): number {
  if (theta === 0) return layers < 6 ? 0.75 : 0.5;
  return Math.max(LEAST, theta);
}

/** θ(t) = (1 − θ̄)·exp(−γ t) + θ̄ with γ = γ_f / T, t = x T: from 1 down to θ̄. */
export const thetaAt = (limit: number, gamma: number, x: number): number =>
  (1 - limit) * Math.exp(-gamma * x) + limit;

export const VARIANTS = ["paper", "deepspeed", "ntng"] as const;
export type Variant = (typeof VARIANTS)[number];

/**
 * p_ℓ = 1 − (ℓ/L)(1 − θ), ℓ = 1 … L. paper: drawn with p_ℓ, scaled by 1/p_ℓ. deepspeed (its bing_bert example): drawn with the
 * p of the layer before, scaled by 1/p_ℓ, so that the first layer always runs and E[G/p] > 1. ntng: drawn with p_ℓ, not scaled.
 */
export function progressive(variant: Variant, layers: number, theta: number): Chances {
  const p = (depth: number) => 1 - (depth / layers) * (1 - theta);
  const of = (f: (depth: number) => number) => Array.from({ length: layers }, (_, i) => f(i + 1));
  return {
    keep: of((depth) => p(variant === "deepspeed" ? depth - 1 : depth)),
    scale: of((depth) => (variant === "ntng" ? 1 : 1 / p(depth))),
  };
}

/** Σ p_ℓ: for p_ℓ of the paper L − (L + 1)(1 − θ)/2. */
export const expectedDepth = (keep: readonly number[]): number => keep.reduce((sum, p) => sum + p, 0);
