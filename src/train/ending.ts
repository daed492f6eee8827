/**
 * How a run comes to an end, and what the losses that come back say of it: its budget is spent, a person stops it, its loss
 * stops being a number or stays lost, or something outside the mathematics fails.
 */
import type { RunEventBody } from "../run/events.ts";
import { type Core, whole } from "./core.ts";
import { isLost, LOST, saidOf } from "./drop.ts";
import { evaluateNow } from "./evaluate.ts";
import { neverBegan } from "./goals.ts";
import { type StepMetrics, scoreSentence } from "./metrics.ts";
import type { Spent } from "./schedule-budget.ts";
import type { Sent } from "./step.ts";
import { lastGoodNode } from "./ways-back.ts";

export type Outcome = Extract<RunEventBody, { readonly type: "run/ended" }>["reason"];

/** Skipped updates in a row that end a run (selection-optimizers §1.1). */
const SKIPS = 10;

/** What a run that has diverged says, and what it advises. */
const NO_NUMBER = ["The loss stopped being a number", "a smaller learning rate"] as const;

/** A step's figures have come back: they are said, triggers hear them, and a run that has diverged goes no further. */
export function hear(
  core: Core,
  { spent, lr, fraction, layers }: Sent,
  { loss, gradNorm, skipped }: StepMetrics,
): void {
  const { steps, tokens, flops } = spent;
  const said = layers === null ? {} : { layers: saidOf(layers) };
  core.journal.say(steps, { type: "step", loss, lr, gradNorm, tokens, flops, ...said });
  core.skipped = skipped ? core.skipped + 1 : 0;
  core.heard = steps;
  if (!Number.isFinite(loss) || core.skipped >= SKIPS) {
    // The weights after step − 2 gave the finite loss of step − 1; skipped updates left the weights alone.
    diverge(core, spent, Number.isFinite(loss) ? steps - core.skipped : Math.max(0, steps - 2));
    return;
  }
  if (layers !== null && isLost(core, loss)) {
    diverge(core, spent, steps - core.watch.above, LOST);
    return;
  }
  for (const gauge of core.line.observeLoss(steps, loss, fraction)) {
    core.journal.say(steps, { type: "gauge", ...gauge });
  }
}

function diverge(
  core: Core,
  spent: Spent,
  good: number,
  [what, remedy]: readonly [string, string] = NO_NUMBER,
): void {
  core.ring.close();
  core.ledger.spent = spent;
  const back = lastGoodNode(core, good);
  close(
    core,
    "diverged",
    `${what} at step ${whole(spent.steps)}. Go back to step ${whole(back)}, the last good state, and try ${remedy}.`,
  );
}

/** The budget is spent: a last evaluation, and what it came to. */
export async function endOfBudget(core: Core): Promise<void> {
  if (core.evaluated !== core.step) evaluateNow(core);
  await core.ring.drain();
  if (core.phase !== "ready") return;
  // Pruning that waited for a goal to the end did nothing.
  const never = neverBegan(core.line.entries);
  if (never !== null) core.journal.say(core.step, { type: "notice", text: never });
  const last = core.journal.lastEvaluation;
  const validation = last === null ? "" : ` ${scoreSentence(last)}`;
  close(core, "budget", `Done: ${whole(core.step)} steps.${validation}`);
}

export function close(core: Core, reason: Outcome, message: string): void {
  core.phase = reason === "diverged" ? "diverged" : "ended";
  core.outcome = reason;
  core.journal.say(core.step, { type: "run/ended", reason, message });
}
