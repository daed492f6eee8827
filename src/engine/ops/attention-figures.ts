/**
 * What attention maps say in figures (transformer-growth §5.1-5.4), a row of figures a head, averaged over windows and
 * queries: where the mass lies, how uniform a row is, how far it reaches. Reductions only: the maps stay on the device.
 */
import type { NdArray, OpDef, TensorSpec } from "../types.ts";
import { elementGrid } from "./grid.ts";
import { filled } from "./strided.ts";

export interface AttentionMapAttrs {
  /** A query sees the keys up to its own place; else all T. */
  readonly causal: boolean;
}

export interface AttentionFiguresAttrs extends AttentionMapAttrs {
  /**
   * Side of the square grid of image patches that the places after the first one are, row by row; the first is the class
   * token. How far two patches are apart is then the larger of their rows' and columns' distance, and nothing is near the
   * class token or at a distance from it. 0: the places are those of a text.
   */
  readonly grid: number;
}

/**
 * Columns of the first output. The first four part a row's mass, in this order of priority, and sum to 1: the query
 * itself; key 0; keys next to it; the rest. `startMass` is the mass on key 0 of all queries but the first, `localMass` that
 * on the query and the keys next to it, key 0 or not. `entropy` in nats; `uniformity` is entropy / ln(keys seen), over
 * the queries that see two at least; `distance` the mean of |key − query|, or of the distance on the grid.
 */
export const ATTENTION_FIGURES = [
  "self",
  "start",
  "neighbour",
  "rest",
  "startMass",
  "localMass",
  "entropy",
  "uniformity",
  "distance",
] as const;

const COLUMNS = ATTENTION_FIGURES.length;
const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });

function dims({ shape }: TensorSpec, { grid, causal }: AttentionFiguresAttrs) {
  const [batch, heads, time, keys] = shape as [number, number, number, number];
  if (shape.length !== 4 || time !== keys) {
    throw new Error(`attention-figures: maps [N, heads, T, T] expected, got [${shape}]`);
  }
  if (grid > 0 && (causal || time !== grid * grid + 1)) {
    throw new Error(`attention-figures: ${time} places are not a class token and ${grid} by ${grid} patches`);
  }
  return { batch, heads, time };
}

/**
 * Places of the second output: causal, how far back, 0 … T − 1; else key − query + T − 1; on a grid of side g
 * (rows + g − 1) (2g − 1) + columns + g − 1, of key − query.
 */
const offsetsOf = (time: number, { causal, grid }: AttentionFiguresAttrs): number =>
  grid > 0 ? (2 * grid - 1) ** 2 : causal ? time : 2 * time - 1;

/**
 * Input P f32 [N, heads, T, T], rows that sum to 1; gives figures [heads, 9] and the mass by offset [heads, T, 2T − 1 or
 * (2g − 1)²], a mean over queries; on a grid over the patches alone, so that the class token's share is what lacks to 1.
 */
