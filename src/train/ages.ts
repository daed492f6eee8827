/**
 * The `masks` arena: one u32 for each weight that is mask and update counter in one (grow-prune §1.1). 0: dormant. Else
 * the low 31 bits are 1 + updates received, and bit 31 says frozen. Bit 31 alone: structure forbids the entry, it can
 * never be woken; to the kernels it is dormant like any other. Made at the first event that needs it; before that
 * one number serves all weights and a step is cheaper.
 */
import { arenaLayout, sizeOf } from "../engine/layout.ts";
import { FORBIDDEN } from "../engine/ops/mask-tiles.ts";
import type { ParamSpec } from "../engine/types.ts";

/** Calls `visit` for every element of a spec that structure forbids: [..., u, v] with block(v) > block(u). */
function forbidden(spec: ParamSpec, visit: (index: number) => void): void {
  const blocks = spec.lowerBlocks;
  if (blocks === undefined) return;
  const blockOf = blocks.flatMap((size, block) => Array<number>(size).fill(block));
  const h = blockOf.length;
  const matrices = spec.shape.slice(0, -2).reduce((n, d) => n * d, 1);
  for (let m = 0; m < matrices; m++) {
    for (let u = 0; u < h; u++) {
      for (let v = 0; v < h; v++) {
        if (blockOf[v]! > blockOf[u]!) visit((m * h + u) * h + v);
      }
    }
  }
}

export function isStructured(specs: readonly ParamSpec[]): boolean {
  return specs.some((spec) => (spec.lowerBlocks?.length ?? 0) > 1);
}

/** Weights of each parameter that are not dormant, by path. */
export type ActiveCounts = ReadonlyMap<string, number>;

/** The active weights of a network that keeps no ages: all but those that structure forbids. */
export function structuralCounts(specs: readonly ParamSpec[]): ActiveCounts {
  return new Map(
    specs.map((spec) => {
      let active = sizeOf(spec.shape);
      forbidden(spec, () => active--);
      return [spec.path, active];
    }),
  );
}

/**
 * Weights that exist in the arrays, those of them that are active, and the forward FLOPs of the active ones per token:
 * what the model executes without 2 per multiply-add of a dormant weight (grow-prune §1.4), nor of the places outside a
 * kernel's area; where those are skipped, they are not executed either.
 */
export function sizesOf(specs: readonly ParamSpec[], counts: ActiveCounts, executed: number) {
  const shapes = new Map(specs.map(({ path, shape }) => [path, shape]));
  let params = 0;
  let active = 0;
  let idle = 0;
  let skipped = 0;
  for (const { path, shape, decay, state, area, macs = decay ? 1 : 0 } of specs) {
    if (state) continue; // statistics and areas, not weights
    const size = sizeOf(shape);
    const there = counts.get(path)!;
    params += size;
    active += there;
    const used = area === undefined ? 1 : counts.get(area.path)! / sizeOf(shapes.get(area.path)!);
    idle += 2 * macs * (size - there * used);
    if (area?.skips) skipped += 2 * macs * size * (1 - used);
  }
  const done = executed - skipped;
  return { params, active, flops: { executed: done, active: executed - idle } };
}

/** Sets what structure forbids to 0, in the weights of one parameter. */
export function zeroForbidden(spec: ParamSpec, values: Float32Array): void {
  forbidden(spec, (index) => {
    values[index] = 0;
  });
}

/** Ages of weights that have all received `updates` updates, or as many as their layer has. */
export function uniformAges(
  specs: readonly ParamSpec[],
  updates: number,
  layers: readonly number[] = [],
): Uint32Array {
  const { entries, length } = arenaLayout(specs);
  const ages = new Uint32Array(length);
  for (const spec of specs) {
    const { offset, count } = entries.get(spec.path)!;
    const received = (spec.layer === undefined ? null : layers[spec.layer]) ?? updates;
    ages.fill(1 + received, offset, offset + count);
  }
  forbid(specs, ages);
  return ages;
}

/** Marks what structure forbids, in place: saved runs from before there was a mark have 0 there. */
export function forbid(specs: readonly ParamSpec[], ages: Uint32Array): void {
  const { entries } = arenaLayout(specs);
  for (const spec of specs) {
    const { offset } = entries.get(spec.path)!;
    forbidden(spec, (index) => {
      ages[offset + index] = FORBIDDEN;
    });
  }
}
