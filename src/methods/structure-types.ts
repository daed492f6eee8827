/**
 * Structural events that are more than a growth: pruning, connection growth, neuron birth, compaction, gate layers,
 * activation swaps, freezing, removal. All of them, and `GrowMethod` too, go through the one transaction of
 * train/structure.ts (grow-prune §1.3): the new state is made beside the old one by one traced program, both see the same
 * probe batch, and the event happens whole or not at all.
 *
 * A method plans on the host and works on the device. It never sees an array: what it must know of the weights to decide
 * (row counts, a threshold, a bridging matrix) it computes with traced ops and reads as small outputs through `look`; what
 * it does to them it writes as a trace of the old state into the new one. Selection therefore runs on the device.
 */
import type { Schema, Value, Values } from "../config/schema.ts";
import type { Params, Tensor, Trace } from "../engine/types.ts";
import type { Batch, Model } from "../models/types.ts";
import type { DropRule } from "./drop/rule.ts";
import type { EventKey, Feeds, MethodBase, Side } from "./types.ts";

/** What an event is called in the stream, in the tree and on the charts. */
export type StructureKind = "grow" | "prune" | "swap" | "insert" | "compact" | "freeze" | "remove" | "drop";

// biome-ignore lint/suspicious/noExplicitAny: methods of different schemas live in one registry
export interface StructureMethod<S extends Schema = any> extends MethodBase<"structure", S> {
  readonly does: StructureKind;
  /**
   * Batches whose signed dense gradient is summed into `score` before the event (grow-prune §3.3); 0 or absent: none. The
   * trigger, or the hand, opens the window at a step; the event acts when it closes, that many steps later.
   */
  window?(c: Values<S>): number;
  /** Of a method that has training steps leave out layers: which; null: none any more. Absent: it leaves that as it is. */
  readonly drops?: DropRule<S> | null;
  /** Whether it could act on a network of these values, as far as can be told without its weights. Absent: yes. */
  can?(model: Model, at: Side, c: Values<S>): true | string;
  /**
   * What is to be done, or the one sentence why nothing is ("Not pruned: …"): then no event is recorded. Deterministic: all
   * it may depend on is `at` and `c`; draws come from `at.key` (`eventDraw` of grow/tools.ts).
   */
  plan(at: StructureAt, c: Values<S>): Promise<StructurePlan | string>;
}

/** The run at the step boundary at which the event acts. Every weight and the last loss are known to be finite. */
export interface StructureAt {
  readonly model: Model;
  /** Values, data shape and parameters of the network as it is. */
  readonly from: Side;
  readonly key: EventKey;
  /** Steps completed. */
  readonly step: number;
  /** Updates since the optimizer's slots were last reset: the age of every weight before there is an age arena. */
  readonly updates: number;
  /** The settings that may change while the run goes on, as they stand: "optim.lr", "model.dropout". */
  readonly live: Readonly<Partial<Record<string, number>>>;
  /** Learning rate of the last update, schedule included: η of "step" initialisation. */
  readonly lr: number;
  /** Batches summed in `score`; 0: there was no window. */
  readonly scored: number;
  /** L₀ on the probe batch. */
  readonly lossBefore: number;
  /** Layers are left out of training steps; `held`: the same ones in each. */
  readonly dropping: boolean;
  readonly held: boolean;
  /** What the rules of the recipe may still do by themselves. */
  readonly scheduled: readonly ({ readonly id: string } & Readonly<Record<string, Value>>)[];
  /** Active weights of each parameter, by path. */
  readonly active: ReadonlyMap<string, number>;
  /**
   * Traces a program over the state, runs it once and reads its outputs: f32 as Float32Array, u32 as Uint32Array. For
   * statistics: at most 1 MiB in all is read, more throws. `old` is read only.
   */
  look<K extends string>(
    build: (t: Trace, old: StructureState) => Readonly<Record<K, Tensor>>,
  ): Promise<Readonly<Record<K, Float32Array | Uint32Array>>>;
}

/** A run's state inside a trace. Each map by parameter path, in the shapes of the specs. */
export interface StructureState {
  readonly params: Params;
  /** In the order of the optimizer's slot names. */
  readonly slots: readonly Params[];
  /**
   * u32. 0: dormant (its weight and slots are 0). Else the low 31 bits are 1 + updates received, and bit 31 says frozen.
   * Always there: where the run keeps no ages yet, they are made for the event.
   */
  readonly age: Params;
  /** Σ of the signed dense gradient over the window, unclipped; null without a window. */
  readonly score: Params | null;
  /** The same arenas whole and flat, for a ranking across parameters; gaps between parameters hold 0. */
  readonly flat: { readonly params: Tensor; readonly age: Tensor; readonly score: Tensor | null };
  /** The fixed probe batch: with it `model.apply` and `t.grad` can be traced. Only in `look`. */
  batch(): Batch;
}

export interface StructurePlan {
  /** The model's values afterwards; `at.from.arch` itself when they stay. The specs of `to` follow from them. */
  readonly arch: Values;
  /** The function must stay: max|Δz| ≤ 1e-5·max(1, max|z|), else the event is taken back. */
  readonly preserving: boolean;
  /**
   * The new state from the old one, traced; runs once on the device. Absent: everything is copied. Afterwards the
   * transaction itself writes 0 to the weight and slots of every entry whose new age is 0: pruning is a new `age`.
   */
  readonly change?: (t: Trace, old: StructureState, to: Side) => StructureChange;
  /** "reset": slots 0, the count of updates and the age of every active weight begin anew. Absent: as `change` has them. */
  readonly slots?: "reset";
  /** Updates over which the learning rate rises again after a reset. */
  readonly rewarm?: number;
  /** Live settings that change with the event: the dropout rescale of pruning, a lower rate for retraining. */
  readonly live?: Readonly<Partial<Record<string, number>>>;
  /** For each newborn tier the tier it was copied from (ids of `anatomy`). */
  readonly copies?: Readonly<Record<string, string>>;
  /** What else the record of the event should say: thresholds, α after backtracking; and sentences for the reader. */
  readonly figures?: StructureFigure;
  readonly notes?: readonly string[];
  /** Training steps leave out layers from now on by the method's own rule with these values; null: no more. */
  readonly drop?: Values | null;
  /** Every step from now on runs the layers that the next one draws (true), or draws for itself again (false). */
  readonly hold?: boolean;
  /** What deciding cost, charged with the event: an operator's training. */
  readonly charge?: { readonly tokens: number; readonly flops: number };
  /** What feeds what, for the picture of a growth. */
  readonly feeds?: Feeds;
  /** The operator was committed by a person after so many of its steps: the recipe says so, so that a link repeats it. */
  readonly committed?: number;
  /**
   * Called when the new state has seen the probe batch, before anything is swapped. True: keep it. A sentence: take it
   * back and say so. Another plan: try that one instead, from the same old state (birth backtracking, best of R
   * candidates). At most 32 attempts.
   */
  judge?(seen: StructureSeen): true | string | StructurePlan;
}

export type StructureFigure = Readonly<Record<string, number>>;

export interface StructureSeen {
  readonly lossBefore: number;
  readonly lossAfter: number;
  readonly maxLogitDelta: number;
  /** 0 for the first plan. */
  readonly attempt: number;
}

/** A map or a path left out: as before, bit for bit (its shape must be the same). */
export interface StructureChange {
  readonly params?: Params;
  /** One map a slot. Left out, with `params` given: 0 where the shape is another. */
  readonly slots?: readonly Params[];
  /** New entries: 1 for newborn, 0 for dormant. Or one tensor, flat, in the layout of `to`. */
  readonly age?: Params | Tensor;
}
