/** The words of a structural event: its stages, its request, its refusal. */
import type { Values } from "../config/schema.ts";
import { NoRoom } from "../engine/no-room.ts";
import type { Arena, Program } from "../engine/types.ts";
import type { GrowMethod, Side, StructureKind, StructureMethod } from "../methods/types.ts";
import type { Choice } from "../run/config.ts";
import type { DropState } from "./drop.ts";
import type { FitWatch } from "./fit-sight.ts";
import type { Line } from "./line.ts";
import type { Network, NetworkPrograms, Progress } from "./network.ts";
import type { Kept, Sized } from "./programs.ts";
import type { Live, Setup } from "./setup.ts";

/** The ten stages of grow-prune §1.3, in order. "snapshot": from here on the old arrays are what is gone back to. */
export const STAGES = [
  "check",
  "probe",
  "select",
  "snapshot",
  "allocate",
  "change",
  "probe again",
  "judge",
  "close",
  "record",
] as const;
export type Stage = (typeof STAGES)[number];

/** An event that cannot be: one sentence for the reader. */
export class Refusal extends Error {}

/** What was asked for is no longer wanted: a person turned away while its operator was being trained. */
export class GivenUp extends Refusal {}

/** How a sentence of refusal begins. */
export const NOT: Readonly<Record<StructureKind, string>> = {
  grow: "Not grown",
  prune: "Not pruned",
  swap: "Not swapped",
  insert: "Not inserted",
  compact: "Not compacted",
  freeze: "Not frozen",
  remove: "Not removed",
  drop: "Not dropped",
};

export interface EventRequest {
  readonly method: GrowMethod | StructureMethod;
  readonly values: Values;
  /** Number of the event: with the run's seed the key of its draws. */
  readonly event: number;
  readonly step: number;
  /** Updates since the slots were last reset. */
  readonly updates: number;
  /** Layer dropping as it stands, and the part of the budget that is consumed. */
  readonly drop: DropState | null;
  readonly fraction: number;
  /** What the rules of the recipe may still do by themselves. */
  readonly scheduled: readonly Choice[];
  readonly live: Live;
  readonly lr: number;
  /** Batches summed in the score. */
  readonly scored: number;
  readonly onProgress: Progress;
  /** The programs of the next size, traced ahead or now. */
  programs(sized: Sized, kept: Kept): NetworkPrograms;
  /** Only to look: an operator is then seen as it starts. */
  readonly preview?: true;
  /** Asked while an operator is trained: whether to commit what there is. */
  stop?(): boolean;
  /** Who sees an operator while it is trained. */
  readonly watch?: FitWatch | null;
  /** After how many of its steps the recipe commits the operator; null or absent: after all. */
  readonly commitAfter?: number | null;
  /** Called when the new programs are known: how many kernels they need that the old ones did not. */
  begun(kernels: number): void;
  /** Called as each stage begins: a test throws from it. */
  stage(name: Stage): void;
}

/** What a failed event says: a refusal's own words, or that it was taken back. */
export function sentenceOf(kind: StructureKind, error: unknown): string {
  if (error instanceof Refusal) return error.message;
  const text = error instanceof Error ? error.message : String(error);
  if (!(error instanceof NoRoom)) {
    return `${NOT[kind]}: the event failed and was taken back (${text}). Training goes on.`;
  }
  return `${NOT[kind]}: ${text.slice(0, 1).toLowerCase()}${text.slice(1)} Training goes on.`;
}

export const kindOf = (method: GrowMethod | StructureMethod): StructureKind =>
  method.kind === "grow" ? "grow" : method.does;

/** What the rules of the recipe, and not a person, may still do. */
export function scheduledOf(line: Line): readonly Choice[] {
  const byRule = line.entries.filter(({ entry }) => !["manual", "step"].includes(entry.trigger.id));
  return line.coming.filter((action) => byRule.some(({ entry }) => entry.action === action));
}

/** Where an event takes place. */
export interface Site {
  readonly setup: Setup;
  readonly old: Network;
  readonly request: EventRequest;
  readonly from: Side;
  /** What a trained operator left for the program of the event, by name. */
  readonly fitted: Map<string, Arena>;
  /** How a refusal begins. */
  readonly not: string;
  /** The old arenas by the names that the program of an event knows them by. */
  named(program: Program): Promise<Readonly<Record<string, Arena | null>>>;
}
