/** Softmax over the last axis, the row's maximum subtracted first, and its gradient made from the result alone. */
import { sizeOf } from "../layout.ts";
import type { NdArray, OpDef, TensorSpec } from "../types.ts";
import { foldGrid } from "./grid.ts";
import { filled } from "./strided.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });

function rowsAndColumns(op: string, { shape, dtype }: TensorSpec): { rows: number; columns: number } {
  if (dtype !== "f32" || shape.length === 0) throw new Error(`${op}: needs f32 with at least one axis`);
  const columns = shape.at(-1)!;
  return { rows: sizeOf(shape) / columns, columns };
}

export const softmax: OpDef = {
  name: "softmax",
  infer([x]) {
    rowsAndColumns("softmax", x!);
    return [f32(...x!.shape)];
  },
  lower([x], [y]) {
    const sizes = rowsAndColumns("softmax", x!);
    return [
      { shader: "softmax", entry: "forward", sizes, bind: { x: x!, y: y! }, grid: foldGrid(sizes.rows) },
    ];
  },
  vjp: (t, { outputs: [y] }, [dy]) => (dy ? t.call(softmaxBackward, [y!, dy], {}) : [null]),
  reference([x]) {
    const { rows, columns } = rowsAndColumns("softmax", x!);
    const y = filled(x!.shape, "f32");
    for (let r = 0; r < rows; r++) {
      const row = x!.data.subarray(r * columns, (r + 1) * columns);
      const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
      const total = row.reduce((sum, v) => sum + Math.exp(v - largest), 0);
      row.forEach((v, c) => {
        y.data[r * columns + c] = Math.exp(v - largest) / total;
      });
    }
    return [y];
  },
  samples: [
    { inputs: [f32(5, 7)], attrs: {} },
    { inputs: [f32(2, 3, 130)], attrs: {}, bench: true },
    { inputs: [f32(1)], attrs: {} },
    { inputs: [f32(2, 3)], attrs: {}, values: () => [1e30, -1e30, 0, 88, 89, 90], wrt: [] },
  ],
};

/** Inputs p (the result of softmax) and dy. */
export const softmaxBackward: OpDef = {
  name: "softmax-backward",
  infer([p, dy]) {
    rowsAndColumns("softmax-backward", p!);
    if (sizeOf(p!.shape) !== sizeOf(dy!.shape)) {
      throw new Error(`softmax-backward: p is [${p!.shape}] and dy [${dy!.shape}]`);
    }
    return [f32(...p!.shape)];
  },
  lower([p, dy], [dx]) {
    const sizes = rowsAndColumns("softmax-backward", p!);
    const bind = { p: p!, dy: dy!, dx: dx! };
    return [{ shader: "softmax", entry: "backward", sizes, bind, grid: foldGrid(sizes.rows) }];
  },
  reference([p, dy]): readonly NdArray[] {
    const { rows, columns } = rowsAndColumns("softmax-backward", p!);
    const dx = filled(p!.shape, "f32");
    for (let r = 0; r < rows; r++) {
      let total = 0;
      for (let i = r * columns; i < (r + 1) * columns; i++) total += p!.data[i]! * dy!.data[i]!;
      for (let i = r * columns; i < (r + 1) * columns; i++) dx.data[i] = p!.data[i]! * (dy!.data[i]! - total);
    }
    return [dx];
  },
  samples: [{ inputs: [f32(3, 70), f32(3, 70)], attrs: {} }],
};
