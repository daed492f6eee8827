/**
 * A hidden layer in blocks of cells, and which recurrent weights exist between them (grow-prune §4.1): Cascade has row u
 * read column v only if block(v) ≤ block(u). Shared by the model, its drawing and the growth methods.
 */
import { sizeOf } from "../../engine/layout.ts";
import type { ParamSpec } from "../../engine/types.ts";

export interface Block {
  readonly start: number;
  readonly end: number;
  readonly size: number;
}

/** Where each block lies among the cells. */
export function blockRanges(blocks: readonly number[]): readonly Block[] {
  let end = 0;
  return blocks.map((size) => {
    const start = end;
    end += size;
    return { start, end, size };
  });
}

/** H */
export const cellsOf = (blocks: readonly number[]): number => blocks.reduce((sum, n) => sum + n, 0);

/** Σ_{i<j} n_i n_j: entries of one H × H matrix above the block diagonal. */
export function dormantEntries(blocks: readonly number[]): number {
  const squares = blocks.reduce((sum, n) => sum + n * n, 0);
  return (cellsOf(blocks) ** 2 - squares) / 2;
}

/** Weights that exist: all but the structurally dormant ones. */
export function activeCount(specs: readonly ParamSpec[]): number {
  return specs.reduce((sum, { shape, lowerBlocks }) => {
    const matrices = sizeOf(shape.slice(0, -2));
    return sum + sizeOf(shape) - (lowerBlocks ? matrices * dormantEntries(lowerBlocks) : 0);
  }, 0);
}
