/** How large the learned matrices of an operator are drawn. */

/** Rows and columns of a small table: cells are drawn this large, so that each can be told from the next. */
export const CELL = 11;
const LEAST = 40;
const MOST = 120;
/** Between two maps, and under each its name. */
const GAP = 10;
const NAME = 22;

/** Pixels of a side of so many entries. */
export const sideOf = (entries: number, most: number): number =>
  Math.min(most, Math.max(2 * CELL, entries * CELL));

/** The longest side at which maps of these sizes fit into a box, in rows. */
export function mapSide(
  sizes: readonly (readonly [rows: number, cols: number])[],
  width: number,
  height: number,
): number {
  for (let side = MOST; side > LEAST; side -= 4) {
    let [x, y, tall] = [0, 0, 0];
    for (const [rows, cols] of sizes) {
      const w = sideOf(cols, side) + GAP;
      if (x > 0 && x + w > width + GAP) {
        y += tall;
        [x, tall] = [0, 0];
      }
      x += w;
      tall = Math.max(tall, sideOf(rows, side) + NAME);
    }
    if (y + tall <= height) return side;
  }
  return LEAST;
}
