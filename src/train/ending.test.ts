/** From which state a run that diverged goes on: the last that is known to have been good, and not one checkpointed since. */
import { expect, it } from "vitest";
import { Checkpoints } from "./checkpoints.ts";
import type { Core } from "./core.ts";
import { UNWATCHED } from "./drop.ts";
import { hear } from "./ending.ts";
import { History, type Position } from "./history.ts";
import { NOTHING_SPENT } from "./schedule-budget.ts";

const spentAt = (steps: number) => ({ ...NOTHING_SPENT, steps });

/** A run that hears one loss after another; checkpoints at these steps. */
function hearing(kept: readonly number[]) {
  const said: { readonly type: string; readonly message?: string }[] = [];
  const checkpoints = Object.assign(new Checkpoints(), {
    newest: (step: number) => Math.max(-1, ...kept.filter((at) => at <= step)),
    claim: (step: number) => ({
      position: { spent: spentAt(Math.max(...kept.filter((at) => at <= step))) } as Position,
      arrays: null,
    }),
  });
  const core = {
    ...{ phase: "ready", outcome: "stopped", skipped: 0, heard: 0, watch: UNWATCHED, step: 0 },
    ...{ checkpoints, history: new History(), ring: { close: () => {} }, ledger: { spent: NOTHING_SPENT } },
    line: { observeLoss: () => [] },
    journal: { say: (_: number, event: { readonly type: string }) => void said.push(event) },
  };
  const layers = { ran: [true], keep: [1], scale: [1], zeroGrad: false };
  return (step: number, loss: number, skipped = false): string | null => {
    const sent = { spent: spentAt(step), lr: 0, fraction: 0, layers };
    hear(core as unknown as Core, sent, { loss, gradNorm: 1, skipped } as Parameters<typeof hear>[2]);
    return said.findLast(({ type }) => type === "run/ended")?.message ?? null;
  };
}

it("a loss that is no number comes of the update before it", () => {
  for (const [kept, back] of [
    [[8], 8],
    [[8, 9], 8],
  ] as const) {
    const hear = hearing(kept);
    for (let step = 1; step <= 9; step++) expect(hear(step, 1)).toBeNull();
    expect(hear(10, Number.NaN)).toContain(`at step 10. Go back to step ${back}, `);
  }
});

it("ten updates in a row that were skipped left the weights as they were before the first", () => {
  const hear = hearing([4, 5, 6]);
  for (let step = 1; step <= 5; step++) expect(hear(step, 1)).toBeNull();
  for (let step = 6; step <= 14; step++) expect(hear(step, 1, true)).toBeNull();
  expect(hear(15, 1, true)).toContain("at step 15. Go back to step 5, ");
  // One that is not skipped begins the count again.
  const other = hearing([4]);
  for (let step = 1; step <= 40; step++) expect(other(step, 1, step % 10 !== 0)).toBeNull();
});

it("a loss above three times its start for 20 steps was good before the first of them", () => {
  const hear = hearing([100, 101, 119]);
  for (let step = 1; step <= 100; step++) expect(hear(step, step === 1 ? 1 : 3)).toBeNull();
  for (let step = 101; step <= 119; step++) expect(hear(step, 3.01)).toBeNull();
  expect(hear(120, 3.01)).toMatch(/for 20 steps, and the run stopped at step 120\. Go back to step 100, /);
});
