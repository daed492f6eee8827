/** The share of rows whose largest logit is the target's: what a classifier is judged by. 0 when no row has a target. */
import { sizeOf } from "../layout.ts";
import type { OpDef, TensorSpec } from "../types.ts";
import { IGNORED } from "./cross-entropy.ts";
import { filled } from "./strided.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const u32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "u32" });

/** Inputs logits [N, V] and N targets u32 (0xffffffff: not asked); gives [1]. Of equal largest logits the first counts. */
export const accuracy: OpDef = {
  name: "accuracy",
  infer([logits, targets]) {
    const [rows] = logits!.shape;
    if (logits!.shape.length !== 2 || targets!.dtype !== "u32" || sizeOf(targets!.shape) !== rows) {
      throw new Error(`accuracy: logits are [${logits!.shape}] and targets [${targets!.shape}]`);
    }
    return [f32(1)];
  },
  lower([logits, targets], [share]) {
    const [rows, columns] = logits!.shape as [number, number];
    return [
      {
        shader: "accuracy",
        entry: "forward",
        sizes: { rows, columns },
        bind: { logits: logits!, targets: targets!, share: share! },
        grid: [1, 1, 1],
      },
    ];
  },
  reference([logits, targets]) {
    const [rows, columns] = logits!.shape as [number, number];
    let asked = 0;
    let right = 0;
    for (let r = 0; r < rows; r++) {
      const goal = targets!.data[r]!;
      if (goal === IGNORED) continue;
      asked++;
      const row = logits!.data.subarray(r * columns, (r + 1) * columns);
      if (goal < columns && row.every((v, c) => v < row[goal]! || (c >= goal && v === row[goal]!))) right++;
    }
    return [filled([1], "f32", right / Math.max(1, asked))];
  },
  samples: [
    { inputs: [f32(9, 4), u32(9)], attrs: {}, values },
    { inputs: [f32(700, 10), u32(700)], attrs: {}, values, bench: true },
    // Ties: the first of the largest; a target that is no column; a NaN; no target at all.
    {
      inputs: [f32(5, 3), u32(5)],
      attrs: {},
      values: (i) =>
        i === 0 ? [1, 1, 0, 1, 1, 0, 2, 1, 0, Number.NaN, 0, 1, 0, 0, 1] : [0, 1, 3, 2, IGNORED],
    },
    { inputs: [f32(1, 2), u32(1)], attrs: {}, values: (i) => (i === 0 ? [1, 2] : [IGNORED]) },
  ],
};

function values(input: number, { shape }: TensorSpec): number[] {
  return Array.from({ length: sizeOf(shape) }, (_, i) =>
    input === 0 ? Math.sin(1.7 * i + 1) : i % 4 === 3 ? IGNORED : (i * 3) % 4,
  );
}
