/** What a growth feeds from where, and a growth operator while it is trained: made in the worker, drawn by the page. */
import type { Bond, Feeds, OperatorPart } from "../methods/types.ts";
import type { Anatomy } from "../models/types.ts";
import type { Tile } from "./view.ts";

export type { Bond, Feeds, OperatorPart } from "../methods/types.ts";

export interface FitPoint {
  /** Steps of the operator, 1-based. */
  readonly step: number;
  /** Training loss of the larger network on this step's batch. */
  readonly loss: number;
  /** Of the frozen source on the same batch; null where it was not looked at. */
  readonly source: number | null;
}

/** A learned matrix beside the one that bert2BERT FPI with the same layer map has in its place. */
export interface Besides {
  /** Of a matrix of the operator (`FitView.parts`), or of the larger network (a weight of its anatomy). */
  readonly id: string;
  readonly part: OperatorPart;
  readonly learned: Tile;
  readonly fpi: Tile;
  /** ‖learned − FPI‖ / ‖FPI‖, Frobenius. */
  readonly distance: number;
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
  /** The matrix that was asked for, else the map that widens the trunk; null while FPI's is being made. */
  readonly beside: Besides | null;
  /** Of a tensor ring: the singular values at its bonds. */
  readonly bonds: readonly Bond[] | null;
  /** Charged to the run so far. */
  readonly flops: number;
  readonly tokens: number;
}
