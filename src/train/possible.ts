/** What could be done to a run: which actions apply, whether one is asked for rightly, what one would do. */
import { check, objectType, shapeOf } from "../config/check.ts";
import type { Values } from "../config/schema.ts";
import type { GrowMethod, StructureMethod } from "../methods/types.ts";
import type { Choice } from "../run/config.ts";
import type { StructurePreview } from "../run/events.ts";
import { actions } from "../run/registries.ts";
import { disposeArrays, specsOf } from "./arrays.ts";
import type { Core } from "./core.ts";
import { outcome, prepare } from "./event.ts";
import { kindOf, NOT, Refusal, scheduledOf } from "./event-terms.ts";
import { nextOf } from "./growth-plan.ts";
import { type Kept, type Sized, sideOf } from "./programs.ts";
import { filled, type Setup } from "./setup.ts";

/** An action as asked for, with its defaults. Throws one sentence when there is none such. */
export function checkedAction(action: Choice): Choice {
  const method = actions.get(action.id);
  if (method === undefined) throw new Error(`There is no action "${action.id}".`);
  const { id, ...values } = action;
  const checked = check(objectType(shapeOf(method.schema)), values, id);
  if (!checked.ok) throw new Error(`${NOT[kindOf(method)]}: ${checked.message}.`);
  return { id, ...(checked.value as Values) };
}

/**
 * What an action would do now: planned, carried out beside the network, probed, and always taken back. Nothing is recorded
 * and nothing changes. Throws one sentence where the action would be refused.
 */
export async function previewNow(core: Core, action: Choice): Promise<StructurePreview> {
  const { setup, network: old, event, step, updates, live, drop, progress: onProgress } = core;
  const method = actions.get(action.id)!;
  const values = filled(method.schema, action);
  const batches = windowOf(method, values);
  if (batches > 0)
    throw new Refusal(`No preview: ${method.label} needs the gradients of ${batches} steps first.`);
  const nothing = () => {};
  const programs = (sized: Sized, kept: Kept) => core.ahead.programs(setup, sized, kept);
  const { fraction } = core.ledger;
  const scheduled = scheduledOf(core.line);
  const at = { event, step, updates, live, lr: core.rate(updates), scored: 0, drop, fraction, scheduled };
  const about = { method, values, ...at, onProgress };
  const { network, plan, ...seen } = await prepare(setup, old, {
    ...about,
    preview: true,
    programs,
    begun: nothing,
    stage: nothing,
  });
  network.abandon();
  disposeArrays(network.arrays);
  return {
    lossBefore: seen.lossBefore,
    lossAfter: seen.lossAfter,
    maxLogitDelta: seen.maxLogitDelta,
    sizeAfter: setup.model.describe(network.arch),
    ...outcome(old, network, plan),
  };
}

/** Actions that can be done now, with the sentence why not. */
export function possible(setup: Setup, arch: Values): Record<string, true | string> {
  return Object.fromEntries(
    [...actions.values()].map((method) => [
      method.id,
      possibleOf(setup, arch, method, filled(method.schema, { id: method.id })),
    ]),
  );
}

export function possibleOf(
  setup: Setup,
  arch: Values,
  method: GrowMethod | StructureMethod,
  values: Values,
): true | string {
  const applies = method.applies(setup.model);
  if (applies !== true) return applies;
  if (method.kind === "grow") {
    const next = nextOf(setup.model, arch, method, values);
    return typeof next === "string" ? next.replace(/^Not grown: the n/, "The n") : true;
  }
  const side = sideOf({ arch, specs: specsOf(setup, arch) }, setup.shape);
  return method.can?.(setup.model, side, values as never) ?? true;
}

/** Batches of gradients that the action asks for first. */
export const windowOf = (method: GrowMethod | StructureMethod, values: Values): number =>
  method.kind === "grow" ? 0 : (method.window?.(values as never) ?? 0);
