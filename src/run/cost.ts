/** What one training step takes, in every unit of a budget: for the ledger of a run, and for refusing a budget below it. */
import type { BudgetUnit } from "./config.ts";

export type StepCost = Readonly<Record<BudgetUnit, number>>;

/** `forward`: FLOPs of a forward pass per token. Training takes three times as much (grow-prune §1.4). */
export function stepCost(batch: number, context: number, forward: number): StepCost {
  const tokens = batch * context;
  return { steps: 1, tokens, flops: 3 * forward * tokens };
}
