/**
 * What the two matrix products share: the dimensions of a problem, the constants and sizes of
 * shaders/lib/matmul-tile.wgsl, and the product in float64.
 */
import { sizeOf } from "../layout.ts";
import type { KernelCall, Tensor, TensorSpec } from "../types.ts";

/** Invocations of a workgroup: one subgroup on most GPUs. Each holds 8 × 8 outputs. */
const INVOCATIONS = 32;

/**
 * Sums are cut into parts by the shapes and the class of the adapter alone, so that every device of a class adds in the
 * same order: towards `lanes` invocations (on a GPU `BUSY`, on a processor 1), at least `LEAST` steps each, at most what a
 * workgroup holds, for the parts meet in its memory.
 */
const BUSY = 4096;
const LEAST = 64;

/** How a workgroup shares out tiles (`WX` along n, `WY` along m) and, of each, a long k. */
export interface Shares {
  readonly WX: number;
  readonly WY: number;
  /** A power of two. */
  readonly SPLITS: number;
  /** Steps of k in one part, a multiple of 4. */
  readonly chunk: number;
}

/** Every invocation has a tile of its own. */
export const wholeTiles = ({ k }: Problem): Shares => ({ WX: 8, WY: 4, SPLITS: 1, chunk: k });

/** Where the outputs are few and the sum is long, several invocations share a tile. */
export function sharedTiles({ m, n, k }: Problem, lanes = BUSY): Shares {
  const wanted = Math.min(k / LEAST, lanes / (Math.ceil(m / 8) * Math.ceil(n / 8)), INVOCATIONS);
  const power = Math.max(0, Math.floor(Math.log2(wanted)));
  const tiles = Math.log2(INVOCATIONS) - power;
  const SPLITS = 2 ** power;
  return {
    WX: 2 ** Math.ceil(tiles / 2),
    WY: 2 ** Math.floor(tiles / 2),
    SPLITS,
    chunk: 4 * Math.ceil(k / SPLITS / 4),
  };
}

/** One operand, as it lies in memory. */
export interface Operand {
  readonly tensor: Tensor;
  readonly transposed: boolean;
}

export interface Problem {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** The fields that every entry point built on the tile needs. `a4` and `b4` are the same buffers, read as vec4s. */
export function tileCall(
  a: Operand,
  b: Operand,
  { m, n, k }: Problem,
  { WX, WY }: Shares,
  depth: number,
  strides: { readonly a: number; readonly b: number },
  temp: (spec: TensorSpec) => Tensor,
): Required<Omit<KernelCall, "shader" | "entry">> {
  const vecA = (a.transposed ? m : k) % 4 === 0;
  const vecB = (b.transposed ? k : n) % 4 === 0;
  // A binding of vec4s must hold at least one; where no vec4 is read, any tensor that large will do.
  const wide = (t: Tensor): Tensor =>
    [t, a.tensor, b.tensor].find((x) => sizeOf(x.shape) >= 4) ?? temp({ shape: [4], dtype: "f32" });
  return {
    constants: {
      WX,
      WY,
      TA: a.transposed ? 1 : 0,
      TB: b.transposed ? 1 : 0,
      VEC_A: vecA ? 1 : 0,
      VEC_B: vecB ? 1 : 0,
      TAIL: k % 4 === 0 ? 0 : 1,
    },
    sizes: { m, n, k, stride_a: strides.a, stride_b: strides.b },
    bind: { a: a.tensor, a4: wide(a.tensor), b: b.tensor, b4: wide(b.tensor) },
    grid: [Math.ceil(n / 8 / WX), Math.ceil(m / 8 / WY), depth],
  };
}

/**
 * Error to expect of an f32 sum of k products of normals, for the samples: each addition rounds by at most 2⁻²⁴ of a
 * partial sum, the partial sums stay below Σ|a||b| ≈ k, outliers triple it; 3 · 2⁻²⁴ · k. One product lost or doubled
 * is an error near 1.
 */
export const sumTolerance = (k: number): number => Math.max(1e-5, 2e-7 * k);

/** out[i, j] = Σₖ a(i, k) b(k, j) in float64, operands row-major from an offset. */
export function product(
  a: Float64Array,
  b: Float64Array,
  { m, n, k }: Problem,
  flags: { readonly ta: boolean; readonly tb: boolean },
  offsets: { readonly a: number; readonly b: number } = { a: 0, b: 0 },
): Float64Array {
  const out = new Float64Array(m * n);
  const [aRow, aStep] = flags.ta ? [1, m] : [k, 1];
  const [bStep, bCol] = flags.tb ? [1, k] : [n, 1];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      let p = offsets.a + i * aRow;
      let q = offsets.b + j * bCol;
      for (let step = 0; step < k; step++, p += aStep, q += bStep) sum += a[p]! * b[q]!;
      out[i * n + j] = sum;
    }
  }
  return out;
}
