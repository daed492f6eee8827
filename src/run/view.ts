/** What a look at a run shows, pooled and counted in the worker so that the page only paints. */
import type { Lens } from "./lens.ts";

/** Live numbers for the stage, pooled in the worker so that the page only paints. */
export interface RunView {
  readonly run: string;
  readonly step: number;
  /** Part id → what its tile shows. Pooled by the entry of largest magnitude, sign kept. NaN stays NaN. */
  readonly tiles: Readonly<Record<string, Tile>>;
  /** ± this is the end of the weights' colour scale: 99.5th percentile of |w| over all drawn weights. */
  readonly weightScale: number;
  /** The text in the window, a character a place, and what the network expects next. */
  readonly text: readonly string[];
  readonly next: readonly { readonly symbol: string; readonly probability: number }[];
  /** The image in the window; then `text` is empty and `next` holds every class in its order. */
  readonly picture: Picture | null;
  /** The part asked for by `look`, unpooled (at most 512 × 512 entries), with its histogram of |w|. */
  readonly opened: OpenedPart | null;
  /** Null when the lens is shut or its last look is not old: whoever draws it keeps the last. */
  readonly lens: Lens | null;
  /** Every connection, where `look` asked for it; null also where the network is too large. */
  readonly graph: readonly GraphLayer[] | null;
}

/**
 * What stands between one row of units and the next: connections by unit and source. Where several weights join the two
 * (a kernel, the places of a map) the one of largest magnitude stands for them.
 */
export interface GraphLayer {
  /** The tier whose units read. */
  readonly tier: string;
  readonly units: number;
  readonly sources: number;
  /** The sources are the image's pixels, in rows of this length; null: they are the units of the layer below. */
  readonly pixelsAcross: number | null;
  /** [units, sources]; 0 where nothing is in use. */
  readonly weights: Float32Array;
  /** As Tile.life: the youngest in use. */
  readonly life: Uint8Array | null;
}

/** How many of the first layer's weights each pixel of the image has in use. */
export interface ImageMask {
  readonly height: number;
  readonly width: number;
  /** By pixel, all channels together, and how many there could be. */
  readonly used: Uint32Array;
  readonly most: number;
  /** By pixel, as Tile.life: the youngest in use. Null: the run keeps no ages. */
  readonly life: Uint8Array | null;
  /** Weights and lives of each unit, [units, height · width]; null for kernels, and where that is too much to send. */
  readonly units: {
    readonly count: number;
    readonly weights: Float32Array;
    readonly life: Uint8Array | null;
  } | null;
}

export interface Picture {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** A byte a pixel; 0 is background. */
  readonly pixels: Uint8Array;
  /** Its number among the `of` validation images, and the class it is of; null for one's own. */
  readonly index: number | null;
  readonly of: number;
  readonly label: string | null;
}

export interface Tile {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float32Array;
  /** Rows and columns of the whole, before pooling. */
  readonly ofRows: number;
  readonly ofCols: number;
  /** Mean |value|, and the share of entries that exist and are active. */
  readonly mean: number;
  readonly kept: number;
  /** Updates since this part was born, when the run keeps ages; else null. */
  readonly age: number | null;
  /**
   * A byte a cell, when the run keeps ages; else null. LIFE.dormant: every entry under the cell is; 1 to 51: 1 + updates
   * of the youngest active one; LIFE.frozen: all active ones are; LIFE.settled: older.
   */
  readonly life: Uint8Array | null;
}

export const LIFE = { dormant: 0, newest: 1, young: 51, frozen: 254, settled: 255 } as const;

export interface OpenedPart {
  readonly part: string;
  readonly tile: Tile;
  /** Of active weights, in bars of one width from 0 to `max`. */
  readonly histogram: { readonly max: number; readonly counts: readonly number[] };
  /** Of a part that reads the image. */
  readonly image: ImageMask | null;
}
