/** The end of layer dropping: every layer runs in every step again. */
import type { StructureMethod } from "../types.ts";
import { appliesTo, dropPlan } from "./shared.ts";

export const allLayers: StructureMethod<Record<never, never>> = {
  kind: "structure",
  does: "drop",
  id: "all-layers",
  label: "All layers on",
  summary: "Ends layer dropping: every layer runs in every step.",
  schema: {},
  paper: null,
  applies: appliesTo,
  drops: null,
  plan: async (at) =>
    at.dropping ? dropPlan(at, null) : "Not changed: every layer runs in every step already.",
};
