/** Mango's cores as pictures, and what feeds what by them. */
import type { Feeds } from "../types.ts";
import { blockNorms } from "./feeds.ts";
import type { OperatorPart } from "./operator.ts";
import { picture } from "./operator-parts.ts";
import { each } from "./tools.ts";
import type { TrMpoSizes } from "./tr-mpo.ts";

export const CORES = ["S_B", "S_I", "S_O", "S_L"] as const;

/** A picture for each core and each pair of its bonds. */
export function corePictures({ source, target, ranks }: TrMpoSizes): readonly OperatorPart[] {
  return CORES.flatMap((path, k) => {
    const [left, right] = [ranks[k]!, ranks[(k + 1) % 4]!];
    return each(left * right).map((slot) => {
      const [a, b] = [Math.floor(slot / right), slot % right];
      const name = left * right === 1 ? path : `${path} at bonds ${a + 1}, ${b + 1}`;
      const slice = [
        [a, a + 1],
        [0, source[k]!],
        [0, target[k]!],
        [b, b + 1],
      ] as const;
      return picture(path, path, name, slice, [1, 2]);
    });
  });
}

/** By sizes over all slots of the ring: S_L between layers, blocks of S_O between groups of channels. */
export function coreFeeds(
  { source, target, ranks }: TrMpoSizes,
  head: number,
  phi: (path: string) => Float32Array,
): Feeds {
  const sizeAt = (k: number, i: number, j: number) => {
    const [core, right] = [phi(CORES[k]!), ranks[(k + 1) % 4]!];
    const at = (a: number, b: number) => core[((a * source[k]! + i) * target[k]! + j) * right + b]!;
    return Math.hypot(...each(ranks[k]!).flatMap((a) => each(right).map((b) => at(a, b))));
  };
  const wider = source[2] !== target[2];
  return {
    layers: each(target[3]).map((m) => each(source[3]).map((l) => sizeAt(3, l, m))),
    groups: wider ? blockNorms((i, j) => sizeAt(2, i, j), [source[2], target[2]], head) : null,
  };
}
