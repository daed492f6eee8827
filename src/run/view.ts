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
  /** Of the convolution that is opened, else of the first one; null where every kernel is used everywhere. */
  readonly areas: AreaMaps | null;
  /** Past the layer that `look` asked for; null where nobody asked, or no unit can be born there. */
  readonly bridge: BridgeMap | null;
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
  /** Equal groups of units, in their order ("i f g o"), and groups of sources. Absent: one of each. */
  readonly gates?: readonly string[];
  readonly from?: readonly { readonly name: string; readonly count: number }[];
  /** With `gates`: which tier makes which units of every group, from … to. */
  readonly made?: readonly { readonly tier: string; readonly from: number; readonly to: number }[];
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

/** Where each slice, the kernel from one map to another, is used. */
export interface AreaMaps {
  /** The kernels: their `area` says where on the image the places lie. */
  readonly part: string;
  readonly made: number;
  readonly reads: number;
  readonly rows: number;
  readonly columns: number;
  /** [made, reads, rows, columns], 1 on, 0 off. */
  readonly on: Uint8Array;
}

/** What a connection past a layer would gain, from each unit below to each above (NeST's bridging gradient B). */
export interface BridgeMap {
  /** As asked for. */
  readonly target: string;
  readonly step: number;
  /** Pooled by the entry of largest magnitude, sign kept; and the size of the whole. */
  readonly rows: number;
  readonly cols: number;
  readonly data: Float32Array;
  readonly ofRows: number;
  readonly ofCols: number;
  /** max |B| */
  readonly most: number;
  /** The strongest, first one first: those that a newborn would join. */
  readonly pairs: readonly { readonly row: number; readonly col: number; readonly value: number }[];
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
  /** Of hidden units, a row each: how many are 0 at every place of the text. Absent: nobody counts them. */
  readonly silent?: number;
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
