/**
 * Layer dropping in a run (transformer-growth §3.3): which layers the next step leaves out, how often each layer has been
 * updated, and when its loss says that the run is lost. Which layers run is drawn on the host from (seed, step), under a key
 * of its own: nothing is read back for it, and no other draw of the run notices.
 *
 * A layer that is left out is skipped by name, forward and backward: what flows up and down passes by it, its gradients are 0.
 * Unless asked otherwise its weights and moments stay as they are, so each layer has a count of updates of its own for the
 * bias corrections. With ages (train/ages.ts) each weight counts for itself, and that count takes precedence.
 */
import { check, objectType, shapeOf } from "../config/check.ts";
import type { Values } from "../config/schema.ts";
import { GATES, setGate } from "../engine/control.ts";
import type { DropRule } from "../methods/drop/rule.ts";
import type { GrowMethod, StructureMethod, StructurePlan } from "../methods/types.ts";
import type { Gates, Model } from "../models/types.ts";
import { STREAM, streamKey, threefry2x32, uniform } from "../random/threefry.ts";
import type { Choice } from "../run/config.ts";
import { actions } from "../run/registries.ts";
import type { Core } from "./core.ts";
import type { EventRequest } from "./event-terms.ts";
import { valuesOf } from "./setup.ts";

/** When gates were frozen: the step, and the part of the budget that was consumed. */
interface Held {
  readonly step: number;
  readonly fraction: number;
}

/** Plain data: what a history node and a snapshot keep. */
export interface DropState {
  /** The action by whose rule layers are left out; null: no longer, but layers have been updated differently often. */
  readonly rule: Choice | null;
  /** Part of the budget that was consumed when it began. */
  readonly since: number;
  /** Updates of each layer since the slots were reset. */
  readonly updates: readonly number[];
  /** Gates are frozen as they were drawn at this step, by the chances of then. Null or absent: each step draws. */
  readonly held?: Held | null;
}

/** What is heard of the loss while layers are dropped. */
export interface DropWatch {
  /** The first loss; null before it is heard. */
  readonly first: number | null;
  /** Steps in a row whose loss was above `WORSE` times that. */
  readonly above: number;
}

export const UNWATCHED: DropWatch = { first: null, above: 0 };

/** Above 3 × its start for 20 steps (transformer-growth §7), a loss does not come back. */
const WORSE = 3;
const PATIENCE = 20;

/** Times that a step with too few layers is drawn again; then the likeliest of those left out run. */
const REDRAWS = 64;

/** The layers of one step, first one first. */
export interface Drawn {
  readonly ran: readonly boolean[];
  readonly keep: readonly number[];
  readonly scale: readonly number[];
  readonly zeroGrad: boolean;
  /** Those that are updated, where not all do that run. */
  readonly updated?: readonly boolean[];
}

function ruleOf(action: Choice): { readonly rule: DropRule; readonly values: never } {
  const method = actions.get(action.id);
  const rule = method?.kind === "structure" ? method.drops : undefined;
  if (!rule) throw new Error(`"${action.id}" drops no layers.`);
  return { rule, values: valuesOf(action) as never };
}

/** What the training step must be able to do. */
export function gatesOf(drop: DropState | null): Gates | null {
  if (drop === null) return null;
  if (drop.rule === null) return "skip";
  const { rule, values } = ruleOf(drop.rule);
  return rule.scaled(values) ? "scale" : "skip";
}

/** The same after an action, as far as can be told ahead. */
export function gatesWith(
  now: Gates | null,
  method: GrowMethod | StructureMethod,
  values: Values,
): Gates | null {
  if (method.kind !== "structure" || method.drops === undefined) return now;
  return method.drops?.scaled(values) ? "scale" : "skip";
}

/** Names of the segments that can be left out. */
function layersOf(model: Model, arch: Values): readonly string[] {
  const names = model.skips?.(arch) ?? [];
  return typeof names === "string" ? [] : names;
}

/** Dropping after a structural event. */
export function dropAfter(
  model: Model,
  arch: Values,
  planned: StructurePlan,
  { drop: before, method, updates, fraction, step }: EventRequest,
): DropState | null {
  const rule =
    planned.drop === undefined ? (before?.rule ?? null) : planned.drop && { id: method.id, ...planned.drop };
  const reset = planned.slots === "reset";
  if (rule === null && (before === null || reset)) return null;
  const layers = layersOf(model, arch).length;
  const known = before?.updates.length === layers ? before.updates : Array<number>(layers).fill(updates);
  return {
    rule: rule as Choice | null,
    since: planned.drop === undefined ? (before?.since ?? 0) : fraction,
    updates: reset ? known.map(() => 0) : known,
    held: heldAfter(planned, before, { step, fraction }),
  };
}

/** A new rule draws anew. */
function heldAfter({ drop, hold }: StructurePlan, before: DropState | null, now: Held): Held | null {
  if (hold !== undefined) return hold ? now : null;
  return drop === undefined ? (before?.held ?? null) : null;
}

