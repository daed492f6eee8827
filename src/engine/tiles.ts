/**
 * Other ways to run a dispatch. Matrix products take most of a step, and what is fast differs from adapter to adapter: how many
 * outputs an invocation holds, and whether neighbours share what they read. All ways of one dispatch add in the same order
 * (shaders/lib/matmul-chain.wgsl), so they give the same bits, and which one runs is no part of a program: `gpu/` chooses.
 *
 * Pure: from a dispatch as an op lowered it to those that may stand in its place.
 */
import { foldGrid as folded } from "./ops/grid.ts";
import { SPREAD } from "./spread.ts";
import type { GpuCommand } from "./types.ts";

export type Dispatch = Extract<GpuCommand, { kind: "dispatch" }>;

export interface Way {
  /**
   * "plain" and "spread" (spread.ts) run everywhere; "quads" where subgroups are exactly four neighbours; "long quads" there
   * too, an eighth faster and twice as long to compile.
   */
  readonly id: "plain" | "spread" | "quads" | "long quads";
  readonly dispatch: Dispatch;
}

/** Outputs of a quad along either side. */
const QUAD = 32;
/** Below this a quad would mostly compute what is not there. */
const LEAST = 16;

/** Rows of a batch that an LSTM's workgroup takes, by quads and plainly. */
const LSTM_ROWS = 8;
const PLAIN_ROWS = 4;

/** Rows of a layer norm that a workgroup takes, by quads, or columns of its gradient. */
const NORM_ROWS = 16;

/** An LSTM over a sequence: not where the larger workgroups would mostly compute rows that are not there. */
function lstmFits({ batch = 0, hidden = 0 }: Dispatch["sizes"]): boolean {
  const rows = (step: number): number => Math.ceil(batch / step) * step;
  return fits(hidden) && hidden >= LEAST && rows(LSTM_ROWS) <= 1.25 * rows(PLAIN_ROWS);
}

const tiles = (size: number): number => Math.ceil(size / QUAD);
const fits = (...sizes: readonly number[]): boolean => sizes.every((size) => size % 4 === 0);
const fitsLong = (...sums: readonly number[]): boolean => sums.every((size) => size % 8 === 0);

export type Change = Pick<Dispatch, "shader" | "constants" | "grid" | "sizes"> & {
  /** Variables it binds, out of those that are there. */
  readonly bind: readonly string[];
  /** It has a long form as well: all sums go over multiples of 8. */
  readonly long?: boolean;
};

export function changed(dispatch: Dispatch, { bind, long: _, ...change }: Change): Dispatch {
  const kept = Object.fromEntries(bind.map((name) => [name, dispatch.bind[name]!]));
  return { ...dispatch, ...change, bind: kept };
}

/** A pass of attention: a quad takes 16 tokens of one head, and one of `parts` of their columns. */
function attention(
  { shader, sizes, constants: { CAUSAL = 0 } }: Dispatch,
  parts: number,
  bind: readonly string[],
): Change | null {
  const { batch = 0, time = 0, heads = 0, d = 0 } = sizes;
  if (!fits(time, d)) return null;
  const grid = folded(batch * heads * Math.ceil(time / 16) * parts);
  return { shader: `${shader}-quad`, constants: { CAUSAL }, sizes, grid, bind };
}

