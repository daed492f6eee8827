/** What feeds what in a growth: shares of layers and of groups of channels, from the maps themselves. */
import type { Feeds, Side } from "../types.ts";
import { depthOf } from "./depth.ts";
import { each } from "./tools.ts";
import type { UnitMap } from "./width.ts";

/** Layers by a list of sources; null: made anew, from nothing. */
export const layerFeeds = (sources: readonly (number | null)[], layers: number): number[][] =>
  sources.map((source) => each(layers).map((l) => Number(l === source)));

/** Share of each old group in each new one. A channel that carries the mean is of all groups alike. */
export function groupFeeds({ from, of }: UnitMap, size: number): number[][] {
  const groups = from / size;
  const rows = each(of.length / size).map(() => new Array<number>(groups).fill(0));
  for (const [j, i] of of.entries()) {
    const row = rows[Math.floor(j / size)]!;
    if (i === null) for (const g of each(groups)) row[g]! += 1 / (groups * size);
    else row[Math.floor(i / size)]! += 1 / size;
  }
  return rows;
}

/** Size of each block of `size` × `size` of a matrix [n1, n2], as [n2 / size][n1 / size]. */
export function blockNorms(
  at: (row: number, column: number) => number,
  [n1, n2]: readonly [number, number],
  size: number,
): number[][] {
  return each(n2 / size).map((b) =>
    each(n1 / size).map((a) => {
      let sum = 0;
      for (let i = 0; i < size; i++)
        for (let j = 0; j < size; j++) sum += at(a * size + i, b * size + j) ** 2;
      return Math.sqrt(sum);
    }),
  );
}

export function headSize({ arch }: Side): number {
  const { width, heads } = arch as unknown as { readonly width: number; readonly heads: number };
  return width / heads;
}
export const layersOf = ({ arch }: Side): number => depthOf(arch).layers;

/** Layers copied by a list, the width as it was. */
export const deeperFeeds = (from: Side, sources: readonly (number | null)[]): Feeds => ({
  layers: layerFeeds(sources, layersOf(from)),
  groups: null,
});
