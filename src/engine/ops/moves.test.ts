/** What the ops that move elements mean, by values written out; the kernels are held to the references elsewhere. */
import { describe, expect, it } from "vitest";
import type { NdArray, OpDef } from "../types.ts";
import { elementGrid, foldGrid } from "./grid.ts";
import { concat, pad, permute, slice } from "./layout.ts";
import { expand } from "./reduce.ts";
import { stridedCopy } from "./strided.ts";
import { take, takeBackward } from "./take.ts";

const array = (
  shape: readonly number[],
  data: readonly number[],
  dtype: NdArray["dtype"] = "f32",
): NdArray => ({
  shape,
  dtype,
  data: Float64Array.from(data),
});
/** 0, 1, 2 … */
const iota = (...shape: number[]): NdArray =>
  array(
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
  );

/** The result as [shape, values], its shape checked against `infer`. */
function run<A extends object>(op: OpDef<A>, inputs: readonly NdArray[], attrs: A) {
  const [y] = op.reference(inputs, attrs);
  const [spec] = op.infer(inputs, attrs);
  expect({ shape: y!.shape, dtype: y!.dtype }).toEqual(spec);
  return [[...y!.shape], [...y!.data]];
}

describe("references", () => {
  it("slice", () => {
    expect(run(slice, [iota(3, 4)], { starts: [1, 1], sizes: [2, 2] })).toEqual([
      [2, 2],
      [5, 6, 9, 10],
    ]);
    expect(() => slice.infer([iota(3, 4)], { starts: [2, 0], sizes: [2, 4] })).toThrow("leaves axis 0");
  });

  it("pad", () => {
    const padded = run(pad, [iota(1, 2)], { before: [1, 0], after: [0, 2], value: 7 });
    expect(padded).toEqual([
      [2, 4],
      [7, 7, 7, 7, 0, 1, 7, 7],
    ]);
  });

  it("concat", () => {
    expect(run(concat, [iota(2, 2), array([2, 1], [8, 9])], { axis: 1 })).toEqual([
      [2, 3],
      [0, 1, 8, 2, 3, 9],
    ]);
    expect(() => concat.infer([iota(2, 2), iota(3, 1)], { axis: 1 })).toThrow("does not fit");
  });

  it("permute", () => {
    expect(run(permute, [iota(2, 3)], { axes: [1, 0] })).toEqual([
      [3, 2],
      [0, 3, 1, 4, 2, 5],
    ]);
    expect(run(permute, [iota(1, 2, 3)], { axes: [2, 0, 1] })).toEqual([
      [3, 1, 2],
      [0, 3, 1, 4, 2, 5],
    ]);
    expect(() => permute.infer([iota(2, 3)], { axes: [0, 0] })).toThrow("not an order");
  });

  it("expand", () => {
    expect(run(expand, [iota(2, 1)], { shape: [2, 2] })).toEqual([
      [2, 2],
      [0, 0, 1, 1],
    ]);
    expect(run(expand, [iota(2)], { shape: [2, 2], scale: 3 })).toEqual([
      [2, 2],
      [0, 3, 0, 3],
    ]);
    expect(() => expand.infer([iota(3)], { shape: [2, 2] })).toThrow("cannot be repeated");
  });

  it("take and its gradient; an index past the axis is no source", () => {
    const index = array([3], [1, 1, 5], "u32");
    expect(run(take, [iota(2, 2), index], { axis: 1 })).toEqual([
      [2, 3],
      [1, 1, 0, 3, 3, 0],
    ]);
    expect(run(take, [iota(2, 2), index], { axis: 0 })).toEqual([
      [3, 2],
      [2, 3, 2, 3, 0, 0],
    ]);
    expect(run(takeBackward, [iota(2, 3), index], { axis: 1, length: 2 })).toEqual([
      [2, 2],
      [0, 1, 0, 7],
    ]);
  });
});

describe("what the kernel is told", () => {
  const tensor = (...shape: number[]) => ({ id: 0, shape, dtype: "f32" as const });

  it("neighbouring axes that lie together are one", () => {
    // A slice of whole rows is one run; a slice of columns is two axes.
    const rows = slice.lower(
      [tensor(4, 5, 6)],
      [tensor(2, 5, 6)],
      { starts: [1, 0, 0], sizes: [2, 5, 6] },
      () => tensor(1),
    );
    expect(rows[0]!.sizes).toMatchObject({ rank: 1, count: 60, src_base: 30, d5: 60, s5: 1, t5: 1 });
    const columns = slice.lower(
      [tensor(4, 5, 6)],
      [tensor(4, 5, 2)],
      { starts: [0, 0, 3], sizes: [4, 5, 2] },
      () => tensor(1),
    );
    expect(columns[0]!.sizes).toMatchObject({ rank: 2, count: 40, src_base: 3, d4: 20, s4: 6, d5: 2 });
  });

  it("more than six separate axes are refused", () => {
    const dims = [2, 2, 2, 2, 2, 2, 2];
    const from = [1, 2, 4, 8, 16, 32, 64];
    const walk = { dims, from, to: [...from].reverse() };
    expect(() => stridedCopy(tensor(128), tensor(128), walk)).toThrow("7 separate axes");
  });

  it("grids stay under 65536 a dimension and cover every workgroup", () => {
    for (const groups of [1, 65_535, 65_536, 1_000_001, 40_000_000]) {
      const [x, y, z] = foldGrid(groups);
      expect(Math.max(x, y)).toBeLessThanOrEqual(65_535);
      expect(x * y * z).toBeGreaterThanOrEqual(groups);
    }
    expect([0, 1, 256, 257].map((count) => elementGrid(count)[0])).toEqual([1, 1, 1, 2]);
    expect([64, 65].map((count) => elementGrid(count, 64)[0])).toEqual([1, 2]);
  });
});
