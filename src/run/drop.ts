/** Layer dropping as a page may ask for it: θ along the budget, chances by depth. */
import type { Chances } from "../methods/drop/rule.ts";
import type { Choice } from "./config.ts";
import { actions } from "./registries.ts";

export { expectedDepth } from "../methods/drop/rule.ts";

/** `x`: part of the budget since dropping began. Null: this action drops no layers. */
export function dropping(
  { id, ...values }: Choice,
  layers: number,
  x: number,
): (Chances & { readonly theta: number | null }) | null {
  const method = actions.get(id);
  if (method?.kind !== "structure" || !method.drops) return null;
  const theta = method.drops.theta?.(values as never, layers, x) ?? null;
  return { ...method.drops.chances(values as never, layers, x), theta };
}
