/**
 * Which ranks of Mango's ring are in use (transformer-growth §8). Bond k lies between core k − 1 and core k. Unfolded along
 * it the two are A [rest, R] and B [R, rest]; the singular values of A·B, R of them, say how much passes through each of its
 * channels. Of one core alone they would change with the basis of the bond, which nothing fixes; of the product they do not.
 *
 * Only R × R tables are decomposed: σ² are the eigenvalues of G^½ H G^½ with G = AᵀA and H = BBᵀ, by cyclic Jacobi rotations in
 * float64, where a value below 1e-8 of the first is rounding. The cores are f32: nothing of theirs is lost by it.
 */
import type { Bond } from "../types.ts";
import { each } from "./tools.ts";
import type { TrMpoSizes } from "./tr-mpo.ts";

type Table = number[][];

const product = (a: Table, b: Table): Table =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, x, k) => sum + x * b[k]![j]!, 0)));

const SWEEPS = 30;

/** Eigenvalues of a symmetric table, and its eigenvectors as columns. */
export function symmetricEigen(given: Table): {
  readonly values: readonly number[];
  readonly vectors: Table;
} {
  const n = given.length;
  const a = given.map((row) => [...row]);
  const v: Table = each(n).map((i) => each(n).map((j) => Number(i === j)));
  const size = Math.hypot(...a.flat());
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const off = Math.hypot(...a.flatMap((row, i) => row.filter((_, j) => j !== i)));
    if (!(off > 1e-15 * size)) break;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (a[p]![q] === 0) continue;
        const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1);
        const s = t * c;
        const turn = (one: number, other: number): [number, number] => [
          c * one - s * other,
          s * one + c * other,
        ];
        for (const row of [...a, ...v]) [row[p], row[q]] = turn(row[p]!, row[q]!);
        for (let k = 0; k < n; k++) [a[p]![k], a[q]![k]] = turn(a[p]![k]!, a[q]![k]!);
      }
    }
  }
  return { values: a.map((row, i) => row[i]!), vectors: v };
}

/** Singular values of A·B, largest first, from AᵀA and BBᵀ. */
export function productValues(g: Table, h: Table): readonly number[] {
  const { values, vectors } = symmetricEigen(g);
  const scaled = vectors.map((row) => row.map((x, j) => x * Math.sqrt(Math.max(0, values[j]!))));
  const root = product(scaled, transposed(vectors));
  return symmetricEigen(product(product(root, h), root))
    .values.map((value) => Math.sqrt(Math.max(0, value)))
    .sort((a, b) => b - a);
}

const transposed = (a: Table): Table => a[0]!.map((_, j) => a.map((row) => row[j]!));

/** Of a core [left, middle, right] the products of its slots at one end with each other, summed over all else. */
function gram(core: ArrayLike<number>, [left, middle, right]: readonly number[], end: 0 | 2): Table {
  const n = end === 0 ? left! : right!;
  const table = each(n).map(() => each(n).map(() => 0));
  const at = (a: number, m: number, b: number): number => core[(a * middle! + m) * right! + b]!;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let m = 0; m < middle!; m++) {
        for (let k = 0; k < (end === 0 ? right! : left!); k++) {
          sum += end === 0 ? at(i, m, k) * at(j, m, k) : at(k, m, i) * at(k, m, j);
        }
      }
      table[i]![j] = sum;
      table[j]![i] = sum;
    }
  }
  return table;
}

/** The four bonds R1 to R4 of cores [R, source, target, R'] in the ring's order. */
export function bondsOf(
  { source, target, ranks }: TrMpoSizes,
  names: readonly string[],
  phi: (path: string) => ArrayLike<number>,
): readonly Bond[] {
  const shape = (k: number) => [ranks[k]!, source[k]! * target[k]!, ranks[(k + 1) % 4]!];
  return each(4).map((k) => {
    const before = (k + 3) % 4;
    const g = gram(phi(names[before]!), shape(before), 2);
    const h = gram(phi(names[k]!), shape(k), 0);
    return {
      name: `R${k + 1}`,
      between: [names[before]!, names[k]!],
      values: productValues(g, h),
    };
  });
}
