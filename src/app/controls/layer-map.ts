/** A layer map in the making: what keys and drags make of it. Sources count from 1, the lowest layer first. */

export type Sources = readonly (number | null)[];

const clamp = (value: number, most: number): number => Math.max(1, Math.min(most, value));

/** The source that a key leads layer `m` to; null: none of ours. */
export function sourceAfter(key: string, source: number | null, layers: number): number | null {
  const now = source ?? 0;
  const to: Readonly<Record<string, number>> = {
    ArrowUp: now + 1,
    ArrowRight: now + 1,
    ArrowDown: now - 1,
    ArrowLeft: now - 1,
    Home: 1,
    End: layers,
  };
  const next = to[key] ?? (/^[1-9]$/.test(key) ? Number(key) : null);
  return next === null ? null : clamp(next, layers);
}

/** With layer `m` copying `source`. What was new before is a copy of the top: a map by hand has a source for each. */
export const connected = (map: Sources, m: number, source: number, layers: number): readonly number[] =>
  map.map((one, k) => (k === m ? source : (one ?? layers)));

/** One layer more on top, or one fewer. */
export function resized(map: Sources, by: 1 | -1, layers: number): readonly number[] {
  const whole = map.map((one) => one ?? layers);
  return by === 1 ? [...whole, layers] : whole.slice(0, -1);
}

/** Of the drawing; a box at either side is a layer. */
export const WIDTH = 252;
export const BOX = 78;
/** Height of a row, which a finger finds. */
export const PITCH = 32;

/** The layer at this height of a drawing of `rows` rows, the lowest layer at the foot; from 0, of `count`. */
export function layerAt(y: number, rows: number, count: number): number {
  const row = rows - 1 - Math.floor(y / PITCH);
  return Math.max(0, Math.min(count - 1, row));
}

/**
 * The map after the line of layer `m` was dropped there; null: where it was taken up, among the layers afterwards, it stays,
 * as a press is no drag.
 */
export function dropped(
  map: Sources,
  m: number,
  at: { readonly x: number; readonly y: number },
  layers: number,
): readonly number[] | null {
  if (at.x >= WIDTH - BOX) return null;
  return connected(map, m, layerAt(at.y, Math.max(layers, map.length), layers) + 1, layers);
}
