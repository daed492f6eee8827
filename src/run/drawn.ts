/** How a network of these values is drawn: for a page that tells of a network which is no longer, or not yet, there. */
import type { Anatomy } from "../models/types.ts";
import type { Choice, RunConfig } from "./config.ts";
import { dataShape } from "./data-shape.ts";
import { models } from "./registries.ts";

/** `arch`: the model's values, as `structure/done` and `RunState` have them; what it leaves out is as in the config. */
export function anatomyOf(config: RunConfig, arch: Omit<Choice, "id">): Anatomy {
  return models.get(config.model.id)!.anatomy({ ...config.model, ...arch }, dataShape(config));
}
