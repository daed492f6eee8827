/**
 * From arrays to what a tile shows: the part's slice laid out as rows × columns, then pooled to a size that a screen can
 * show. A cell of weights shows the entry of largest magnitude under it, sign kept, so that one strong weight is not
 * averaged away; a cell of gates shows the mean over its cells, because a gate's openness is a share; NaN always wins, so that a fault is seen at any pooling. Pure, and done in the worker: the page only paints.
 */
import { arenaLayout, sizeOf } from "../engine/layout.ts";
import { FROZEN } from "../engine/ops/mask-tiles.ts";
import type { ArenaLayout, ParamSpec } from "../engine/types.ts";
import type { Anatomy, Part } from "../models/types.ts";
import { LIFE, type OpenedPart, type Tile } from "../run/messages.ts";

/** Cells of a pooled tile at most: a tile is at most 120 × 96 px, a cell at least 2 px. */
export const TILE_ROWS = 48;
export const TILE_COLS = 60;
/** Rows of a strip of gates: a few groups of cells, each the mean of its own. */
export const STRIP_ROWS = 6;
/** Attention arrives whole up to this context: its rows are distributions, and a pooled row is none. */
export const MAP_SIDE = 64;
/** Units of a layer in one row, two pixels each at most. */
const ROW_CELLS = 150;
/** Pictures on a board arrive whole up to this many cells along each side. */
const BOARD_SIDE = 120;
/** Entries along one side of an opened part. */
export const OPENED_LIMIT = 512;
/** Bars of the histogram of |w|. */
const BARS = 48;
/** Weights looked at for the colour scale: enough for a 99.5th percentile, few enough to sort five times a second. */
const SCALE_SAMPLE = 32_768;

export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float32Array;
}

type Laid = Pick<Part, "slice" | "rows" | "cols">;

/** Every index into the array, row by row, of the part's slice of a tensor of this shape. */
function indices(
  shape: readonly number[],
  { slice, rows, cols }: Laid,
): { of: number[]; n: number; m: number } {
  const strides = shape.map((_, k) => sizeOf(shape.slice(k + 1)));
  const base = slice.reduce((sum, [from], k) => sum + from * strides[k]!, 0);
  const along = (axes: readonly number[]): number[] =>
    axes.reduce(
      (offsets, axis) => {
        const [from, to] = slice[axis]!;
        return offsets.flatMap((offset) =>
          Array.from({ length: to - from }, (_, i) => offset + i * strides[axis]!),
        );
      },
      [0],
    );
  const down = along(rows);
  const across = along(cols);
  return { of: down.flatMap((r) => across.map((c) => base + r + c)), n: down.length, m: across.length };
}

export function matrixOf(values: ArrayLike<number>, shape: readonly number[], part: Laid): Matrix {
  const { of, n, m } = indices(shape, part);
  return { rows: n, cols: m, data: Float32Array.from(of, (i) => values[i]!) };
}

/** At most `rows` × `cols` cells. Strips lie one above the other and are never pooled into one another. */
export function pooled(matrix: Matrix, rows: number, cols: number, strips = 1, pool = strongest): Matrix {
  const groups = Math.max(1, strips);
  const each = matrix.rows / groups;
  const r = Math.min(each, Math.max(1, Math.floor(rows / groups))) * groups;
  const c = Math.min(matrix.cols, cols);
  const data = new Float32Array(r * c);
  for (let i = 0; i < r; i++) {
    const top = Math.floor((i * matrix.rows) / r);
    const bottom = Math.floor(((i + 1) * matrix.rows) / r);
    for (let j = 0; j < c; j++) {
      const left = Math.floor((j * matrix.cols) / c);
      const right = Math.floor(((j + 1) * matrix.cols) / c);
      data[i * c + j] = pool(matrix, top, bottom, left, right);
    }
  }
  return { rows: r, cols: c, data };
}

function strongest({ data, cols }: Matrix, top: number, bottom: number, left: number, right: number): number {
  let best = 0;
  for (let i = top; i < bottom; i++) {
    for (let j = left; j < right; j++) {
      const value = data[i * cols + j]!;
      if (Number.isNaN(value)) return Number.NaN;
      if (Math.abs(value) > Math.abs(best)) best = value;
    }
  }
  return best;
}

function average({ data, cols }: Matrix, top: number, bottom: number, left: number, right: number): number {
  let sum = 0;
  for (let i = top; i < bottom; i++) for (let j = left; j < right; j++) sum += data[i * cols + j]!;
  return sum / Math.max(1, (bottom - top) * (right - left));
}

function mean(data: Float32Array): number {
  let sum = 0;
  for (const value of data) sum += Math.abs(value);
  return data.length === 0 ? 0 : sum / data.length;
}

/** The arrays of a network as the tiles read them. */
export interface Seen {
  readonly layout: ArenaLayout;
  readonly params: Float32Array;
  readonly age: Uint32Array | null;
  /** Tap → values and shape. */
  readonly taps: ReadonlyMap<string, { readonly data: Float32Array; readonly shape: readonly number[] }>;
}

interface Whole {
  readonly matrix: Matrix;
  readonly kept: number;
  readonly age: number | null;
  /** Row by row, see Tile.life. */
  readonly life: Uint8Array | null;
}

