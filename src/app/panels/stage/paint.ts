/**
 * Paints tiles on one canvas: a number a cell, no smoothing, one colour scale for all weights of the tree. The worker has
 * pooled already, so this is a few thousand table look-ups a tile and stays far under a frame.
 */
import { LIFE, type Part, type Tile } from "../../../run/messages.ts";
import { type Scheme, tokens } from "../../tokens.ts";
import { colourOf, tinted } from "./colour.ts";
import type { Box } from "./layout.ts";

const STRIP_GAP = 1.2;
/** Of a newborn weight's cell at its first update, sinking to nothing over 50. */
const NEWBORN = 0.7;
/** Pixels between the lines of a hatch, on a canvas of two pixels to one of the page. */
const HATCH = 10;

/** What the ages add to a drawing. */
export interface Life {
  /** Cells that a cut has just taken: shown in its colour for a moment. */
  readonly died: Uint8Array | null;
  /** Dormant cells are hatched: only where a cell is large enough to be looked at. */
  readonly hatched: boolean;
  /** Steps of the run: what is as old as the run was there from the start, and is no newborn. Absent: not asked. */
  readonly step?: number;
}

const PLAIN: Life = { died: null, hatched: false };

let cell: HTMLCanvasElement | null = null;

/** The tile's numbers as an image of one pixel a cell. */
function image(
  tile: Tile,
  part: Part,
  limit: number,
  scheme: Scheme,
  died: Uint8Array | null,
  step: number,
): HTMLCanvasElement {
  cell ??= document.createElement("canvas");
  cell.width = Math.max(1, tile.cols);
  cell.height = Math.max(1, tile.rows);
  const context = cell.getContext("2d")!;
  const data = context.createImageData(cell.width, cell.height);
  const words = new Uint32Array(data.data.buffer);
  const strips = Math.max(1, part.strips.length);
  for (let r = 0; r < tile.rows; r++) {
    const strip = Math.floor((r * strips) / tile.rows);
    const diverging =
      part.kind === "weight" ||
      part.scale === "diverging" ||
      (part.divergingStrips?.includes(strip) ?? false);
    for (let c = 0; c < tile.cols; c++) {
      const at = r * tile.cols + c;
      const value = tile.data[at] ?? 0;
      const colour = colourOf(value, limit, diverging ? "diverging" : "sequential", scheme, r + c);
      const fresh = freshOf(tile.life?.[at] ?? LIFE.settled, step);
      words[at] = lived(colour, fresh, died?.[at] === 1, scheme);
    }
  }
  context.putImageData(data, 0, 0);
  return cell;
}

/** 1 for a weight at its first update, sinking to 0 over 50; 0 for one that was there when the run began. */
export function freshOf(life: number, step: number): number {
  if (life < LIFE.newest || life >= LIFE.young || life - LIFE.newest >= step) return 0;
  return 1 - (life - LIFE.newest) / (LIFE.young - LIFE.newest);
}

/** A newborn weight is bright and settles; one just cut shows the cut. */
function lived(colour: number, fresh: number, died: boolean, scheme: Scheme): number {
  if (died) return tinted(colour, "cut", 1, scheme);
  return fresh === 0 ? colour : tinted(colour, "bud", NEWBORN * fresh, scheme);
}

let veil: HTMLCanvasElement | null = null;

/** 45° lines over the dormant cells of a tile drawn into this box, without gaps between strips. */
function hatch(context: CanvasRenderingContext2D, box: Box, tile: Tile, scheme: Scheme): void {
  const { life, rows, cols } = tile;
  if (life == null || !life.includes(LIFE.dormant)) return;
  cell ??= document.createElement("canvas");
  cell.width = cols;
  cell.height = rows;
  const mask = cell.getContext("2d")!;
  const data = mask.createImageData(cols, rows);
  new Uint32Array(data.data.buffer).set(Uint32Array.from(life, (a) => (a === LIFE.dormant ? 0xff000000 : 0)));
  mask.putImageData(data, 0, 0);
  veil ??= document.createElement("canvas");
  veil.width = Math.ceil(box.w);
  veil.height = Math.ceil(box.h);
  const lines = veil.getContext("2d")!;
  lines.imageSmoothingEnabled = false;
  lines.drawImage(cell, 0, 0, cols, rows, 0, 0, box.w, box.h);
  lines.globalCompositeOperation = "source-in";
  lines.fillStyle = tokens[scheme].surface;
  lines.fillRect(0, 0, box.w, box.h);
  lines.globalCompositeOperation = "source-atop";
  lines.strokeStyle = tokens[scheme].edge;
  lines.lineWidth = 1.2;
  lines.beginPath();
  for (let x = -box.h; x < box.w; x += HATCH) {
    lines.moveTo(x, box.h);
    lines.lineTo(x + box.h, 0);
  }
  lines.stroke();
  context.drawImage(veil, box.x, box.y);
}

/**
 * `unfold` in 0…1: how much of a newborn tile has come out, from the trunk's side. `limit`: end of the colour scale.
 */
export function paintTile(
  context: CanvasRenderingContext2D,
  box: Box,
  part: Part,
  tile: Tile,
  limit: number,
  scheme: Scheme,
  unfold: number,
  fromRight: boolean,
  { died, hatched, step = Number.POSITIVE_INFINITY }: Life = PLAIN,
): void {
  if (box.w < 1 || box.h < 1 || tile.rows === 0 || tile.cols === 0) return;
  const source = image(tile, part, limit, scheme, died, step);
  const strips = Math.max(1, part.strips.length);
  const gap = strips > 1 ? STRIP_GAP : 0;
  const height = (box.h - gap * (strips - 1)) / strips;
  const width = box.w * unfold;
  const x = fromRight ? box.x + box.w - width : box.x;
  context.imageSmoothingEnabled = false;
  for (let s = 0; s < strips; s++) {
    const from = (tile.rows * s) / strips;
    const y = box.y + s * (height + gap);
    context.drawImage(source, 0, from, tile.cols, tile.rows / strips, x, y, width, height);
  }
  if (hatched) hatch(context, box, tile, scheme);
}

/** The end of a part's colour scale: weights share the tree's, attention and gates run to 1, others to their own most. */
export function limitOf(part: Part, tile: Tile, weightScale: number): number {
  if (part.kind === "weight") return Math.max(weightScale, 1e-9);
  if (part.kind === "attention" || part.strips.length > 0) return 1;
  let most = 1e-9;
  for (const value of tile.data) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most;
}
