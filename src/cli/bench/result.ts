/** What a bench has measured: `--json` writes it whole, the tables and the curve are drawn from it. Plain data. */
import type { EngineName, Job, TaskName, TrainingJob } from "./jobs.ts";
import type { About, Counts, Growth } from "./page-api.ts";
import type { Grain } from "./processes.ts";

/**
 * CPU seconds of the process that computes, and of the one that runs the JavaScript. Where both are one process, `gpu` is
 * all of it and `js` is NaN.
 */
export interface Cpu {
  readonly gpu: number;
  readonly js: number;
}

export const totalOf = ({ gpu, js }: Cpu): number => (Number.isNaN(js) ? gpu : gpu + js);

export interface MeasuredTurn {
  readonly seconds: number;
  readonly cpu: Cpu;
  readonly counts: Counts;
}

export interface EngineResult {
  readonly engine: EngineName;
  readonly version: string;
  /** From nothing to the end of the first step. */
  readonly first: MeasuredTurn;
  readonly turns: readonly MeasuredTurn[];
  /** By step, from the first. */
  readonly losses: readonly number[];
  readonly errors: readonly string[];
  /** Ours: as planned and as held. */
  readonly memory: { readonly plannedBytes: number; readonly heldBytes: number } | null;
  /** Ours: several steps at one word, per step. */
  readonly steady: { readonly steps: number; readonly cpu: Cpu; readonly seconds: number } | null;
}

/** An engine that was left out, with the sentence why. */
export interface LeftOut {
  readonly engine: EngineName;
  readonly reason: string;
}

/** Of the rounds of one task. */
export interface PeakTurns {
  /** Floating-point operations, or bytes read and written, of a turn. */
  readonly work: number;
  readonly seconds: readonly number[];
  /** CPU seconds of the computing process. */
  readonly cpu: readonly number[];
}

export interface JobResult {
  readonly task: TaskName;
  readonly job: Job;
  readonly engines: readonly EngineResult[];
  readonly leftOut: readonly LeftOut[];
  /** Multiply-adds, and the copy; measured in the rounds of this very task. Null on the curve, which has its own. */
  readonly peaks: { readonly arithmetic: PeakTurns; readonly copy: PeakTurns } | null;
  /** Load average at the end. */
  readonly load: number;
}

export interface CurvePoint {
  readonly model: "lstm" | "gpt";
  readonly along: "width" | "depth";
  readonly at: string;
  readonly x: number;
  readonly job: TrainingJob;
  readonly result: JobResult;
}

export interface BenchResult {
  readonly date: string;
  readonly command: string;
  readonly runtime: string;
  readonly about: About;
  readonly machine: {
    readonly cpus: string;
    readonly cores: number;
    readonly system: string;
    readonly load: readonly number[];
  };
  readonly rounds: number;
  readonly cpuGrain: Grain;
  /** CPU seconds of an empty turn: what asking costs. */
  readonly idle: Cpu;
  /** The adapter's multiply-adds, in floating-point operations a second (of CPU time on a processor). */
  readonly peak: number;
  readonly jobs: readonly JobResult[];
  readonly growth: readonly GrowthResult[];
  readonly curve: readonly CurvePoint[];
}

/** What is measured. */
export interface Wanted {
  readonly task: TaskName;
  readonly job: Job;
  readonly engines: readonly EngineName[];
  readonly rounds: number;
  /** An engine whose first step takes more CPU seconds is left out of the rounds. */
  readonly most?: number;
}

/** A place to measure in: a browser's page, or a process of Node or Deno. */
export interface Driver {
  readonly about: About;
  readonly version: string;
  readonly grain: Grain;
  readonly idle: Cpu;
  readonly peak: number;
  measure(wanted: Wanted): Promise<JobResult>;
  grow(): Promise<readonly GrowthResult[]>;
  close(): Promise<void>;
}

export interface GrowthResult extends Growth {
  /** Milliseconds of the longest task of the page's main thread, by its own CPU time. Null where it cannot be traced. */
  readonly longestTask: number | null;
}
