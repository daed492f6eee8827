/**
 * What the ops of grow-and-prune share: the meaning of an age (grow-prune §1.1) and how an arena is handed out to them. A
 * tile is a stretch of one parameter that belongs to one group; one workgroup takes it. Entries of a group are ranked
 * together: one parameter a group, or several ("global"). So any number of parameters costs the same few dispatches,
 * and the gaps between slices of an arena are never looked at.
 */
import { sizeOf } from "../layout.ts";
import type { NdArray, TensorSpec } from "../types.ts";

/** Bit 31 of an age: receives no updates. */
export const FROZEN = 0x80000000;
/** An age of bit 31 alone: the entry does not exist (the upper blocks of a cascade) and can never be woken. */
export const FORBIDDEN = 0x80000000;

/** Active: takes part in the forward pass. */
export const isActive = (age: number): boolean => age % FROZEN !== 0;
/** Dormant and able to wake. */
export const isDormant = (age: number): boolean => age === 0;
/** May be dropped: active, not frozen, and at least `grace` updates received. */
export const isDroppable = (age: number, grace: number): boolean =>
  age !== 0 && age < FROZEN && age - 1 >= grace;

export interface MaskRange {
  /** In elements of the arena. */
  readonly offset: number;
  readonly count: number;
  /** 0 … groups − 1. */
  readonly group: number;
}

export interface TileAttrs {
  readonly groups: number;
  /** Most entries a tile has. */
  readonly stretch: number;
}

/** What one workgroup can join: bounds the tiles, so that a second round over them stays short. */
const MOST_TILES = 1024;
/** Entries below which another workgroup is not worth it. */
const LEAST = 1024;

export interface Tiles {
  /** u32 [tiles, 3]: first entry, how many, group; in order of the entries. */
  readonly table: Uint32Array;
  readonly spec: TensorSpec;
  readonly attrs: TileAttrs;
}

/** Cuts ranges into tiles. Throws when there is none, or when two overlap. */
export function maskTiles(ranges: readonly MaskRange[]): Tiles {
  const sorted = ranges.filter(({ count }) => count > 0).sort((a, b) => a.offset - b.offset);
  if (sorted.length === 0) throw new Error("mask tiles: there is no entry to look at");
  const total = sorted.reduce((n, { count }) => n + count, 0);
  const stretch = Math.max(LEAST, 256 * Math.ceil(total / MOST_TILES / 256));
  const rows: number[] = [];
  let end = 0;
  for (const { offset, count, group } of sorted) {
    if (offset < end) throw new Error("mask tiles: two ranges overlap");
    end = offset + count;
    for (let first = offset; first < end; first += stretch) {
      rows.push(first, Math.min(stretch, end - first), group);
    }
  }
  const groups = 1 + Math.max(...sorted.map(({ group }) => group));
  const table = Uint32Array.from(rows);
  return { table, spec: { shape: [rows.length / 3, 3], dtype: "u32" }, attrs: { groups, stretch } };
}

/** Calls `visit` for every entry of every tile, in order. For the references. */
export function everyEntry(tiles: NdArray, visit: (index: number, group: number) => void): void {
  for (let t = 0; t < tiles.data.length; t += 3) {
    const [first, count, group] = [tiles.data[t]!, tiles.data[t + 1]!, tiles.data[t + 2]!];
    for (let i = first; i < first + count; i++) visit(i, group);
  }
}

/** Throws unless scores f32 [P], ages u32 [P] and tiles u32 [T, 3] stand first. */
export function checkMasked(op: string, inputs: readonly TensorSpec[]): void {
  const [score, age, tiles] = inputs;
  if (score?.dtype !== "f32" || age?.dtype !== "u32" || sizeOf(score.shape) !== sizeOf(age.shape)) {
    throw new Error(`${op}: needs f32 scores and as many u32 ages`);
  }
  if (tiles?.dtype !== "u32" || tiles.shape.length !== 2 || tiles.shape[1] !== 3) {
    throw new Error(`${op}: the tiles must be u32 [tiles, 3]`);
  }
}

/** Throws unless `given` has one value a group. */
export function checkPerGroup(op: string, what: string, given: TensorSpec | undefined, groups: number): void {
  if (given === undefined || sizeOf(given.shape) !== groups) {
    throw new Error(`${op}: needs one ${what} for each of ${groups} groups`);
  }
}