export const attentionFigures: OpDef<AttentionFiguresAttrs> = {
  name: "attention-figures",
  infer([p], attrs) {
    const { heads, time } = dims(p!, attrs);
    return [f32(heads, COLUMNS), f32(heads, offsetsOf(time, attrs))];
  },
  lower([p], [figures, offsets], attrs, temp) {
    const { batch, heads, time } = dims(p!, attrs);
    const { causal, grid } = attrs;
    const rows = temp(f32(batch * heads * time, COLUMNS));
    const frame = {
      shader: "attention-figures",
      constants: { CAUSAL: causal ? 1 : 0 },
      sizes: { batch, heads, time, side: grid },
    };
    return [
      { ...frame, entry: "rows_of", bind: { p: p!, rows }, grid: elementGrid(batch * heads * time, 64) },
      { ...frame, entry: "means", bind: { rows, figures: figures! }, grid: [heads, COLUMNS, 1] },
      {
        ...frame,
        entry: "by_offset",
        bind: { p: p!, offsets: offsets! },
        grid: elementGrid(heads * offsetsOf(time, attrs), 64),
      },
    ];
  },
  reference([p], attrs) {
    const { batch, heads, time } = dims(p!, attrs);
    const { causal, grid } = attrs;
    const figures = filled([heads, COLUMNS], "f32");
    const places = offsetsOf(time, attrs);
    const offsets = filled([heads, places], "f32");
    for (let n = 0; n < batch; n++) {
      for (let h = 0; h < heads; h++) {
        for (let q = 0; q < time; q++) {
          const row = p!.data.subarray(((n * heads + h) * time + q) * time).subarray(0, time);
          const seen = causal ? q + 1 : time;
          figuresOfRow(row, q, seen, grid).forEach((value, k) => {
            const of = k === 4 ? time - 1 : k === 7 && causal ? time - 1 : time;
            figures.data[h * COLUMNS + k]! += value / Math.max(1, batch * of);
          });
          for (let key = 0; key < seen; key++) {
            if (grid > 0 && (q === 0 || key === 0)) continue;
            const place = grid > 0 ? onGrid(q, key, grid).place : causal ? q - key : key - q + time - 1;
            offsets.data[h * places + place]! += row[key]! / (batch * (grid > 0 ? time - 1 : time));
          }
        }
      }
    }
    return [figures, offsets];
  },
  samples: [
    { inputs: [f32(2, 3, 5, 5)], attrs: { causal: true, grid: 0 } },
    { inputs: [f32(3, 2, 4, 4)], attrs: { causal: false, grid: 0 } },
    { inputs: [f32(1, 1, 1, 1)], attrs: { causal: true, grid: 0 } },
    { inputs: [f32(2, 2, 10, 10)], attrs: { causal: false, grid: 3 } },
    // More rows of a head than lanes.
    { inputs: [f32(1, 3, 22, 22)], attrs: { causal: true, grid: 0 } },
    { inputs: [f32(5, 1, 30, 30)], attrs: { causal: true, grid: 0 } },
  ].map((sample) => ({ ...sample, wrt: [], values: () => someMaps(sample.inputs[0]!, sample.attrs.causal) })),
};

/** From patch to patch: places 1 … g², row by row. Also of the class token to itself. */
function onGrid(q: number, key: number, grid: number): { readonly far: number; readonly place: number } {
  const rows = Math.floor((key - 1) / grid) - Math.floor((q - 1) / grid);
  const columns = ((((key - 1) % grid) + grid) % grid) - ((((q - 1) % grid) + grid) % grid);
  const place = (rows + grid - 1) * (2 * grid - 1) + columns + grid - 1;
  return { far: Math.max(Math.abs(rows), Math.abs(columns)), place };
}

/** In the order of ATTENTION_FIGURES; what a row has no value for is 0. */
function figuresOfRow(row: NdArray["data"], q: number, seen: number, grid: number): number[] {
  let entropy = 0;
  let distance = 0;
  let local = 0;
  let neighbour = 0;
  let rest = 0;
  for (let key = 0; key < seen; key++) {
    const a = row[key]!;
    const apart = grid > 0 && (q === 0) !== (key === 0);
    const far = apart ? Number.POSITIVE_INFINITY : grid > 0 ? onGrid(q, key, grid).far : Math.abs(key - q);
    if (a > 0) entropy -= a * Math.log(a);
    if (!apart) distance += a * far;
    if (far <= 1) local += a;
    if (far === 1 && key > 0) neighbour += a;
    if (far > 1 && key > 0) rest += a;
  }
  const start = q === 0 ? 0 : row[0]!;
  const uniformity = seen > 1 ? entropy / Math.log(seen) : 0;
  return [row[q]!, start, neighbour, rest, start, local, entropy, uniformity, distance];
}

/** Rows that sum to 1, some of them sharp, with a few keys that get nothing at all. */
export function someMaps({ shape }: TensorSpec, causal: boolean): number[] {
  const time = shape.at(-1)!;
  const rows = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  return Array.from({ length: rows }, (_, r) => {
    const q = r % time;
    const raw = Array.from({ length: time }, (_, key) => {
      if (causal && key > q) return 0;
      const draw = (Math.imul(r * time + key + 1, 0x9e3779b1) >>> 8) / 2 ** 24;
      return draw < 0.15 && key !== q ? 0 : draw ** (1 + (r % 5));
    });
    const sum = raw.reduce((a, b) => a + b, 0);
    return raw.map((value) => value / sum);
  }).flat();
}
