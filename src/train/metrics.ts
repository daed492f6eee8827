/**
 * What a training step says: the head of what the `norm` op made and the update filled in, so that a step costs one small
 * read however much it reports.
 */
import { NORM_HEAD } from "../engine/ops/norm.ts";

export interface StepMetrics {
  /** Mean over the positions that are asked for, nats. */
  readonly loss: number;
  /** ‖g‖ before clipping. */
  readonly gradNorm: number;
  /** A gradient was not a finite number: the optimizer changed nothing. */
  readonly skipped: boolean;
}

export function readMetrics(bytes: ArrayBuffer): StepMetrics {
  const words = new Float32Array(bytes, 0, NORM_HEAD);
  return { loss: words[0]!, gradNorm: words[4]!, skipped: words[3] !== 0 };
}

/** The mean of an f32 output, added up in float64 in order. */
export function meanOf(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** The largest |a − b| and the largest |a|. NaN anywhere gives NaN: a broken network never passes as unchanged. */
export function largestDelta(a: Float32Array, b: Float32Array): { delta: number; largest: number } {
  let delta = 0;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs(a[i]! - b[i]!);
    if (Number.isNaN(d)) return { delta: Number.NaN, largest: Number.NaN };
    if (d > delta) delta = d;
    if (Math.abs(a[i]!) > largest) largest = Math.abs(a[i]!);
  }
  return { delta, largest };
}
