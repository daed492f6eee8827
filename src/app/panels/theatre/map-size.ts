/** How large the learned matrices of an operator are drawn. */

/** Rows and columns of a small table: cells are drawn this large, so that each can be told from the next. */
export const CELL = 11;
const LEAST = 40;
const MOST = 120;
/** Between two maps, and under each its name. */
const GAP = 10;
const NAME = 22;
/** The same, where a list stands there. */
export const LIST = { high: 34, wide: 74 };

/** Pixels of a side of so many entries. */
export const sideOf = (entries: number, most: number): number =>
  Math.min(most, Math.max(2 * CELL, entries * CELL));

/** The longest side at which maps of these sizes fit into a box, in rows. */
export function mapSide(
  sizes: readonly (readonly [rows: number, cols: number])[],
  width: number,
  height: number,
  list?: typeof LIST,
): number {
  for (let side = MOST; side > LEAST; side -= 4) {
    let [x, y, tall] = [0, 0, 0];
    for (const [rows, cols] of sizes) {
      const w = Math.max(sideOf(cols, side), list?.wide ?? 0) + GAP;
      if (x > 0 && x + w > width + GAP) {
        y += tall;
        [x, tall] = [0, 0];
      }
      x += w;
      tall = Math.max(tall, sideOf(rows, side) + (list?.high ?? NAME));
    }
    if (y + tall <= height) return side;
  }
  return LEAST;
}

/** Pixels of a side of a matrix on the wires between two trees, and what it takes there with its name. */
export const WIRED = 44;
const SPOT = { w: 64, h: 68 };
/** Above the first, and to the sides. */
const WIRES = { top: 40, side: 16 };

/** How many matrices there is room for between two trees of this height. */
export function mostOnWires(gap: number, height: number): number {
  const cols = Math.max(1, Math.floor((gap - WIRES.side + SPOT.w - 50) / SPOT.w));
  return cols * Math.max(1, Math.floor((height - WIRES.top + 8) / SPOT.h));
}
