/**
 * Products spread over many cores (spread.ts): shaders/lib/matmul-spread.wgsl. What is chosen here is how large the tiles are
 * that a group of invocations makes out of workgroup memory. Large ones read less, small ones are more: a card is busy from
 * about as many workgroups as it has cores, a hundred or two. Tiles are constants of a pipeline, so there are few kinds.
 */
import { foldGrid } from "./ops/grid.ts";
import type { Change, Dispatch } from "./tiles.ts";

/** A tile is `tile` × `tile` outputs, from slabs of `deep` steps of k; a workgroup holds `groups` of them. */
export interface Geometry {
  readonly tile: 16 | 32 | 64;
  readonly deep: 16 | 32;
  readonly groups: 1 | 2 | 4 | 8;
}

const LARGE: Geometry = { tile: 64, deep: 16, groups: 1 };
const WHOLE: Geometry = { tile: 32, deep: 32, groups: 1 };
const HALVES: Geometry = { tile: 32, deep: 16, groups: 2 };
const QUARTERS: Geometry = { tile: 32, deep: 16, groups: 4 };
const EIGHTHS: Geometry = { tile: 16, deep: 16, groups: 8 };

/** Workgroups from which a card is so busy that large tiles pay: on an H200 not with 192 of them, but with 384. */
const BUSY = 384;

/** Of a sum; in more the plain way is spread enough, and was faster on an H200. */
const MOST_PARTS = 8;

const tilesOf = (m: number, n: number, tile: number): number => Math.ceil(m / tile) * Math.ceil(n / tile);

const constantsOf = ({ tile, deep, groups }: Geometry) => ({
  TILE: tile,
  DEEP: deep,
  GROUPS: groups,
  LANES: groups * (tile / 4) ** 2,
});

/** Of sums in `splits` parts: a group takes at most eight. */
const fitting = (splits: number, all: readonly Geometry[]): readonly Geometry[] =>
  all.filter(({ groups }) => (splits === 1 ? groups === 1 : groups <= splits && splits <= 8 * groups));

/** Geometries for weights [m, n] whose sums are in `splits` parts, the one thought best first. `more`: other outputs. */
function ofWeights(m: number, n: number, splits: number, more: number): readonly Geometry[] {
  const large = tilesOf(m, n, 64) + more / 64 ** 2 >= BUSY;
  const best = splits >= 8 ? EIGHTHS : splits === 4 && more === 0 ? QUARTERS : HALVES;
  const whole = large ? [LARGE, WHOLE] : [WHOLE, LARGE];
  return fitting(
    splits,
    [best, ...whole, HALVES, QUARTERS, EIGHTHS].filter((g, i, all) => all.indexOf(g) === i),
  );
}

/** By vec4s only where both operands are: fewer pipelines. */
function layoutOf({ TA = 0, TB = 0, VEC_A = 0, VEC_B = 0, TAIL = 1 }: Dispatch["constants"]) {
  const vec = VEC_A === 1 && VEC_B === 1 ? 1 : 0;
  return { TA, TB, VEC_A: vec, VEC_B: vec, TAIL: vec === 1 ? TAIL : 1 };
}

const OPERANDS = ["a", "a4", "b", "b4"];

interface Product {
  geometries(dispatch: Dispatch): readonly Geometry[];
  change(dispatch: Dispatch, geometry: Geometry): Change;
}

