/**
 * What a run says. A closed union: every `switch` over it ends in `satisfies never`. Everything but the two clocks is a
 * function of config, actions and device: two runs of one config give the same stream.
 */
import type { Value } from "../config/schema.ts";
import type { StructureKind } from "../methods/types.ts";
import type { RunConfig } from "./config.ts";
import type { Feeds } from "./fit.ts";

export interface EventBase {
  readonly run: string;
  readonly seq: number;
  /** Steps completed. */
  readonly step: number;
  /** Seconds of training so far: by the wall, and (later) by reference system time. Not part of the determinism. */
  readonly wall: number;
  readonly reference: number;
}

export type { StructureKind } from "../methods/types.ts";

/** The figures of a structural event (grow-prune §1.3, step 10). */
export interface StructureFigures {
  readonly lossBefore: number;
  readonly lossAfter: number;
  readonly maxLogitDelta: number;
  readonly maxLogit: number;
  readonly paramsBefore: number;
  readonly paramsAfter: number;
  readonly activeBefore: number;
  readonly activeAfter: number;
  /** Active forward FLOPs per token after the event. */
  readonly activeFlops: number;
  /** What the kernels do: masked weights are multiplied like any other. Absent in runs saved before it was said. */
  readonly executedFlops?: number;
  /** Both before the event. Absent in runs saved before it was said. */
  readonly flopsBefore?: { readonly executed: number; readonly active: number };
  /** Active weights before and after, of each parameter where they differ: "layers.0.h.weight": [65536, 6553]. */
  readonly counts: Readonly<Record<string, readonly [before: number, after: number]>>;
  /** What the method adds: thresholds, α after backtracking. */
  readonly extra: Readonly<Record<string, number>>;
  /** Sentences of the method for the reader. */
  readonly notes: readonly string[];
  /** The event's number: with the run's seed the key of its draws. */
  readonly event: number;
}

/** What an action would do, measured on the probe batch and taken back. */
export type StructurePreview = Omit<StructureFigures, "event" | "maxLogit"> & { readonly sizeAfter: string };

export type RunEventBody =
  | {
      readonly type: "run/started";
      readonly config: RunConfig;
      readonly device: string;
      readonly software: boolean;
      /**
       * How kernels were chosen as the run began, among those of equal bits; what is timed later the worker tells ("tiles"). A
       * fact of the device like its name: no number of the run hangs on it. What does, the order in which a sum is shared
       * out, hangs on `software` alone.
       */
      readonly tiling?: {
        readonly usual: string;
        readonly timed: number;
        readonly exchanged: number;
      };
      /** What the page needs to draw before the first step. */
      readonly vocab: number;
      readonly params: number;
      readonly active: number;
      readonly budgetSteps: number;
      readonly resumed: boolean;
    }
  | {
      readonly type: "step";
      readonly loss: number;
      readonly lr: number;
      readonly gradNorm: number;
      readonly tokens: number;
      readonly flops: number;
      /** Where layers are dropped: which ran, "1" or "0" each, the first one first, and what chance each had to. */
      readonly layers?: { readonly ran: string; readonly keep: readonly number[] };
    }
  | {
      readonly type: "eval";
      readonly loss: number;
      /** Share of the images whose class is found, 0 to 1; where classes are asked for. */
      readonly accuracy?: number;
      /** Positions of text, or images, trained on so far. */
      readonly tokens: number;
      readonly flops: number;
    }
  | {
      readonly type: "structure/begun";
      readonly kind: StructureKind;
      readonly method: string;
      readonly by: string;
      readonly node: string;
      readonly kernels: number;
    }
  | ({
      readonly type: "structure/done";
      readonly kind: StructureKind;
      readonly method: string;
      /** Trigger id, or "hand". */
      readonly by: string;
      /** Node of the history this event made (state just before it: `parent`). */
      readonly node: string;
      readonly parent: string;
      /** The model's values after the event. */
      readonly arch: Readonly<Record<string, Value>>;
      readonly sizeBefore: string;
      readonly sizeAfter: string;
      readonly copies: Readonly<Record<string, string>>;
      readonly milliseconds: number;
      /** Of a growth that can say it. Absent also in runs saved before it was said. */
      readonly feeds?: Feeds;
    } & StructureFigures)
  | {
      readonly type: "structure/refused";
      readonly kind: StructureKind;
      readonly method: string;
      readonly by: string;
      readonly message: string;
      /** A person turned away from it while its operator was being trained. */
      readonly givenUp?: true;
    }
  /** The run went back to a node: everything after `step` of the left branch is no longer on the line of this run. */
  | { readonly type: "history/moved"; readonly from: string; readonly to: string; readonly toStep: number }
  | { readonly type: "edit"; readonly path: string; readonly value: number; readonly before: number }
  | { readonly type: "sample"; readonly prompt: string; readonly text: string; readonly temperature: number }
  | {
      readonly type: "gauge";
      readonly trigger: string;
      readonly label: string;
      readonly value: number;
      readonly limit: number;
    }
  | { readonly type: "notice"; readonly text: string }
  /** A question to the person about recipe entry `of`, and what the run does as long as nobody answers. */
  | { readonly type: "asks"; readonly of: number; readonly text: string; readonly otherwise: string }
  | {
      readonly type: "run/ended";
      readonly reason: "budget" | "stopped" | "diverged" | "failed";
      readonly message: string;
    };

export type RunEvent = EventBase & RunEventBody;
