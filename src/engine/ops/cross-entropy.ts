/**
 * Softmax and cross-entropy in one, in nats, a loss for every row: later methods choose examples by it. The gradient
 * needs no sum over a row: from loss = logsumexp(z) − z_target follows p = exp(z − z_target − loss).
 */
import { sizeOf } from "../layout.ts";
import type { OpDef, TensorSpec } from "../types.ts";
import { elementGrid, foldGrid } from "./grid.ts";
import { filled } from "./strided.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const u32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "u32" });

export const IGNORED = 0xffffffff;

/** Up to this many columns one invocation makes a row; a workgroup with its barriers would cost more. */
const NARROW = 256;

function rowsAndColumns(op: string, logits: TensorSpec, targets: TensorSpec) {
  const [rows, columns] = logits.shape;
  if (logits.dtype !== "f32" || logits.shape.length !== 2) {
    throw new Error(`${op}: logits must be f32 [rows, columns], not ${logits.dtype} [${logits.shape}]`);
  }
  if (targets.dtype !== "u32" || sizeOf(targets.shape) !== rows) {
    throw new Error(`${op}: ${rows} rows need as many u32 targets, not ${targets.dtype} [${targets.shape}]`);
  }
  return { rows: rows!, columns: columns! };
}

/** How the rows are shared out: `narrow`, an invocation makes one, else a workgroup does. */
export function crossEntropyGrid(logits: TensorSpec, targets: TensorSpec) {
  const sizes = rowsAndColumns("cross-entropy", logits, targets);
  const narrow = sizes.columns <= NARROW;
  return { sizes, narrow, grid: narrow ? elementGrid(sizes.rows, 64) : foldGrid(sizes.rows) };
}

function logSumExp(row: Float64Array): number {
  const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return largest + Math.log(row.reduce((sum, z) => sum + Math.exp(z - largest), 0));
}

/** Inputs logits [N, V] and N targets (u32, of any shape); gives losses [N]: 0 where the target is none of the V. */
export const crossEntropy: OpDef = {
  name: "cross-entropy",
  infer: ([logits, targets]) => [f32(rowsAndColumns("cross-entropy", logits!, targets!).rows)],
  lower([logits, targets], [losses]) {
    const { sizes, narrow, grid } = crossEntropyGrid(logits!, targets!);
    return [
      {
        shader: "cross-entropy",
        entry: narrow ? "forward_narrow" : "forward_wide",
        sizes,
        bind: { logits: logits!, targets: targets!, losses: losses! },
        grid,
      },
    ];
  },
  vjp: (t, { inputs: [logits, targets], outputs: [losses] }, [dLosses]) => [
    dLosses ? t.call(crossEntropyGrad, [logits!, targets!, losses!, dLosses], {})[0]! : null,
    null,
  ],
  reference([logits, targets]) {
    const { rows, columns } = rowsAndColumns("cross-entropy", logits!, targets!);
    const losses = filled([rows], "f32");
    for (let r = 0; r < rows; r++) {
      const row = logits!.data.subarray(r * columns, (r + 1) * columns);
      const goal = targets!.data[r]!;
      if (goal < columns) losses.data[r] = logSumExp(row) - row[goal]!;
    }
    return [losses];
  },
  samples: [
    { inputs: [f32(9, 5), u32(9)], attrs: {}, values: sampleValues, wrt: [0] },
    { inputs: [f32(130, 67), u32(10, 13)], attrs: {}, values: sampleValues, wrt: [], bench: true },
    { inputs: [f32(3, 301), u32(3)], attrs: {}, values: sampleValues, wrt: [0] },
    { inputs: [f32(2, 1), u32(2)], attrs: {}, values: sampleValues, wrt: [0] },
    // Far out: exp of any of these alone would be inf or 0.
    { inputs: [f32(2, 4), u32(2)], attrs: {}, values: far, wrt: [] },
    // In two workgroups.
    { inputs: [f32(66, 5), u32(66)], attrs: {}, values: sampleValues, wrt: [] },
  ],
};

/** Inputs logits, targets, losses and dLosses [N]; gives dLogits [N, V]. */
export const crossEntropyGrad: OpDef = {
  name: "cross-entropy-grad",
  infer([logits, targets, losses, dLosses]) {
    const { rows } = rowsAndColumns("cross-entropy-grad", logits!, targets!);
    for (const { shape } of [losses!, dLosses!]) {
      if (sizeOf(shape) !== rows) throw new Error(`cross-entropy-grad: ${rows} rows and [${shape}] losses`);
    }
    return [f32(...logits!.shape)];
  },
  lower([logits, targets, known, dlosses], [dlogits]) {
    return [
      {
        shader: "cross-entropy",
        entry: "backward",
        sizes: rowsAndColumns("cross-entropy-grad", logits!, targets!),
        bind: { logits: logits!, targets: targets!, known: known!, dlosses: dlosses!, dlogits: dlogits! },
        grid: elementGrid(sizeOf(logits!.shape)),
      },
    ];
  },
  reference([logits, targets, losses, dLosses]) {
    const { rows, columns } = rowsAndColumns("cross-entropy-grad", logits!, targets!);
    const dLogits = filled(logits!.shape, "f32");
    for (let r = 0; r < rows; r++) {
      const goal = targets!.data[r]!;
      if (goal >= columns) continue;
      const top = losses!.data[r]! + logits!.data[r * columns + goal]!;
      for (let c = 0; c < columns; c++) {
        const p = Math.exp(logits!.data[r * columns + c]! - top);
        dLogits.data[r * columns + c] = dLosses!.data[r]! * (p - (c === goal ? 1 : 0));
      }
    }
    return [dLogits];
  },
  samples: [
    { inputs: [f32(9, 5), u32(9), f32(9), f32(9)], attrs: {}, values: gradValues(5) },
    { inputs: [f32(33, 67), u32(3, 11), f32(33), f32(33)], attrs: {}, values: gradValues(67), bench: true },
    { inputs: [f32(60, 5), u32(60), f32(60), f32(60)], attrs: {}, values: gradValues(5) },
  ],
};

const wave = (n: number): number[] => Array.from({ length: n }, (_, i) => 3 * Math.sin(1.7 * i + 1));

/** Input 1: targets, one of them ignored. The width is not known here; small ids fit any. */
function sampleValues(input: number, { shape }: TensorSpec): number[] {
  if (input === 0) return wave(sizeOf(shape));
  return Array.from({ length: sizeOf(shape) }, (_, i) => (i === 1 ? IGNORED : i === 2 ? 1000 : (i * 3) % 5));
}

function far(input: number): number[] {
  return input === 1 ? [0, 2] : [-200, 100, 90, 99, 1e4, 0, 1e4, -1e4];
}

/** Losses that belong to the logits, as the forward op would give them. */
function gradValues(columns: number) {
  return (input: number, spec: TensorSpec): number[] => {
    const rows = sizeOf(spec.shape);
    if (input < 2) return sampleValues(input, spec);
    if (input === 3) return wave(rows);
    const logits = { ...f32(rows, columns), data: Float64Array.from(wave(rows * columns)) };
    const targets = { ...u32(rows), data: Float64Array.from(sampleValues(1, spec)) };
    return [...crossEntropy.reference([logits, targets], {})[0]!.data];
  };
}
