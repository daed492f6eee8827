/**
 * The weight gradients of `lstm-tokens` from dPre, in one dispatch: they need nothing of each other.
 *
 *   dW_h = Σ dPreᵀ h_{t−1}      db = Σ dPre      dW_x[:, v] = Σ dPre over the places where symbol v stands, in their order
 */
import type { NdArray, OpDef, OpSample, TensorSpec } from "../types.ts";
import { foldGrid } from "./grid.ts";
import { matmulGradWeight } from "./matmul-grad-weight.ts";
import { sharedTiles, sumTolerance, tileCall } from "./matmul-tile.ts";

export interface LstmTokensGradAttrs {
  /** Symbols, V. */
  readonly vocab: number;
}

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const u32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "u32" });

function dims([dPre, before, lists]: readonly TensorSpec[], { vocab }: LstmTokensGradAttrs) {
  const [batch, time, , hidden] = dPre!.shape as [number, number, number, number];
  if (before!.shape.join() !== `${batch},${time},${hidden}` || lists!.shape[0] !== vocab + 1 + batch * time) {
    throw new Error(`lstm-tokens-grad: [${before!.shape}] and [${lists!.shape}] do not fit [${dPre!.shape}]`);
  }
  return { rows: batch * time, hidden };
}

/** dPre [B, T, 4, H], h before [B, T, H], lists (see lstm-tokens.ts) → dW_x [4, H, V], db [4, H], dW_h [4, H, H] */
export const lstmTokensGrad: OpDef<LstmTokensGradAttrs> = {
  name: "lstm-tokens-grad",

  infer(inputs, attrs) {
    const { hidden } = dims(inputs, attrs);
    return [f32(4, hidden, attrs.vocab), f32(4, hidden), f32(4, hidden, hidden)];
  },

  flops(inputs, _outputs, attrs) {
    const { rows, hidden } = dims(inputs, attrs);
    return 2 * rows * 4 * hidden * (hidden + 1);
  },

  lower(inputs, [dwx, db, dw], attrs, temp, lanes) {
    const [dPre, before, lists] = inputs;
    const { rows, hidden } = dims(inputs, attrs);
    const problem = { m: 4 * hidden, n: hidden, k: rows };
    const shares = sharedTiles(problem, lanes);
    const call = tileCall(
      { tensor: dPre!, transposed: true },
      { tensor: before!, transposed: false },
      problem,
      shares,
      1,
      { a: 0, b: 0 },
      temp,
    );
    const [across, down] = call.grid;
    const weightGroups = across * down;
    return [
      {
        shader: "lstm-tokens-grad",
        entry: "backward",
        constants: { ...call.constants, SPLITS: shares.SPLITS, SUMS: 1 },
        sizes: {
          ...problem,
          chunk: shares.chunk,
          across,
          weight_groups: weightGroups,
          vocab: attrs.vocab,
        },
        bind: { ...call.bind, dw: dw!, db: db!, dwx: dwx!, lists: lists! },
        grid: foldGrid(weightGroups + Math.ceil((attrs.vocab * hidden) / 32)),
      },
    ];
  },

  reference(inputs, attrs) {
    const { rows, hidden } = dims(inputs, attrs);
    const { vocab } = attrs;
    const [dPre, before, lists] = inputs as [NdArray, NdArray, NdArray];
    const units = 4 * hidden;
    const flat = { ...f32(rows, units), data: dPre.data };
    const [dw, db] = matmulGradWeight.reference([flat, { ...f32(rows, hidden), data: before.data }], {
      ta: false,
      tb: true,
      bias: true,
    });
    const dwx = new Float64Array(units * vocab);
    for (let symbol = 0; symbol < vocab; symbol++) {
      for (let i = lists.data[symbol]!; i < lists.data[symbol + 1]!; i++) {
        const place = lists.data[vocab + 1 + i]!;
        for (let u = 0; u < units; u++) dwx[u * vocab + symbol]! += dPre.data[place * units + u]!;
      }
    }
    return [
      { ...f32(4, hidden, vocab), data: dwx },
      { ...f32(4, hidden), data: db!.data },
      { ...f32(4, hidden, hidden), data: dw!.data },
    ];
  },

  samples: [
    sample(1, 1, 1, 2),
    sample(3, 5, 6, 4),
    // In parts, the last one short; more symbols than places of some; the most parts a workgroup holds.
    { ...sample(5, 123, 9, 70), tolerance: sumTolerance(615) },
    { ...sample(30, 70, 8, 5), tolerance: sumTolerance(2100), bench: true },
    // By quads, more than one to a side, the last one past an edge.
    sample(4, 5, 36, 7),
    { ...sample(16, 32, 32, 64), tolerance: sumTolerance(512), bench: true },
  ],
};

/** Lists as the forward op writes them: place i shows symbol 3 i mod V, or, every seventh, none. */
function sample(batch: number, time: number, hidden: number, vocab: number): OpSample<LstmTokensGradAttrs> {
  const rows = batch * time;
  const lists = Array.from({ length: vocab }, (_, symbol) =>
    Array.from({ length: rows }, (_, i) => i).filter((i) => i % 7 !== 6 && (3 * i) % vocab === symbol),
  );
  const flat = lists.flat();
  const begins = lists.map((_, symbol) => lists.slice(0, symbol).flat().length);
  return {
    inputs: [f32(batch, time, 4, hidden), f32(batch, time, hidden), u32(vocab + 1 + rows)],
    attrs: { vocab },
    wrt: [],
    values: (input: number, spec: TensorSpec): number[] => {
      if (input === 2) return [...begins, flat.length, ...flat, ...new Array(rows - flat.length).fill(0)];
      const count = spec.shape.reduce((n, d) => n * d, 1);
      return Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * input + i * i));
    },
  };
}
