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

/** The phases as a person sees them, in their order (grow-prune §5.5). */
export const STAGES = ["seed", "grow", "swap", "prune", "final"] as const;
export type Stage = (typeof STAGES)[number];

/** What has been done on the line of a run: events by what they did, and whether what prunes by itself has come to rest. */
export interface Deeds {
  readonly grown: boolean;
  readonly pruned: boolean;
  readonly resting: boolean;
}

/**
 * Where a run of seed ▸ grow ▸ swap ▸ prune ▸ final stands; null for models without such an order. A network without hidden
 * layers in its gates is a seed: a layer can still be inserted.
 */
export function stageOf(model: Model, arch: Values, { grown, pruned, resting }: Deeds): Stage | null {
  if (!("slope" in model.schema)) return null;
  if (phaseOf(model, arch) !== "prune") return grown ? "grow" : "seed";
  if (resting) return "final";
  return pruned ? "prune" : "swap";
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
