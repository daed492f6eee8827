/** Singular values at the bonds of a ring, against numpy.linalg.svd of the unfolded product, and against their own making. */
import { describe, expect, it } from "vitest";
import { GOLDEN } from "../../testing/tr-mpo-golden.ts";
import { bondsOf, productValues, symmetricEigen } from "./bonds.ts";

const table = (n: number, m: number, of: (i: number, j: number) => number): number[][] =>
  Array.from({ length: n }, (_, i) => Array.from({ length: m }, (_, j) => of(i, j)));
const times = (a: number[][], b: number[][]): number[][] =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, x, k) => sum + x * b[k]![j]!, 0)));
const turned = (a: number[][]): number[][] => a[0]!.map((_, j) => a.map((row) => row[j]!));

describe("the eigenvalues of a symmetric table", () => {
  it("are those of a known one, and its vectors make it again", () => {
    // 2 − 2 cos(kπ/6), k = 1 … 5, of the second difference.
    const a = table(5, 5, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0));
    const { values, vectors } = symmetricEigen(a);
    const expected = [1, 2, 3, 4, 5].map((k) => 2 - 2 * Math.cos((k * Math.PI) / 6));
    [...values]
      .sort((x, y) => x - y)
      .forEach((value, k) => {
        expect(Math.abs(value - expected[k]!)).toBeLessThan(1e-13);
      });
    const again = times(
      times(
        vectors,
        table(5, 5, (i, j) => (i === j ? values[i]! : 0)),
      ),
      turned(vectors),
    );
    a.flat().forEach((x, k) => {
      expect(Math.abs(again.flat()[k]! - x)).toBeLessThan(1e-13);
    });
  });
});

describe("the values at a bond", () => {
  it("are numpy's, of the cores of transformer-growth §10.1", () => {
    const names = ["S_B", "S_I", "S_O", "S_L"];
    const bonds = bondsOf(
      { source: [2, 2, 2, 2], target: [2, 3, 3, 4], ranks: [2, 1, 2, 1] },
      names,
      (path) => GOLDEN.cores[names.indexOf(path)]!.data,
    );
    expect(bonds.map(({ name, between }) => `${name} ${between}`)).toEqual([
      "R1 S_L,S_B",
      "R2 S_B,S_I",
      "R3 S_I,S_O",
      "R4 S_O,S_L",
    ]);
    const numpy = [
      [22.0656234248528, 7.88087957480555],
      [18.16590212458495],
      [24.09589816916844, 7.57546641607398],
      [52.97169055259612],
    ];
    bonds.forEach(({ values }, k) => {
      expect(values).toHaveLength(numpy[k]!.length);
      // Squares are rounded to 1e-16 of the largest: values to 1e-16 σ₁²/σ, here 1e-14.
      values.forEach((value, i) => {
        expect(Math.abs(value - numpy[k]![i]!)).toBeLessThan(1e-12);
      });
    });
  });

  it("do not change with the basis of the bond", () => {
    // Orthonormal columns and rows around diag(3, .5, 0), with any basis and its inverse in between.
    const angle = (c: number, s: number) => [
      [c, s, 0],
      [-s, c, 0],
      [0, 0, 1],
    ];
    const [left, right] = [angle(0.6, 0.8), angle(5 / 13, 12 / 13)];
    const basis = [
      [1, 20, 3],
      [0, 2, -7],
      [0, 0, 0.1],
    ];
    const inverse = [
      [1, -10, -730],
      [0, 0.5, 35],
      [0, 0, 10],
    ];
    const sizes = [3, 0.5, 0];
    const a = times(left, basis);
    const b = times(
      inverse,
      times(
        table(3, 3, (i, j) => (i === j ? sizes[i]! : 0)),
        right,
      ),
    );
    const values = productValues(times(turned(a), a), times(b, turned(b)));
    // The tables reach 1e6, so that rounding is 1e-10 of squares: 1e-5 of a value that is 0.
    expect(Math.abs(values[0]! - 3)).toBeLessThan(1e-8);
    expect(Math.abs(values[1]! - 0.5)).toBeLessThan(1e-8);
    expect(values[2]).toBeLessThan(1e-4);
  });
});