/** A part unpooled, with what its caption says; null when the tap is not there. */
function whole(seen: Seen, part: Part): Whole | null {
  if (part.kind !== "weight") {
    const tap = seen.taps.get(part.tap);
    if (tap === undefined) return null;
    return { matrix: matrixOf(tap.data, tap.shape, part), kept: 1, age: null, life: null };
  }
  const entry = seen.layout.entries.get(part.path);
  if (entry === undefined) return null;
  const { offset, count, shape } = entry;
  const matrix = matrixOf(seen.params.subarray(offset, offset + count), shape, part);
  if (seen.age === null) return { matrix, kept: 1, age: null, life: null };
  const ages = seen.age.subarray(offset, offset + count);
  const { of } = indices(shape, part);
  const life = Uint8Array.from(of, (i) => lifeOf(ages[i]!));
  let alive = 0;
  let oldest = 0;
  for (const [k, i] of of.entries()) {
    if (life[k] === LIFE.dormant) continue;
    alive++;
    oldest = Math.max(oldest, ages[i]! & ~FROZEN);
  }
  const kept = of.length === 0 ? 0 : alive / of.length;
  return { matrix, kept, age: alive === 0 ? null : oldest - 1, life };
}

/** See LIFE. */
export function lifeOf(age: number): number {
  const count = age & ~FROZEN;
  if (count === 0) return LIFE.dormant;
  if (age !== count) return LIFE.frozen;
  return count <= LIFE.young ? count : LIFE.settled;
}

/** The youngest active entry under a cell speaks for it; a cell is dormant when all under it is. */
function youngest({ data, cols }: Matrix, top: number, bottom: number, left: number, right: number): number {
  let best: number = LIFE.dormant;
  for (let i = top; i < bottom; i++) {
    for (let j = left; j < right; j++) {
      const life = data[i * cols + j]!;
      if (life !== LIFE.dormant && (best === LIFE.dormant || life < best)) best = life;
    }
  }
  return best;
}

function tileOf(seen: Seen, part: Part, rows: number, cols: number): Tile | null {
  const full = whole(seen, part);
  if (full === null) return null;
  const { matrix, kept, age } = full;
  const gates = part.kind === "activation" && part.strips.length > 0;
  const strips = part.strips.length;
  const small = pooled(matrix, rows, cols, strips, gates ? average : strongest);
  const life =
    full.life &&
    Uint8Array.from(
      pooled({ ...matrix, data: Float32Array.from(full.life) }, rows, cols, strips, youngest).data,
    );
  const silent = part.kind === "activation" && part.silent ? { silent: silentRows(matrix) } : {};
  return {
    ...small,
    ofRows: matrix.rows,
    ofCols: matrix.cols,
    mean: mean(matrix.data),
    kept,
    age,
    life,
    ...silent,
  };
}

const partsOf = (anatomy: Anatomy): readonly Part[] =>
  anatomy.tiers.flatMap(({ left, right }) => [...left, ...right]);

function pooledSize(part: Part): readonly [number, number] {
  if (part.kind === "attention") return [MAP_SIDE, MAP_SIDE];
  if (part.form === "row") return [1, ROW_CELLS];
  if (part.form === "board") return [BOARD_SIDE, BOARD_SIDE];
  if (part.kind === "activation" && part.strips.length > 0)
    return [part.strips.length * STRIP_ROWS, MAP_SIDE];
  return [TILE_ROWS, TILE_COLS];
}

/** Part id → tile. */
export const tilesOf = (seen: Seen, anatomy: Anatomy): Record<string, Tile> =>
  partTiles(seen, partsOf(anatomy));

export function partTiles(seen: Seen, parts: readonly Part[]): Record<string, Tile> {
  const tiles: Record<string, Tile> = {};
  for (const part of parts) {
    const [rows, cols] = pooledSize(part);
    const tile = tileOf(seen, part, rows, cols);
    if (tile !== null) tiles[part.id] = tile;
  }
  return tiles;
}

/** One part as large as it is, with its histogram of |value| over `BARS` equal bars. */
export function openedOf(seen: Seen, anatomy: Anatomy, id: string): Omit<OpenedPart, "image"> | null {
  const part = partsOf(anatomy).find((candidate) => candidate.id === id);
  const full = part && whole(seen, part);
  if (!part || !full) return null;
  const tile = tileOf(seen, part, OPENED_LIMIT, OPENED_LIMIT)!;
  const sizes = full.matrix.data
    .filter((_, i) => full.life?.[i] !== LIFE.dormant)
    .map(Math.abs)
    .filter(Number.isFinite);
  const max = sizes.reduce((most, value) => Math.max(most, value), 0);
  const counts = Array<number>(BARS).fill(0);
  for (const value of sizes) counts[max === 0 ? 0 : Math.min(BARS - 1, Math.floor((value / max) * BARS))]!++;
  return { part: id, tile, histogram: { max, counts } };
}

function silentRows({ rows, cols, data }: Matrix): number {
  let silent = 0;
  for (let r = 0; r < rows; r++) {
    if (data.subarray(r * cols, (r + 1) * cols).every((value) => value === 0)) silent++;
  }
  return silent;
}

/** ± this is the end of the colour scale: the 99.5th percentile of |w| over all drawn weights. */
export function weightScale(specs: readonly ParamSpec[], params: Float32Array, anatomy: Anatomy): number {
  const drawn = new Set(partsOf(anatomy).flatMap((part) => (part.kind === "weight" ? [part.path] : [])));
  const { entries } = arenaLayout(specs);
  const ranges = [...entries].filter(([path]) => drawn.has(path)).map(([, entry]) => entry);
  const total = ranges.reduce((n, { count }) => n + count, 0);
  const every = Math.max(1, Math.ceil(total / SCALE_SAMPLE));
  const sizes: number[] = [];
  for (const { offset, count } of ranges) {
    for (let i = offset; i < offset + count; i += every) {
      const size = Math.abs(params[i]!);
      // Exact zeros are newborn columns and dormant blocks: no part of how large weights are.
      if (Number.isFinite(size) && size > 0) sizes.push(size);
    }
  }
  if (sizes.length === 0) return 1;
  const sorted = Float64Array.from(sizes).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.995))]!;
}