const PRODUCTS: Readonly<Record<string, Product>> = {
  "matmul:forward": {
    geometries({ sizes: { m = 0, n = 0 }, grid: [, , depth] }) {
      return tilesOf(m, n, 64) * depth >= BUSY ? [LARGE, WHOLE] : [WHOLE, LARGE];
    },
    change({ sizes, constants, grid: [, , depth] }, geometry) {
      const { tile, groups } = geometry;
      return {
        shader: "matmul-spread",
        constants: { ...constantsOf(geometry), ...layoutOf(constants) },
        sizes,
        grid: [Math.ceil(sizes.n! / tile / groups), Math.ceil(sizes.m! / tile), depth],
        bind: [...OPERANDS, "bias", "residual", "y", "pre"],
      };
    },
  },

  "matmul-grad:backward": {
    geometries({ sizes: { rows = 0, n = 0, k = 0 }, constants: { SPLITS = 1 } }) {
      return ofWeights(n, k, SPLITS, rows * k);
    },
    change({ sizes, constants: { VEC = 0, SPLITS = 1 } }, geometry) {
      const { across_input: _, ...kept } = sizes;
      const { rows = 0, n = 0, k = 0 } = sizes;
      const { tile, groups } = geometry;
      const weight_groups = tilesOf(n, k, tile);
      return {
        shader: "matmul-grad-spread",
        constants: { ...constantsOf(geometry), SHARED: SPLITS > 1 ? 1 : 0, VEC },
        sizes: { ...kept, splits: SPLITS, across: Math.ceil(k / tile), weight_groups },
        grid: foldGrid(weight_groups + Math.ceil(tilesOf(rows, k, tile) / groups)),
        bind: ["dpre", "dpre4", "a", "w", "da", "dw", "sums", "other"],
      };
    },
  },

  "matmul-grad-weight:backward": {
    geometries({ sizes: { m = 0, n = 0 }, constants: { SPLITS = 1 } }) {
      return ofWeights(m, n, SPLITS, 0);
    },
    change({ sizes, constants }, geometry) {
      const { SPLITS = 1, SUMS = 0 } = constants;
      const { tile } = geometry;
      return {
        shader: "matmul-grad-weight-spread",
        constants: { ...constantsOf(geometry), ...layoutOf(constants), SHARED: SPLITS > 1 ? 1 : 0 },
        sizes: { ...sizes, splits: SPLITS, sums: SUMS },
        grid: [Math.ceil(sizes.n! / tile), Math.ceil(sizes.m! / tile), 1],
        bind: [...OPERANDS, "dw", "sums"],
      };
    },
  },

  "lstm-tokens-grad:backward": {
    geometries({ sizes: { m = 0, n = 0 }, constants: { SPLITS = 1 } }) {
      return ofWeights(m, n, SPLITS, 0);
    },
    change({ sizes, constants }, geometry) {
      const { m = 0, n = 0, vocab = 0 } = sizes;
      const { SPLITS = 1 } = constants;
      const { tile } = geometry;
      const weight_groups = tilesOf(m, n, tile);
      const { LANES, ...shape } = constantsOf(geometry);
      return {
        shader: "lstm-tokens-grad-spread",
        // The sums over places read dPre by vec4s whatever the operands do, which 4 H always allows.
        constants: { ...shape, LANES, ...layoutOf(constants), SHARED: SPLITS > 1 ? 1 : 0 },
        sizes: { ...sizes, splits: SPLITS, across: Math.ceil(n / tile), weight_groups },
        grid: foldGrid(weight_groups + Math.ceil((vocab * n) / LANES)),
        bind: [...OPERANDS, "dw", "db", "dwx", "lists"],
      };
    },
  },
};

/** Every way to spread a product, for comparisons; the first one is taken. Empty: it is no product. */
export function spreadsOf(
  dispatch: Dispatch,
): readonly { readonly geometry: Geometry; readonly change: Change }[] {
  const product = PRODUCTS[`${dispatch.shader}:${dispatch.entry}`];
  if (!product) return [];
  return product
    .geometries(dispatch)
    .map((geometry) => ({ geometry, change: product.change(dispatch, geometry) }));
}

export const SPREAD_PRODUCTS: Readonly<Record<string, (dispatch: Dispatch) => Change | null>> =
  Object.fromEntries(
    Object.entries(PRODUCTS).map(([name, { geometries, change }]) => [
      name,
      (dispatch: Dispatch) =>
        (dispatch.constants.SPLITS ?? 1) > MOST_PARTS ? null : change(dispatch, geometries(dispatch)[0]!),
    ]),
  );
