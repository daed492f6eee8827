/** A growth method as a structural plan: the next size, its map, and the same index map for slots and ages. */
import type { Values } from "../config/schema.ts";
import { markAges } from "../engine/ops/ages.ts";
import type { Params, Trace } from "../engine/types.ts";
import type { EventKey, GrowMethod, Side, StructurePlan } from "../methods/types.ts";
import type { Model } from "../models/types.ts";
import { isStructured } from "./ages.ts";

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
    notes: method.notes?.(from, to, c) ?? [],
    change: (t, old) => ({
      params: method.map(t, from, to, old.params, c, key),
      ...(reset ? {} : { slots: old.slots.map((slot) => method.carry(t, from, to, slot, c, 0, key)) }),
      // Old weights keep their ages, new ones are newborn.
      ...(needsAges ? { age: method.carry(t, from, to, frozenAges(t, old.age, frozen), c, 1, key) } : {}),
    }),
  };
}

function frozenAges(t: Trace, age: Params, paths: readonly string[]): Params {
  if (paths.length === 0) return age;
  const marked = new Map(age);
  for (const path of paths) marked.set(path, t.call(markAges, [age.get(path)!], { how: "freeze" })[0]!);
  return marked;
}
