/**
 * The kinds of method. `id, label, paper, schema, applies` are common, the rest is the kind's one rule. A method is one
 * file and one line in `registry.ts`; controls, link, docs page, events and tests follow from these records.
 */
import type { Schema, Values } from "../config/schema.ts";
import type { OpDef, ParamSpec, Params, Tensor, Trace } from "../engine/types.ts";
import type { DataShape, Model } from "../models/types.ts";
import type { Operator } from "./grow/operator.ts";
import type { StructureAt, StructureMethod } from "./structure-types.ts";

export interface MethodBase<K extends string, S extends Schema> {
  readonly kind: K;
  readonly id: string;
  readonly label: string;
  /** One sentence: what it does, in the words of the page. */
  readonly summary: string;
  readonly schema: S;
  /** Null: ours, no paper stands behind it. */
  readonly paper: {
    readonly title: string;
    readonly authors: string;
    readonly year: number;
    readonly arxiv?: string;
  } | null;
  /** Kernels it brings, tested like the engine's own. */
  readonly ops?: readonly OpDef[];
  /** True, or the sentence that explains why the control is greyed out ("not for LSTM"). */
  applies(model: Model): true | string;
}

export interface Side {
  readonly arch: Values;
  readonly data: DataShape;
  readonly specs: readonly ParamSpec[];
}

/** Shares of what is old in what is new, from the map's own coefficients. Each row's largest says which source is meant. */
export interface Feeds {
  /** [layers afterwards][layers before] */
  readonly layers: readonly (readonly number[])[];
  /** [heads afterwards][heads before]: channels of the trunk, a head's size at a time. Null: the width stays. */
  readonly groups: readonly (readonly number[])[] | null;
}

/** A bond of a tensor ring: the singular values of the two cores that it joins, largest first, as many as its rank. */
export interface Bond {
  readonly name: string;
  readonly between: readonly [before: string, after: string];
  readonly values: readonly number[];
}

/** What a growth draws its numbers from: (run seed, event number). */
export type EventKey = readonly [number, number];

// biome-ignore lint/suspicious/noExplicitAny: methods of different schemas live in one registry
export interface GrowMethod<S extends Schema = any> extends MethodBase<"grow", S> {
  /** The next size, null when fully grown, or the sentence why it is refused. */
  next(model: Model, arch: Values, c: Values<S>): Values | null | string;
  /** THE growth operator: every parameter of `to` from those of `from`, traced. */
  map(t: Trace, from: Side, to: Side, old: Params, c: Values<S>, key: EventKey): Params;
  /**
   * Fate of the optimizer state. "reset": all slots 0 and updates counted anew. "carry": `carrySlots` moves them by
   * logical index; entries without a source get 0, and every age too.
   */
  slots(c: Values<S>): "carry" | "reset";
  /** Updates over which the learning rate rises again after a reset (transformer-growth §2.4). Absent: none. */
  rewarm?(c: Values<S>): number;
  /** The same index map for slots and ages (any dtype): copies only; entries without a source get `fill`. */
  carry(t: Trace, from: Side, to: Side, old: Params, c: Values<S>, fill: number, key: EventKey): Params;
  /** The function must be the same after as before: max|Δz| ≤ 1e-5·max(1, max|z|), else the event is taken back. */
  preserving(c: Values<S>, from: Side, to: Side): boolean;
  /** The values with every choice made that depends on the weights ("most used"). Absent: none does. */
  settle?(at: StructureAt, c: Values<S>): Promise<Values<S>>;
  /** Trained through the grown model before it acts (train/fit.ts); `map` is then its start. Absent: nothing is to learn. */
  readonly operator?: Operator<Values<S>>;
  /** Parameters whose old entries receive no updates after the growth (freezeOld). Paths of `from`. */
  frozen?(from: Side, c: Values<S>): readonly string[];
  /** What the record of the event should say in words: a choice that was made otherwise than asked for. */
  notes?(from: Side, to: Side, c: Values<S>): readonly string[];
  /** What feeds what, for the picture of the event. An operator says it of itself. Absent: it is not drawn. */
  feeds?(from: Side, to: Side, c: Values<S>, key: EventKey): Feeds;
  /** For each newborn tier the tier it was copied from (ids of `anatomy`), for the dotted copy lines. */
  copies?(from: Side, to: Side, c: Values<S>): Readonly<Record<string, string>>;
}

// biome-ignore lint/suspicious/noExplicitAny: as above
export interface OptimMethod<S extends Schema = any> extends MethodBase<"optim", S> {
  /** ["m"] for Lion, ["m", "v"] for AdamW: arenas of the parameters' layout, 0 at the start. */
  readonly slots: readonly string[];
  /** β₁ and β₂ for the bias corrections 1 − βᵗ, if it has any. */
  betas?(c: Values<S>): readonly [number, number];
  /** One dispatch over the whole arena, in place. */
  update(t: Trace, at: UpdateInputs, c: Values<S>): void;
}

