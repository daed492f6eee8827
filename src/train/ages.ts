/**
 * The `masks` arena: one u32 for each weight that is mask and update counter in one (grow-prune §1.1). 0: dormant. Else
 * the low 31 bits are 1 + updates received, and bit 31 says frozen. Made at the first event that needs it; before that
 * one number serves all weights and a step is cheaper.
 */
import { arenaLayout } from "../engine/layout.ts";
import type { ParamSpec } from "../engine/types.ts";

export const FROZEN = 0x80000000;

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

/** Weights that exist in the arrays (what only notes statistics is none), and those of them that may ever be other than 0. */
export function countWeights(specs: readonly ParamSpec[]): {
  readonly params: number;
  readonly active: number;
} {
  let params = 0;
  let dormant = 0;
  for (const spec of specs) {
    if (spec.state) continue;
    params += spec.shape.reduce((n, d) => n * d, 1);
    forbidden(spec, () => dormant++);
  }
  return { params, active: params - dormant };
}

/** Sets what structure forbids to 0, in the array of one parameter. */
export function zeroForbidden(spec: ParamSpec, values: Float32Array | Uint32Array): void {
  forbidden(spec, (index) => {
    values[index] = 0;
  });
}

/** Ages of weights that have all received `updates` updates. */
export function uniformAges(specs: readonly ParamSpec[], updates: number): Uint32Array {
  const { entries, length } = arenaLayout(specs);
  const ages = new Uint32Array(length);
  for (const spec of specs) {
    const { offset, count } = entries.get(spec.path)!;
    const part = ages.subarray(offset, offset + count).fill(1 + updates);
    zeroForbidden(spec, part);
  }
  return ages;
}

/** Freezes every active weight of these parameters, in place. */
export function freeze(specs: readonly ParamSpec[], ages: Uint32Array, paths: readonly string[]): void {
  const { entries } = arenaLayout(specs);
  for (const path of paths) {
    const { offset, count } = entries.get(path)!;
    for (let i = offset; i < offset + count; i++) if (ages[i] !== 0) ages[i] = (ages[i]! | FROZEN) >>> 0;
  }
}

/**
 * After a growth, in place: what the new structure forbids is dormant, and what it allows again is newborn (a cascade
 * that becomes fully connected: its upper blocks become active zeros).
 */
export function settleStructure(specs: readonly ParamSpec[], ages: Uint32Array): void {
  const { entries } = arenaLayout(specs);
  for (const spec of specs) {
    const { offset, count } = entries.get(spec.path)!;
    const part = ages.subarray(offset, offset + count);
    for (let i = 0; i < count; i++) if (part[i] === 0) part[i] = 1;
    zeroForbidden(spec, part);
  }
}
