/**
 * The order of events in a network whose gates have a slope (grow-prune §5.4): it grows with leaky ReLUs, and after the
 * swap to ReLUs it is pruned. The slope is the phase: no other state has to be kept, undone or put into a link.
 */
import type { Values } from "../../config/schema.ts";
import type { Model } from "../../models/types.ts";

export type Phase = "grow" | "prune";

/** Null for models without hidden layers in their gates: they know no phases. */
export function phaseOf(model: Model, arch: Values): Phase | null {
  if (!("slope" in model.schema) || arch.gateLayers === 0) return null;
  return (arch.slope as number) > 0 ? "grow" : "prune";
}

/** True, or why a growth of a network in this phase is refused. `not`: "Not grown". */
export function mayGrow(model: Model, arch: Values, not = "Not grown"): true | string {
  return (
    phaseOf(model, arch) !== "prune" ||
    `${not}: the gates were swapped to ReLUs, so this network is being pruned. Swap them back to leaky ReLUs to grow again.`
  );
}

/** True, or what is asked before a network that still grows is pruned. `anyway`: the answer was yes. */
export function mayPrune(model: Model, arch: Values, anyway: boolean): true | string {
  return (
    anyway ||
    phaseOf(model, arch) !== "grow" ||
    "Not pruned: the gates still have leaky ReLUs. Swap the activation first, or prune before the swap all the same."
  );
}
