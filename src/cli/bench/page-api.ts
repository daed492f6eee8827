/** What the bench page offers to its driver. Plain data goes both ways: it crosses from one process to another. */
import type { EngineName, Job } from "./jobs.ts";

export interface Counts {
  readonly dispatches: number;
  readonly submits: number;
  readonly passes: number;
  readonly encoders: number;
  readonly bindGroups: number;
  readonly buffers: number;
  readonly pipelines: number;
  readonly modules: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

export interface Turn {
  readonly loss: number;
  /** By the wall. */
  readonly seconds: number;
  readonly counts: Counts;
  /** What the GPU complained of. */
  readonly errors: readonly string[];
}

export interface About {
  readonly name: string;
  readonly software: boolean;
  readonly info: Readonly<Record<string, string>>;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
  readonly userAgent: string;
  readonly isolated: boolean;
  /** How deep and wide the models' schemas go. */
  readonly schema: { readonly lstmDepth: number; readonly gptWidth: number };
}

/** One growth. Seconds by the wall. */
export interface Growth {
  readonly what: string;
  readonly method: string;
  /** A step before and after, the middle of several. */
  readonly stepBefore: number;
  readonly stepAfter: number;
  /** From the end of the step before until the larger model stands, and until its first step is done. */
  readonly grown: number;
  readonly firstStep: number;
  /** Made on the way. */
  readonly counts: Counts;
  readonly paramsBefore: number;
  readonly paramsAfter: number;
  readonly lossBefore: number;
  readonly lossAfter: number;
  readonly errors: readonly string[];
}

export interface PageApi {
  about(): Promise<About>;
  /** Loads the engine's code; its version. */
  load(name: EngineName, job: Job): Promise<string>;
  /** From nothing to the end of the first step. */
  first(name: EngineName, job: Job): Promise<Turn>;
  /** Once, after the first step: until nothing is compiled any more because an engine has trained a while. Not measured. */
  settle(name: EngineName): Promise<void>;
  /** What an engine does before its turn that is not measured. */
  rest(name: EngineName): Promise<void>;
  turn(name: EngineName): Promise<Turn>;
  /** Loss of every step so far, where the engine took steps that were not turns. */
  losses(name: EngineName): Promise<readonly number[] | null>;
  memory(name: EngineName): Promise<{ readonly plannedBytes: number; readonly heldBytes: number } | null>;
  /** `count` steps at one word. */
  steady(name: EngineName, count: number): Promise<Turn>;
  close(name: EngineName): Promise<void>;
  /** Work of one turn of each probe: four of arithmetic, then the copy. */
  openPeaks(): Promise<readonly { readonly flops: number; readonly bytes: number }[]>;
  peakTurn(index: number): Promise<number>;
  /** What asking costs. */
  nothing(): Promise<void>;
  prepareGrowth(): Promise<void>;
  grow(): Promise<readonly Growth[]>;
}
