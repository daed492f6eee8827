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

/** What an evaluation says: its batches' means of each output. Batches are of one size, so the mean of means is the mean. */
export interface Scores {
  readonly loss: number;
  readonly accuracy?: number;
}

/** `answers`: for each batch one value of each of the outputs `names`. */
export function scoresOf(names: readonly string[], answers: readonly (readonly ArrayBuffer[])[]): Scores {
  const means = names.map((name, k) => [
    name,
    meanOf(Float32Array.from(answers, (values) => new Float32Array(values[k]!)[0]!)),
  ]);
  return Object.fromEntries(means) as Scores;
}

/** "Validation loss 1.52." "Validation loss .083, 97.6 % right." */
export function scoreSentence({ loss, accuracy }: Scores): string {
  const right = accuracy === undefined ? "" : `, ${(100 * accuracy).toFixed(1)} % right`;
  return `Validation loss ${loss.toFixed(3)}${right}.`;
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
