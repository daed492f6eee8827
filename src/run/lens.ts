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
  /** Side of the square of patches behind the class token; 0: the places are those of a text. */
  readonly grid: number;
  /**
   * From the trunk outwards. `offsets`: mass by how far back (causal), by key − query + time − 1, or on a grid of side g by
   * (rows + g − 1) (2g − 1) + columns + g − 1.
   */
  readonly layers: readonly (readonly {
    readonly figures: Readonly<Record<AttentionFigure, number>>;
    readonly offsets: Float32Array;
  }[])[];
  /** Between layers: Jensen-Shannon divergence in bits, and cosine, of the rows of their head means. */
  readonly js: readonly Float32Array[];
  readonly cosine: readonly Float32Array[];
  /**
   * HM(l, m): how like the most like head of layer m each head of layer l is, 1 − divergence of their mean maps, averaged
   * over the heads of l. Null where there are too many heads to compare them all.
   */
  readonly matched: readonly Float32Array[] | null;
  /** The same from the layers after the last structural event that was watched to those of the look before it. */
  readonly carry: Carry | null;
  /** Mean maps [T, T] of the heads of the layer that was asked for. */
  readonly maps: { readonly layer: number; readonly heads: readonly Float32Array[] } | null;
}

export interface Carry {
  /** Number of the event. */
  readonly event: number;
  /** Steps of the looks before and after it. */
  readonly before: number;
  readonly after: number;
  /** [layers after][layers before]. */
  readonly matched: readonly Float32Array[];
}
