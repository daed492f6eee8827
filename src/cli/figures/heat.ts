/** Matrices as tiles: a cell a weight, hue by sign, strength by size; what is dormant is hatched grey, what is absent is bare. */
import type { Matrix } from "../../worker/observed.ts";
import { n, type Piece, path, rect } from "./svg.ts";

/** Strengths that are told apart. */
const LEVELS = 8;

export interface Grid {
  readonly rows: number;
  readonly cols: number;
  /** Row by row. */
  readonly data: readonly number[];
  /** Dormant entries; absent: none. */
  readonly off?: readonly boolean[];
  /** Entries that have just come to life, at 0 or not. */
  readonly born?: readonly boolean[];
}

/** Rows from, to and columns from, to. */
export type Box = readonly [number, number, number, number];

/** Of a matrix or a stack of them: all leading axes are rows. `off`: its ages. */
export function gridOf({ shape, data }: Matrix, ages: Matrix | null = null): Grid {
  const cols = shape.at(-1)!;
  return {
    rows: data.length / cols,
    cols,
    data: Array.from(data),
    ...(ages === null ? {} : { off: Array.from(ages.data, (age) => (age & 0x7fffffff) === 0) }),
  };
}

/** Some rows and columns of it. */
export function part({ cols, data, off, born }: Grid, [top, bottom, left, right]: Box): Grid {
  const pick = <T>(from: readonly T[]): T[] =>
    Array.from({ length: bottom - top }, (_, i) =>
      from.slice((top + i) * cols + left, (top + i) * cols + right),
    ).flat();
  return {
    rows: bottom - top,
    cols: right - left,
    data: pick(data),
    ...(off === undefined ? {} : { off: pick(off) }),
    ...(born === undefined ? {} : { born: pick(born) }),
  };
}

/** Entries `from` to `to` of it as a picture of `cols` columns: what a unit reads of an image. */
export function picture({ data, off, born }: Grid, from: number, to: number, cols: number): Grid {
  return {
    ...{ rows: (to - from) / cols, cols, data: data.slice(from, to) },
    ...(off === undefined ? {} : { off: off.slice(from, to) }),
    ...(born === undefined ? {} : { born: born.slice(from, to) }),
  };
}

export const largest = (grids: readonly Grid[]): number => {
  const sizes = grids.flatMap(({ data }) => data.map(Math.abs)).sort((a, b) => a - b);
  // As the stage has it: the 99.5th percentile, so that one weight does not make all others pale.
  return sizes[Math.min(sizes.length - 1, Math.floor(sizes.length * 0.995))] || 1;
};

export interface HeatOptions {
  /** Of a cell, in px. */
  readonly cell: number | readonly [width: number, height: number];
  /** ± this is the end of the scale. Absent: the grid's own. */
  readonly most?: number;
  readonly rings?: readonly Box[];
  readonly frames?: readonly Box[];
  readonly scars?: readonly Box[];
  /** Cells outside are bare: there are no such weights. */
  readonly bare?: readonly Box[];
}

const within = (boxes: readonly Box[], r: number, c: number): boolean =>
  boxes.some(([top, bottom, left, right]) => r >= top && r < bottom && c >= left && c < right);

/** Runs of equal cells as one path a class: "M3 2h4" is four cells. */
function runs(
  rows: number,
  cols: number,
  of: (i: number, r: number, c: number) => number,
): Map<number, string> {
  const paths = new Map<number, string>();
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; ) {
      const key = of(r * cols + c, r, c);
      let end = c + 1;
      while (end < cols && of(r * cols + end, r, end) === key) end++;
      if (key !== 0) paths.set(key, `${paths.get(key) ?? ""}M${c} ${r}h${end - c}`);
      c = end;
    }
  }
  return paths;
}

const DORMANT = LEVELS + 1;
const BORN = LEVELS + 2;

export function heat(grid: Grid, options: HeatOptions): Piece {
  const { rows, cols, data, off, born } = grid;
  const { cell, rings = [], frames = [], scars = [], bare = [] } = options;
  const [w, h] = typeof cell === "number" ? [cell, cell] : cell;
  const most = options.most ?? largest([grid]);
  const level = (i: number, r: number, c: number): number => {
    if (within(bare, r, c)) return 0;
    if (born?.[i]) return BORN;
    if (off?.[i]) return DORMANT;
    const value = data[i]!;
    const size = Math.min(LEVELS, Math.round((LEVELS * Math.abs(value)) / most));
    return Math.sign(value) * size;
  };
  const cells = [...runs(rows, cols, level)]
    .sort(([a], [b]) => a - b)
    .map(([key, d]) => {
      if (key >= DORMANT) return path(key === BORN ? "born" : "dormant", d);
      return `<path class="${key > 0 ? "above" : "below"}" stroke-opacity="${n(Math.abs(key) / LEVELS)}" d="${d}"/>`;
    });
  const box =
    (classes: string, out: number) =>
    ([top, bottom, left, right]: Box) =>
      rect(
        classes,
        w * left - out,
        h * top - out,
        w * (right - left) + 2 * out,
        h * (bottom - top) + 2 * out,
      );
  // What does not exist has no ground: the wire is bare there.
  const ground = bare.length === 0 ? rect("tile", 0, 0, w * cols, h * rows) : tiles(rows, cols, bare, w, h);
  return {
    width: w * cols,
    height: h * rows,
    body: [
      ground,
      `<g transform="translate(0 ${n(h / 2)}) scale(${n(w)} ${n(h)})">${cells.join("")}</g>`,
      ...frames.map(box("frame", 0)),
      ...scars.map(box("scar", 0)),
      ...rings.map(box("ring", 0)),
    ].join(""),
  };
}

function tiles(rows: number, cols: number, bare: readonly Box[], w: number, h: number): string {
  const there = runs(rows, cols, (_, r, c) => (within(bare, r, c) ? 0 : 1)).get(1) ?? "";
  return `<g transform="translate(0 ${n(h / 2)}) scale(${n(w)} ${n(h)})">${path("there", there)}</g>`;
}
