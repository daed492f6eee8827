/** LiGO's matrices and blends as pictures, and what feeds what by them. */
import type { Feeds, Side } from "../types.ts";
import { blockNorms, headSize } from "./feeds.ts";
import type { OperatorPart } from "./operator.ts";
import { picture } from "./operator-parts.ts";
import { packing } from "./packing.ts";
import { each } from "./tools.ts";
import { sizesOf } from "./wider.ts";

/** Vectors of a layer by the map that widens them. */
export function vectorsOf(side: Side) {
  const on = (axis: string) => packing(side).vectors.filter((vector) => vector.axis === axis);
  return { e: on("width"), qkv: on("qkv"), f: on("hidden") };
}

/** Matrices of one φ, in this order. D: between channels of the trunk and of heads; F: between hidden units. */
const MAPS = {
  D: ["B_Q", "B_K", "B_V", "B_e", "A_e", "A_V"],
  F: ["B_f", "A_f"],
} as const;
export type MapsOf = keyof typeof MAPS;

/** Under the paper's tie what reads is what makes: then there are no A's. */
export const mapsIn = (of: MapsOf, tie: string): readonly string[] =>
  MAPS[of].filter((name) => tie === "split" || !name.startsWith("A"));

export function ligoPictures(
  from: Side,
  to: Side,
  { tie }: { readonly tie: string },
): readonly OperatorPart[] {
  const [a, b] = [sizesOf(from.arch), sizesOf(to.arch)];
  const maps = (of: MapsOf, n1: number, n2: number) =>
    mapsIn(of, tie).map((name, k) =>
      picture(
        of,
        name.slice(0, 1),
        name,
        [
          [k, k + 1],
          [0, n1],
          [0, n2],
        ],
        [1, 2],
      ),
    );
  const blend = (path: string, of: readonly string[]) =>
    of.map((name, k) =>
      picture(
        path,
        "w",
        `w of ${name}`,
        [
          [k, k + 1],
          [0, b.layers],
          [0, a.layers],
        ],
        [1, 2],
      ),
    );
  const { e, qkv, f } = vectorsOf(from);
  return [
    ...[...maps("D", a.width, b.width), ...maps("F", a.ffn * a.width, b.ffn * b.width)].sort(
      (one, other) => Number(one.post === "A") - Number(other.post === "A"),
    ),
    ...blend("w_QKVO", ["W_Q", "W_K", "W_V", "W_O"]),
    ...blend("w_IN_OUT", ["W_IN", "W_OUT"]),
    ...blend("w_vectors", [
      ...e.map(({ name }) => name),
      ...qkv.flatMap(({ name }) => ["Q", "K", "V"].map((part) => `${name} ${part}`)),
    ]),
    ...blend(
      "w_f",
      f.map(({ name }) => name),
    ),
  ];
}

/** The mean size of w over the six matrices, and blocks of B_e. */
export function ligoFeeds(from: Side, to: Side, _c: unknown, phi: (path: string) => Float32Array): Feeds {
  const [a, b] = [sizesOf(from.arch), sizesOf(to.arch)];
  const blends = [...phi("w_QKVO"), ...phi("w_IN_OUT")];
  const mean = (m: number, l: number) =>
    each(6).reduce((sum, k) => sum + Math.abs(blends[(k * b.layers + m) * a.layers + l]!), 0) / 6;
  const at = mapsIn("D", "split").indexOf("B_e") * a.width * b.width;
  const trunk = phi("D").subarray(at, at + a.width * b.width);
  return {
    layers: each(b.layers).map((m) => each(a.layers).map((l) => mean(m, l))),
    groups:
      a.width === b.width
        ? null
        : blockNorms((i, j) => trunk[i * b.width + j]!, [a.width, b.width], headSize(from)),
  };
}
