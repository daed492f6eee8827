/** What the lens says of a network that attends: made by train/lens.ts, drawn by the page. */

/** Means over windows, of one head; see engine/ops/attention-figures.ts. */
export type AttentionFigure =
  | "self"
  | "start"
  | "neighbour"
  | "rest"
  | "startMass"
  | "localMass"
  | "entropy"
  | "uniformity"
  | "distance";

/** Attention under the lens: every head of every layer over one fixed batch (transformer-growth §5). */
export interface Lens {
  readonly step: number;
  /** Structural events before it. */
  readonly event: number;
  readonly causal: boolean;
  /** Places of a window. */
  readonly time: number;
  /** From the trunk outwards. `offsets`: mass by how far back (causal), or by key − query + time − 1. */
  readonly layers: readonly (readonly {
    readonly figures: Readonly<Record<AttentionFigure, number>>;
    readonly offsets: Float32Array;
  }[])[];
  /** Between layers: Jensen-Shannon divergence in bits, and cosine, of the rows of their head means. */
  readonly js: readonly Float32Array[];
  readonly cosine: readonly Float32Array[];
  /** Mean maps [T, T] of the heads of the layer that was asked for. */
  readonly maps: { readonly layer: number; readonly heads: readonly Float32Array[] } | null;
}