export interface UpdateInputs {
  /** f32 [P], the whole arenas, flat. */
  readonly param: Tensor;
  readonly grad: Tensor;
  readonly slots: readonly Tensor[];
  /** u32 [P / 64], of each 64-element block: bit 0, weight decay applies; above, its gate (engine/control.ts), 0: none. */
  readonly blocks: Tensor;
  /**
   * What the `norm` op made. The update joins its parts, writes [‖g‖², clip factor, 1 if non-finite else 0, ‖g‖] into its
   * head, and where a gradient is not finite changes nothing else.
   */
  readonly norm: Tensor;
  /**
   * u32 [P] ages, or null while one number serves all weights. 0 dormant (gradient ignored, weight and slots written 0);
   * low 31 bits: 1 + updates received; bit 31: frozen (no update, slots kept). The op increments the age of what it updates.
   */
  readonly age: Tensor | null;
}

// biome-ignore lint/suspicious/noExplicitAny: as above
export interface TriggerMethod<S extends Schema = any> extends MethodBase<"trigger", S> {
  /**
   * What it looks at: the training loss of each step, or each evaluation on the validation part (both judged at step t, act
   * at t + 8), or only the step and the budget (acts at once).
   */
  readonly needs: "loss" | "eval" | "budget" | "nothing";
  /** Plain data that a snapshot carries. */
  start(c: Values<S>): TriggerState;
  /**
   * Called once for every completed step (needs "eval": for every evaluation), in order, with its loss. Returns whether to
   * act, and the gauge the page draws (plateau: gain against τ). Pure: same losses, same decisions.
   *
   * `fire: "back"`: the run goes back to where it stood just before the newest event of this entry, and the entry acts no
   * more (the last iteration that met a target is the result, grow-prune §2.2). An entry whose action came only when a
   * target was met therefore ends in the last good state.
   */
  observe(
    state: TriggerState,
    at: TriggerInput,
    c: Values<S>,
  ): { readonly state: TriggerState; readonly fire: boolean | "back" };
  /** After any structural event: counters go, the loss average stays (grow-prune §1.3, step 9). */
  reset(state: TriggerState, step: number): TriggerState;
  /** Of evaluations: a sentence for the reader, when this one changed something. */
  tells?(before: TriggerState, after: TriggerState, c: Values<S>): string | null;
  /**
   * Of a goal that has to do with the loop of growing and pruning (train/goals.ts). "grows": it works towards the goal;
   * "prunes": its first event waits for it.
   */
  readonly goal?: Goal<Values<S>>;
  gauge?(
    state: TriggerState,
    c: Values<S>,
  ): { readonly label: string; readonly value: number; readonly limit: number } | null;
}

export type TriggerState = Readonly<Record<string, number | readonly number[]>>;

/** Where an evaluation stands that does not meet a goal: `share`, both are shares that are right; else losses. */
export interface Short {
  readonly value: number;
  readonly limit: number;
  readonly share: boolean;
  /** Of growth: it has come to its end. Of pruning: nothing but a person can let it begin. */
  readonly ended: boolean;
}

/** What a person says to pruning that waits for a goal: prune all the same, or go on towards it beyond cap and count. */
export type Answer = "prune" | "grow";

export interface Goal<C> {
  readonly role: "grows" | "prunes";
  /** Null: it is met, not known yet, or no longer of account. */
  short(state: TriggerState, c: C): Short | null;
  /** From evaluations at this step on. `reached`: the value that the question named. */
  answer(state: TriggerState, said: Answer, step: number, reached: number): TriggerState;
}

export interface TriggerInput {
  /** Steps completed so far (1-based index of the step this loss belongs to). */
  readonly step: number;
  readonly loss: number;
  /** Only of evaluations of a classifier: the share it got right. */
  readonly accuracy?: number;
  /** Only of evaluations: weights that are not dormant. */
  readonly active?: number;
  /** Only of evaluations, to what prunes: where growth stands short of its goal. */
  readonly growing?: Short | null | undefined;
  /** Fraction of the budget consumed, in the budget's own unit. */
  readonly fraction: number;
}

export type Method = GrowMethod | StructureMethod | OptimMethod | TriggerMethod;

export type { OperatorPart } from "./grow/operator.ts";
export type {
  StructureAt,
  StructureChange,
  StructureFigure,
  StructureKind,
  StructureMethod,
  StructurePlan,
  StructureSeen,
  StructureState,
} from "./structure-types.ts";