/** By quads, or null where the sizes do not fit or a sum is shared out (SPLITS), which is another order. */
const QUADS: Readonly<Record<string, (dispatch: Dispatch) => Change | null>> = {
  "matmul:forward": ({ sizes, constants: { TA = 0, TB = 0 }, grid }) => {
    const { m = 0, n = 0, k = 0 } = sizes;
    if (!fits(n, k) || (TA === 1 && (TB === 1 || !fits(m))) || m < LEAST || n < LEAST) return null;
    return {
      shader: "matmul-quad",
      constants: { TA, TB },
      sizes,
      grid: [tiles(n), tiles(m), grid[2]],
      bind: ["a4", "b4", "bias", "residual", "y", "pre"],
      long: fitsLong(k),
    };
  },

  "matmul-grad:backward": ({ sizes, constants: { SPLITS } }) => {
    const { chunk: _, across_input: __, ...kept } = sizes;
    const { rows = 0, n = 0, k = 0 } = sizes;
    if (SPLITS !== 1 || !fits(rows, n, k) || Math.min(rows, n, k) < LEAST) return null;
    const across = tiles(k);
    const groups = tiles(n) * across;
    return {
      shader: "matmul-grad-quad",
      constants: {},
      sizes: { ...kept, across, weight_groups: groups },
      grid: folded(groups + tiles(rows) * across),
      bind: ["dpre4", "a", "w", "da", "dw", "sums", "other"],
      long: fitsLong(rows, n),
    };
  },

  "matmul-grad-weight:backward": ({ sizes, constants: { TA, TB, SPLITS, SUMS = 0 } }) => {
    const { m = 0, n = 0, k = 0 } = sizes;
    if (TA !== 1 || TB !== 0 || SPLITS !== 1 || SUMS === 2) return null;
    if (!fits(m, n, k) || Math.min(m, n) < LEAST) return null;
    return {
      shader: "matmul-grad-weight-quad",
      constants: { SUMS },
      sizes: { m, n, k },
      grid: [tiles(n), tiles(m), 1],
      bind: ["a4", "b4", "dw", "sums"],
    };
  },

  "attention:forward": (dispatch) => attention(dispatch, 1, ["qkv4", "y", "p"]),
  "attention-grad:backward_query": (dispatch) => attention(dispatch, 1, ["qkv4", "dy4", "p", "ds", "dqkv"]),
  "attention-grad:backward_key": (dispatch) =>
    attention(dispatch, Math.ceil(dispatch.sizes.d! / 8), ["qkv4", "dy4", "p", "slopes", "dqkv"]),

  "layer-norm:forward": ({ sizes, bind }) => {
    const { rows = 0, width = 0 } = sizes;
    if (!fits(width)) return null;
    const grid = folded(Math.ceil(rows / NORM_ROWS));
    return { shader: "layer-norm-quad", constants: {}, sizes, grid, bind: Object.keys(bind) };
  },

  "layer-norm:backward": ({ sizes, bind }) => {
    const { rows = 0, width = 0 } = sizes;
    if (!fits(width)) return null;
    const groups = Math.ceil(rows / NORM_ROWS);
    return {
      shader: "layer-norm-quad",
      constants: {},
      sizes: { ...sizes, row_groups: groups },
      grid: folded(groups + Math.ceil(width / NORM_ROWS)),
      bind: Object.keys(bind),
    };
  },

  "lstm:forward": ({ sizes, constants, bind }) => {
    if (!lstmFits(sizes)) return null;
    const grid = [Math.ceil(sizes.batch! / LSTM_ROWS), 1, 1] as const;
    return { shader: "lstm-quad", constants, sizes, grid, bind: Object.keys(bind) };
  },

  "lstm-tokens:forward": ({ sizes, constants, bind, grid: [all] }) => {
    if (!lstmFits(sizes)) return null;
    const groups = Math.ceil(sizes.batch! / LSTM_ROWS);
    return {
      shader: "lstm-tokens-quad",
      constants,
      sizes: { ...sizes, groups },
      // One more, which makes the lists, where there was one more.
      grid: [groups + all - sizes.groups!, 1, 1],
      bind: Object.keys(bind),
    };
  },

  "lstm-grad:backward": ({ sizes, constants: { WG, ...constants }, bind }) => {
    if (!lstmFits(sizes)) return null;
    return {
      shader: "lstm-grad-quad",
      constants: { ...constants, WG: WG! / 2 },
      sizes,
      grid: [Math.ceil(sizes.batch! / LSTM_ROWS), 1, 1],
      bind: Object.keys(bind),
    };
  },

  "lstm-tokens-grad:backward": ({ sizes, constants: { SPLITS } }) => {
    const { m = 0, n = 0, k = 0, vocab = 0 } = sizes;
    if (SPLITS !== 1 || !fits(n, k) || n < LEAST) return null;
    const across = tiles(n);
    const groups = tiles(m) * across;
    return {
      shader: "lstm-tokens-grad-quad",
      constants: {},
      sizes: { m, n, k, vocab, across, weight_groups: groups },
      grid: folded(groups + Math.ceil((vocab * n) / 32)),
      bind: ["a4", "b4", "dw", "db", "dwx", "lists"],
    };
  },
};

/** As it was lowered, first; then what may stand for it. */
export function waysOf(dispatch: Dispatch): readonly Way[] {
  const name = `${dispatch.shader}:${dispatch.entry}`;
  const ways: Way[] = [{ id: "plain", dispatch }];
  const add = (id: Way["id"], change: Change | null): void => {
    if (change !== null) ways.push({ id, dispatch: changed(dispatch, change) });
  };
  add("spread", SPREAD[name]?.(dispatch) ?? null);
  const quads = QUADS[name]?.(dispatch) ?? null;
  add("quads", quads);
  if (quads?.long) add("long quads", { ...quads, constants: { ...quads.constants, TURNS: 2 } });
  return ways;
}

/** Multiply-adds of a product: of a layer's two gradients together. Its sizes have these names in all of them. */
export function multiplyAdds({ m, rows, n = 0, k = 0 }: Dispatch["sizes"]): number {
  return rows === undefined ? (m ?? 0) * n * k : 2 * rows * n * k;
}
