/** What a growth feeds from where, and a growth operator while it is trained: made in the worker, drawn by the page. */
import type { Feeds, OperatorPart } from "../methods/types.ts";
import type { Anatomy } from "../models/types.ts";
import type { Tile } from "./view.ts";

export type { Feeds, OperatorPart } from "../methods/types.ts";

export interface FitPoint {
  /** Steps of the operator, 1-based. */
  readonly step: number;
  /** Training loss of the larger network on this step's batch. */
  readonly loss: number;
  /** Of the frozen source on the same batch; null where it was not looked at. */
  readonly source: number | null;
}

export interface FitView {
  readonly run: string;
  readonly method: string;
  readonly steps: number;
  /** Since the last message, oldest first; the last one is where the matrices stand. */
  readonly points: readonly FitPoint[];
  readonly sizes: readonly [before: string, after: string];
  readonly anatomies: readonly [before: Anatomy, after: Anatomy];
  readonly parts: readonly OperatorPart[];
  readonly tiles: Readonly<Record<string, Tile>>;
  /** The same less what they were before the first step; null where that was not seen. */
  readonly drift: Readonly<Record<string, Tile>> | null;
  readonly feeds: Feeds;
  /** Charged to the run so far. */
  readonly flops: number;
  readonly tokens: number;
}
