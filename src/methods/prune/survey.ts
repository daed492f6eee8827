/**
 * What a pruning must know of the weights before it can say how many go: counts by kind and the spread of each group,
 * computed where the weights lie and read as a few numbers a parameter.
 */
import { arenaLayout } from "../../engine/layout.ts";
import { slice } from "../../engine/ops/layout.ts";
import { COUNTED, type Counted, maskCount } from "../../engine/ops/mask-count.ts";
import { maskMoments } from "../../engine/ops/mask-moments.ts";
import { type MaskRange, maskTiles, type Tiles } from "../../engine/ops/mask-tiles.ts";
import { reshape } from "../../engine/ops/reshape.ts";
import type { ParamSpec, Tensor, Trace } from "../../engine/types.ts";
import { isConnection, type Region, regionsOf, stretchesOf } from "../target.ts";
import type { Side, StructureAt, StructureState } from "../types.ts";

/** The entries a pruning ranks. */
export interface Scope {
  /** Each parameter that it may touch, in order of the arena. */
  readonly specs: readonly ParamSpec[];
  /** Each parameter's entries a group of their own, numbered as `specs`. */
  readonly apart: Tiles;
  /** All entries one group. */
  readonly together: Tiles;
  /** The parameters whole, each a group. */
  readonly whole: Tiles;
}

/** Entries of connections that `target` covers; or the clause why there are none. */
export function scopeOf(at: Pick<StructureAt, "model" | "from">, target: string): Scope | string {
  const regions = regionsOf(at.model, at.from, target);
  if (typeof regions === "string") return regions;
  const able = regions.filter(({ spec }) => isConnection(spec));
  if (able.length === 0) return "biases, gains of norms and lookup tables are never pruned";
  const specs = at.from.specs.filter((spec) => able.some((region) => region.spec === spec));
  const pieces = specs.map((spec) => rangesOf(at.from, spec, able));
  const grouped = (group: (k: number) => number): Tiles =>
    maskTiles(pieces.flatMap((ranges, k) => ranges.map((range) => ({ ...range, group: group(k) }))));
  const { entries } = arenaLayout(at.from.specs);
  return {
    specs,
    apart: grouped((k) => k),
    together: grouped(() => 0),
    whole: maskTiles(
      specs.map(({ path }, group) => {
        const { offset, count } = entries.get(path)!;
        return { offset, count, group };
      }),
    ),
  };
}

/** Stretches of the arena, disjoint, though parts of a drawing may show an entry twice. */
function rangesOf({ specs }: Side, spec: ParamSpec, regions: readonly Region[]): Omit<MaskRange, "group">[] {
  const { offset } = arenaLayout(specs).entries.get(spec.path)!;
  const stretches = regions
    .filter((region) => region.spec === spec)
    .flatMap(stretchesOf)
    .sort(([a], [b]) => a - b);
  const merged: [number, number][] = [];
  for (const [from, to] of stretches) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged.map(([from, to]) => ({ offset: offset + from, count: to - from }));
}

export type Counts = Readonly<Record<Counted, number>>;

/** Rows of a mask-count, by name. */
export const countsOf = (data: ArrayLike<number>): readonly Counts[] =>
  Array.from({ length: data.length / COUNTED.length }, (_, g) => {
    const row = COUNTED.map((kind, k) => [kind, data[g * COUNTED.length + k]!] as const);
    return Object.fromEntries(row) as Record<Counted, number>;
  });

export const tilesIn = (t: Trace, { spec, table }: Tiles): Tensor => t.constant(spec, table);

/** One parameter out of a flat arena, in its shape. */
export function partOf(t: Trace, { specs }: Side, arena: Tensor, { path, shape }: ParamSpec): Tensor {
  const { offset, count } = arenaLayout(specs).entries.get(path)!;
  const [mine] = t.call(slice, [arena], { starts: [offset], sizes: [count] });
  return t.call(reshape, [mine!], { shape })[0]!;
}

/** Counts of each group; `limits` on |score| for `below`, 0 where none is given. */
export function countIn(
  t: Trace,
  score: Tensor,
  age: Tensor,
  tiles: Tiles,
  grace: number,
  limits: readonly number[] = [],
): Tensor {
  const { groups } = tiles.attrs;
  const values = Array.from({ length: groups }, (_, g) => limits[g] ?? 0);
  const inputs = [score, age, tilesIn(t, tiles), t.constant({ shape: [groups], dtype: "f32" }, values)];
  return t.call(maskCount, inputs, { ...tiles.attrs, grace })[0]!;
}

/** σ and the largest |w| of each group, over its active entries. */
export async function spreads(
  at: StructureAt,
  tiles: Tiles,
  scores: (t: Trace, old: StructureState) => Tensor,
): Promise<readonly { readonly deviation: number; readonly largest: number }[]> {
  const { moments } = await at.look((t, old) => ({
    moments: t.call(maskMoments, [scores(t, old), old.flat.age, tilesIn(t, tiles)], tiles.attrs)[0]!,
  }));
  return Array.from({ length: tiles.attrs.groups }, (_, g) => ({
    deviation: moments[4 * g + 2]!,
    largest: moments[4 * g + 3]!,
  }));
}
