/**
 * Paints tiles on one canvas: a number a cell, no smoothing, one colour scale for all weights of the tree. The worker has
 * pooled already, so this is a few thousand table look-ups a tile and stays far under a frame.
 */
import type { Part, Tile } from "../../../run/messages.ts";
import type { Scheme } from "../../tokens.ts";
import { colourOf } from "./colour.ts";
import type { Box } from "./layout.ts";

const STRIP_GAP = 1.2;

let cell: HTMLCanvasElement | null = null;

/** The tile's numbers as an image of one pixel a cell. */
function image(tile: Tile, part: Part, limit: number, scheme: Scheme): HTMLCanvasElement {
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
      const value = tile.data[r * tile.cols + c] ?? 0;
      words[r * tile.cols + c] = colourOf(
        value,
        limit,
        diverging ? "diverging" : "sequential",
        scheme,
        r + c,
      );
    }
  }
  context.putImageData(data, 0, 0);
  return cell;
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
): void {
  if (box.w < 1 || box.h < 1 || tile.rows === 0 || tile.cols === 0) return;
  const source = image(tile, part, limit, scheme);
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
}

/** The end of a part's colour scale: weights share the tree's, attention and gates run to 1, others to their own most. */
export function limitOf(part: Part, tile: Tile, weightScale: number): number {
  if (part.kind === "weight") return Math.max(weightScale, 1e-9);
  if (part.kind === "attention" || part.strips.length > 0) return 1;
  let most = 1e-9;
  for (const value of tile.data) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most;
}