/** Which layers run in training step `step`; draws are (step, layer) under the run's key for dropping. */
export function drawn(
  seed: number,
  step: number,
  keep: readonly number[],
  least: number,
): readonly boolean[] {
  const [k0, k1] = streamKey(seed, 0, STREAM.drop);
  const enough = Math.min(least, keep.length);
  for (let attempt = 0; ; attempt++) {
    const draws = keep.map((_, layer) =>
      uniform(threefry2x32(k0, k1, step, attempt * (GATES + 1) + layer)[0]),
    );
    const ran = keep.map((p, layer) => draws[layer]! < p);
    const missing = enough - ran.filter((on) => on).length;
    if (missing <= 0) return ran;
    if (attempt < REDRAWS) continue;
    const likeliest = keep
      .map((p, layer) => ({ layer, by: draws[layer]! - p }))
      .filter(({ layer }) => !ran[layer])
      .sort((a, b) => a.by - b.by || a.layer - b.layer)
      .slice(0, missing);
    return ran.map((on, layer) => on || likeliest.some((one) => one.layer === layer));
  }
}

/** One draw a step, of the same key, that no layer's draw is. */
function drawOf(seed: number, step: number): number {
  const [k0, k1] = streamKey(seed, 0, STREAM.drop);
  return uniform(threefry2x32(k0, k1, step, GATES)[0]);
}

/** The layers of the step that comes next; null where all run. */
export function drawLayers({
  setup,
  network,
  drop,
  ledger,
  step,
}: Pick<Core, "setup" | "network" | "drop" | "ledger" | "step">): Drawn | null {
  if (drop === null || drop.rule === null) return null;
  const { rule, values } = ruleOf(drop.rule);
  const layers = layersOf(setup.model, network.arch).length;
  const at = drop.held ?? { step, fraction: ledger.fraction };
  const x = Math.max(0, at.fraction - drop.since);
  const chances = rule.chances(values, layers, x);
  if (rule.together !== undefined) {
    const open = Array<boolean>(layers).fill(true);
    const joint = rule.together(values, layers, x, drawOf(setup.config.seed, at.step)) ?? {
      ran: open,
      updated: open,
    };
    return { ...joint, ...chances, zeroGrad: false };
  }
  const ran = drawn(setup.config.seed, at.step, chances.keep, rule.least(values));
  return { ran, ...chances, zeroGrad: rule.zeroGrad(values) };
}

/** Forward FLOPs of one layer, per token or image: layers of a stack are alike. */
export function layerFlops({ setup, network }: Pick<Core, "setup" | "network">): number {
  const { model, shape } = setup;
  const depth = model.growth.depth!;
  const layers = network.arch[depth] as number;
  const of = (n: number) => model.flops({ ...network.arch, [depth]: n }, shape).executed;
  return of(layers) - of(layers - 1);
}

/** Every gate open, for a replay outside the run. */
export function openGates(words: Uint32Array): void {
  for (let gate = 1; gate <= GATES; gate++) setGate(words, gate, [1, 1, 1]);
}

/**
 * What a step's control block says of the layers, and the segments to leave out. Counts the update of each. `biases`: 1 − β₁ᵗ
 * and 1 − β₂ᵗ after so many updates.
 */
export function gateStep(
  core: Core,
  words: Uint32Array,
  biases: (updates: number) => readonly [number, number],
): { readonly left: number; readonly skip: ReadonlySet<string> } {
  const skip = new Set<string>();
  const { drop, layers } = core;
  if (drop === null) return { left: 0, skip };
  const names = layersOf(core.setup.model, core.network.arch);
  let left = 0;
  const updates = drop.updates.map((before, layer) => {
    const ran = layers?.ran[layer] ?? true;
    if (!ran) {
      skip.add(names[layer]!);
      skip.add(`${names[layer]!}.grad`);
    }
    const updated = layers?.updated?.[layer] ?? (ran || layers!.zeroGrad);
    if (!updated) left |= 1 << (layer + 1);
    const after = updated ? before + 1 : before;
    setGate(words, layer + 1, [layers?.scale[layer] ?? 1, ...biases(Math.max(1, after))]);
    return after;
  });
  core.drop = { ...drop, updates };
  return { left, skip };
}

/** Hears the loss of a step in which layers could be left out. Whether the run is lost. */
export function isLost(core: Core, loss: number): boolean {
  const first = core.watch.first ?? loss;
  const above = loss > WORSE * first ? core.watch.above + 1 : 0;
  core.watch = { first, above };
  return above >= PATIENCE;
}

/** What a run says that is lost by it. */
export const LOST = [
  `The loss was more than ${WORSE} times as high as when layers began to be dropped for ${PATIENCE} steps, and the run stopped`,
  "dropping fewer layers, or a smaller learning rate",
] as const;

/** As an event says it. */
export const saidOf = ({ ran, keep }: Drawn): { readonly ran: string; readonly keep: readonly number[] } => ({
  ran: ran.map(Number).join(""),
  keep,
});

/** A state that was saved, or the clause why it cannot be. */
export function wrongDrop(drop: DropState | null, watch: DropWatch | undefined): string | null {
  const odd = "its header lacks the state of layer dropping";
  if (watch !== undefined && !(typeof watch === "object" && Number.isInteger(watch?.above))) return odd;
  if (drop === null) return null;
  const { rule, since, updates, held } = drop;
  const counts = Array.isArray(updates) && updates.every((n) => Number.isInteger(n) && n >= 0);
  const steady = held == null || (Number.isInteger(held.step) && Number.isFinite(held.fraction));
  if (!counts || !steady || updates.length > GATES || !Number.isFinite(since)) return odd;
  if (rule === null) return null;
  const method = typeof rule === "object" ? actions.get(rule.id) : undefined;
  if (method?.kind !== "structure" || !method.drops) return odd;
  const { id: _, ...values } = rule;
  const checked = check(objectType(shapeOf(method.schema)), values, method.id);
  return checked.ok ? null : checked.message;
}
