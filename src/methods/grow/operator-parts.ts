/** What trained operators are built from: selections to start with, products, and where rows outside the layers lie. */
import { matmul } from "../../engine/ops/matmul.ts";
import type { Tensor, Trace } from "../../engine/types.ts";
import type { Side } from "../types.ts";
import type { OperatorPart, Place } from "./operator.ts";
import { packing } from "./packing.ts";
import { each } from "./tools.ts";

/** [n1, n2], 0 but for `value(i)` where i = g(j). */
export function selection(
  t: Trace,
  from: number,
  of: readonly number[],
  value: (i: number) => number = () => 1,
): Tensor {
  const data = new Float32Array(from * of.length);
  of.forEach((i, j) => {
    data[i * of.length + j] = value(i);
  });
  return t.constant({ shape: [from, of.length], dtype: "f32" }, data);
}

/** w [kinds, L2, L1] of the rows [L2][L1] of each kind. */
export function layerBlend(
  t: Trace,
  kinds: number,
  rows: (kind: number) => readonly (readonly number[])[],
): Tensor {
  const all = each(kinds).map(rows);
  const shape = [kinds, all[0]!.length, all[0]![0]!.length];
  return t.constant({ shape, dtype: "f32" }, Float32Array.from(all.flat(2)));
}

/** Rows [L2][L1] that choose one source layer each. */
export const choosing = (sources: readonly number[], layers: number): number[][] =>
  sources.map((source) => each(layers).map((l) => Number(l === source)));

/** a b, of matrices or of batches of them; `ta`: aᵀ b. */
export const product = (t: Trace, a: Tensor, b: Tensor, ta = false): Tensor =>
  t.call(matmul, [a, b], { ta, tb: false, bias: false, residual: false, activation: "none" })[0]!;

/** Tables and norms outside the layers, as rows of D from row 0 of tensor `source`; and how many rows they are. */
export function outerPlaces(
  to: Side,
  source: Place["source"],
): { readonly places: Map<string, Place>; readonly count: number } {
  const { rows, sizes } = packing(to);
  const d = sizes.width;
  const places = new Map<string, Place>();
  let row = 0;
  for (const { spec, count, turned } of rows) {
    const base = row * d;
    places.set(
      spec.path,
      turned
        ? { source, base, dims: [1, 1, d, count], strides: [0, 0, 1, d] }
        : { source, base, dims: [1, 1, count, d], strides: [0, 0, d, 1] },
    );
    row += count;
  }
  return { places, count: row };
}

/** `count` rows of D in one piece. */
export const rowsAt = (source: Place["source"], base: number, count: number, d: number): Place => ({
  source,
  base,
  dims: [1, 1, count, d],
  strides: [0, 0, d, 1],
});

/** A matrix of φ as a picture; `slice` fixes the axes that are neither rows nor columns. */
export const picture = (
  path: string,
  post: string,
  name: string,
  slice: OperatorPart["slice"],
  [row, column]: readonly [number, number],
): OperatorPart => ({
  ...{ kind: "weight", id: `${path} ${name}`, name, post, strips: [], path, slice },
  ...{ rows: [row], cols: [column] },
});
