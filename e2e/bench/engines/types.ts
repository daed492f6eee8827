/** What the bench asks of an engine. Everything is timed and counted from outside. */
import type { Job } from "../../../src/cli/bench/jobs.ts";
import type { Taken } from "../count.ts";

export type { Taken } from "../count.ts";

export const COUNTS_CHANNEL = "bench-counts";

export interface Engine {
  readonly version: string;
  /** Everything up to the first step: device, weights, and compiling what can be compiled beforehand. */
  open(job: Job): Promise<void>;
  /** Not measured, once, after the first step: what is compiled while it trains, because it has trained a while, is there. */
  settle?(): Promise<void>;
  /** Not measured, before a turn. */
  rest?(): Promise<void>;
  /**
   * One training step. Resolves when the device has done all of it, with its loss (of the weights before the update);
   * for a matmul with what `firstRow` makes of a product.
   */
  step(): Promise<number>;
  /** Counts since the last call. */
  taken(): Promise<Taken>;
  close(): Promise<void>;
}
