/** A growth method as a structural plan: the next size, its map, and the same index map for slots and ages. */
import type { Values } from "../config/schema.ts";
import { markAges } from "../engine/ops/ages.ts";
import type { Params, Trace } from "../engine/types.ts";
import { assembled } from "../methods/grow/operator.ts";
import type { EventKey, Feeds, GrowMethod, Side, StructurePlan } from "../methods/types.ts";
import type { Model } from "../models/types.ts";
import { isStructured } from "./ages.ts";
import { type Fitted, operands, type Task } from "./fit.ts";

/** Null when fully grown, or the sentence why it is refused. */
export function nextOf(model: Model, arch: Values, method: GrowMethod, values: Values): Values | string {
  const applies = method.applies(model);
  if (applies !== true) return `Not grown: ${method.label} is ${applies}.`;
  return method.next(model, arch, values as never) ?? "Not grown: the network has reached its full size.";
}

/** `aged`: the network keeps ages already. A reset of a network without masks needs none afterwards either. */
export function growthPlan(
  model: Model,
  from: Side,
  method: GrowMethod,
  values: Values,
  key: EventKey,
  aged: boolean,
  fitted: Fitted | null = null,
): StructurePlan | string {
  const arch = nextOf(model, from.arch, method, values);
  if (typeof arch === "string") return arch;
  const c = values as never;
  const reset = method.slots(c) === "reset";
  const rewarm = method.rewarm?.(c);
  const frozen = method.frozen?.(from, c) ?? [];
  const to = { ...from, arch, specs: model.params(arch, from.data) };
  const needsAges = aged || !reset || isStructured(to.specs);
  return {
    arch,
    preserving: method.preserving(c, from, to),
    ...(reset ? { slots: "reset" as const } : {}),
    ...(reset && rewarm !== undefined ? { rewarm } : {}),
    copies: method.copies?.(from, to, c) ?? {},
    ...feedsOf(fitted?.feeds ?? method.feeds?.(from, to, c, key)),
    notes: [...(method.notes?.(from, to, c) ?? []), ...(fitted?.note ? [fitted.note] : [])],
    ...(fitted === null ? {} : chargeOf(fitted)),
    ...(fitted?.stopped ? { committed: fitted.steps } : {}),
    change: (t, old) => ({
      params:
        fitted === null || method.operator === undefined
          ? method.map(t, from, to, old.params, c, key)
          : transferred(t, { model, operator: method.operator, from, to, c }, fitted, old.params),
      ...(reset ? {} : { slots: old.slots.map((slot) => method.carry(t, from, to, slot, c, 0, key)) }),
      // Old weights keep their ages, new ones are newborn.
      ...(needsAges ? { age: method.carry(t, from, to, frozenAges(t, old.age, frozen), c, 1, key) } : {}),
    }),
  };
}

const feedsOf = (feeds: Feeds | undefined) => (feeds === undefined ? {} : { feeds });

function frozenAges(t: Trace, age: Params, paths: readonly string[]): Params {
  if (paths.length === 0) return age;
  const marked = new Map(age);
  for (const path of paths) marked.set(path, t.call(markAges, [age.get(path)!], { how: "freeze" })[0]!);
  return marked;
}

/** The target's weights as the trained operator makes them. */
function transferred(t: Trace, task: Task, { specs }: Fitted, old: Params): Params {
  const { frozen, phi } = operands(t, task, specs);
  return assembled(t, task.operator, { ...task, old, frozen, phi: phi.at }, task.c);
}

function chargeOf({ steps, first, last, flops, tokens }: Fitted): Pick<StructurePlan, "charge" | "figures"> {
  const losses = first === null || last === null ? {} : { operatorFirst: first, operatorLast: last };
  return {
    charge: { tokens, flops },
    figures: { operatorSteps: steps, operatorFlops: flops, ...losses },
  };
}
