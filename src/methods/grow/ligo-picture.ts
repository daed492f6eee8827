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

export function ligoPictures(
  from: Side,
  to: Side,
  { tie }: { readonly tie: string },
): readonly OperatorPart[] {
  const [a, b] = [sizesOf(from.arch), sizesOf(to.arch)];
  const wide = (path: string, ffn = 1) =>
    picture(
      path,
      path.slice(0, 1),
      path,
      [
        [0, ffn * a.width],
        [0, ffn * b.width],
      ],
      [0, 1],
    );
  const projections = ["B_Q", "B_K", "B_V"].map((name, k) =>
    picture(
      "B_QKV",
      "B",
      name,
      [
        [k, k + 1],
        [0, a.width],
        [0, b.width],
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
    ...[wide("B_e"), ...projections, wide("B_f", a.ffn)],
    ...(tie === "split" ? [wide("A_e"), wide("A_V"), wide("A_f", a.ffn)] : []),
    ...blend("w_QKVO", ["W_Q", "W_K", "W_V", "W_O"]),
    ...blend("w_IN_OUT", ["W_IN", "W_OUT"]),
    ...blend(
      "w_e",
      e.map(({ name }) => name),
    ),
    ...blend(
      "w_qkv",
      qkv.flatMap(({ name }) => ["Q", "K", "V"].map((part) => `${name} ${part}`)),
    ),
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
  const trunk = phi("B_e");
  return {
    layers: each(b.layers).map((m) => each(a.layers).map((l) => mean(m, l))),
    groups:
      a.width === b.width
        ? null
        : blockNorms((i, j) => trunk[i * b.width + j]!, [a.width, b.width], headSize(from)),
  };
}
