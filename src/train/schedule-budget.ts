/**
 * The ledger of a run: what was spent, what an update will cost, and where on the schedule it stands. Schedules are
 * functions of the consumed budget and never of a step count, so that a run that grows is compared fairly with one that
 * does not (selection-optimizers §1.6).
 */
import type { BudgetUnit } from "../run/config.ts";

export interface Spent {
  readonly steps: number;
  readonly tokens: number;
  /** Executed, forward and backward: 3 × forward (grow-prune §1.4). */
  readonly flops: number;
}

export const NOTHING_SPENT: Spent = { steps: 0, tokens: 0, flops: 0 };

export class Ledger {
  readonly unit: BudgetUnit;
  /** What the schedule is laid over. */
  readonly planned: number;
  spent: Spent = NOTHING_SPENT;
  /** Cost of the next update in each unit. */
  cost: Spent = { steps: 1, tokens: 0, flops: 0 };
  /** What updates cost on average, and at most: a step may leave out layers. */
  usual: Spent = this.cost;
  full: Spent = this.cost;
  /** Budget granted after the end: it is trained at the schedule's last value. */
  extra = 0;

  constructor(budget: { readonly unit: BudgetUnit; readonly amount: number }) {
    this.unit = budget.unit;
    this.planned = budget.amount;
  }

  get amount(): number {
    return this.planned + this.extra;
  }

  /** An update starts only if it can be paid in full; what is left over stays unused. */
  get canStart(): boolean {
    return this.spent[this.unit] + this.cost[this.unit] <= this.amount;
  }

  /** Fraction of the planned budget consumed. */
  get fraction(): number {
    return Math.min(1, this.spent[this.unit] / this.planned);
  }

  /** x of the next update: the midpoint of what it pays, so that neither the first nor the last step is wasted. */
  get x(): number {
    return Math.min(1, (this.spent[this.unit] + this.cost[this.unit] / 2) / this.planned);
  }

  /** Steps at which the budget ends if the network keeps its size. */
  get steps(): number {
    const left = this.amount - this.spent[this.unit];
    return this.spent.steps + Math.max(0, Math.floor(left / this.usual[this.unit]));
  }

  pay(): void {
    this.spent = {
      steps: this.spent.steps + 1,
      tokens: this.spent.tokens + this.cost.tokens,
      flops: this.spent.flops + this.cost.flops,
    };
  }

  /** What was spent beside the updates: an operator's training. */
  charge({ tokens, flops }: Omit<Spent, "steps">): void {
    const { spent } = this;
    this.spent = { ...spent, tokens: spent.tokens + tokens, flops: spent.flops + flops };
  }

  extend(steps: number): void {
    // Counted from what is spent: the unused remainder must not swallow the first of them.
    this.extra = this.spent[this.unit] + steps * this.full[this.unit] - this.planned;
  }
}
