/** What the ways of dropping layers share: two settings, and when dropping cannot be. */
import type { Schema } from "../../config/schema.ts";
import type { Model } from "../../models/types.ts";
import type { Side, StructureAt, StructurePlan } from "../types.ts";

export const COMMON = {
  least: {
    kind: "int",
    label: "Layers that run at least",
    help: "A step that would run fewer draws again. 0: a step may train embeddings and head alone.",
    default: 0,
    min: 0,
    max: 12,
  },
  zeroGrad: {
    kind: "flag",
    label: "Zero gradient",
    help: "A layer that was left out is updated all the same, by a gradient of zero: moments and weights decay. Off: it stays as it is.",
    default: false,
  },
} as const satisfies Schema;

export const appliesTo = (model: Model): true | string =>
  model.skips !== undefined || "for models whose layers add to a trunk (gpt, bert, vit)";

/** "Not dropped: …", or true. */
export function canDrop(model: Model, { arch }: Side, { least }: { readonly least: number }): true | string {
  const layers = model.skips?.(arch) ?? [];
  if (typeof layers === "string") return `Not dropped: ${layers}.`;
  if (least > layers.length) {
    return `Not dropped: ${least} layers are to run at least, and the network has ${layers.length}.`;
  }
  return true;
}

/** From this step on. The function is the network with all its layers and does not change. */
export function dropPlan(at: StructureAt, drop: StructurePlan["drop"]): StructurePlan | string {
  if (drop !== null && at.scheduled.some(({ id }) => id === "stack")) {
    return (
      "Not dropped: the recipe is still to stack layers on a schedule, and the two are not combined. " +
      "Drop layers once it is done, or take the stacking out."
    );
  }
  return { arch: at.from.arch, preserving: true, ...(drop === undefined ? {} : { drop }) };
}
