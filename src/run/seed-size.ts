/** Active weights that a run begins with, as far as its config alone tells: after the sparse seed that it asks for at step 0. */
import { isConnection } from "../methods/target.ts";
import type { RunConfig } from "./config.ts";
import { dataShape } from "./data-shape.ts";
import { models } from "./registries.ts";

/** Two symbols at least: with one's own data, whose number is not known, there are at least so many weights. */
export function seedSize(config: RunConfig): number {
  const { id, ...arch } = config.model;
  const specs = models.get(id)!.params(arch as never, dataShape(config, undefined, 2));
  const seed = config.recipe.find(
    ({ trigger, action }) =>
      action.id === "sparse-seed" && action.target === "" && trigger.id === "step" && trigger.step === 0,
  );
  const density = (seed?.action.density as number | undefined) ?? 1;
  return specs
    .filter(({ state }) => !state)
    .reduce((sum, spec) => {
      const size = spec.shape.reduce((n, d) => n * d, 1);
      // Repairs may add a few.
      return sum + (isConnection(spec) ? Math.max(1, Math.round(density * size)) : size);
    }, 0);
}
