/** One run, whole: what is trained, on what, how, and what is done to it on the way. JSON, versioned. */
import type { Value } from "../config/schema.ts";

/** Bump when a default changes; `share/migrations.ts` then writes the old value into older links. */
export const CONFIG_VERSION = 1;

/** `{ id: "cascade", cells: 64, noise: 0.1 }`: an entry of a registry, with its schema's values beside the id. */
export type Choice = { readonly id: string } & { readonly [field: string]: Value };

export interface RunConfig {
  readonly version: number;
  /** 0 … 4294967295. Every draw of the run comes from it and a counter. */
  readonly seed: number;
  /** A built-in data set, or { id: "own", name, sha256 }: the text itself never enters a config. */
  readonly data: Choice;
  readonly model: Choice;
  readonly optim: Choice;
  readonly schedule: Choice;
  readonly batch: number;
  readonly context: number;
  readonly budget: { readonly unit: BudgetUnit; readonly amount: number };
  readonly eval: { readonly every: number; readonly batches: number };
  readonly recipe: readonly RecipeEntry[];
}

export type BudgetUnit = "steps" | "tokens" | "flops";

/**
 * When and what. `trigger.id`: manual, every, plateau, at (fraction of budget), step (exactly this step: what a person
 * did by hand is recorded so). `action.id`: a grow method; "edit" {path, value}: a live setting changes; "skip": the
 * automatic action that would fall on this step is left out (an undone one); "extend" {steps}: more budget, from this
 * step on (a run that was continued after its end); "rest" {of}: from this step on entry number `of` acts no more (it
 * went back to its last good state); "commit" {of, after}: the operator that entry `of` trains at this step was committed after
 * so many of its steps; "answer" {of, said}: a person was asked whether entry `of` prunes short of its goal ("prune") or
 * growth goes on beyond cap and count ("grow").
 */
export interface RecipeEntry {
  readonly trigger: Choice;
  readonly action: Choice;
}

/** Settings that `edit` may change while a run goes on. */
export const LIVE_PATHS = ["optim.lr", "optim.weightDecay", "optim.clip", "model.dropout"] as const;
export type LivePath = (typeof LIVE_PATHS)[number];
