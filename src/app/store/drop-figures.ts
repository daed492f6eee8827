/**
 * Which layers ran, in figures and sentences. The session keeps the last steps as they were said; all that is worked out of
 * them is worked out when somebody looks.
 */
import type { RunEvent } from "../../run/events.ts";
import { spikes as leaps } from "../../run/spikes.ts";
import { fixed, whole } from "../format.ts";

/** Steps of the raster. */
export const DROPS = 200;

/** One step in which layers could be left out. */
export interface DropStep {
  readonly step: number;
  /** "1" or "0" a layer, the first one first. */
  readonly ran: string;
  readonly keep: readonly number[];
  readonly loss: number;
  readonly gradNorm: number;
  readonly tokens: number;
  /** Spent so far. */
  readonly flops: number;
}

export function dropOf(event: Extract<RunEvent, { type: "step" }>): DropStep | null {
  const { step, layers, loss, gradNorm, tokens, flops } = event;
  return layers === undefined ? null : { step, ...layers, loss, gradNorm, tokens, flops };
}

/** The newest ones; `from`: the first step of what has just come, which replaces what was said of it before. */
export function withDrops(
  kept: readonly DropStep[],
  from: number,
  more: readonly DropStep[],
): readonly DropStep[] {
  if (more.length === 0 && (kept.at(-1)?.step ?? -1) < from) return kept;
  return [...kept.filter(({ step }) => step < from), ...more].slice(-DROPS);
}

const ranIn = ({ ran }: DropStep): number => [...ran].filter((bit) => bit === "1").length;
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Steps that leap, by `run/spikes.ts`. */
export function spikes(steps: readonly DropStep[], of: "loss" | "gradNorm"): readonly number[] {
  return leaps(steps.map((one) => one[of])).map((i) => steps[i]!.step);
}

export interface DropFigures {
  /** Steps at the present depth, oldest first. */
  readonly steps: readonly DropStep[];
  readonly layers: number;
  /** Layers a step, on average: drawn, and as the chances have it. */
  readonly ran: number;
  readonly expected: number;
  /** Of each layer, first one first: chance in the last step, and in which share of the steps it ran. */
  readonly byLayer: readonly { readonly chance: number; readonly share: number }[];
  /** Part of the FLOPs of these steps that was not executed. Null: not known. */
  readonly saved: number | null;
  readonly losses: readonly number[];
  readonly norms: readonly number[];
}

/** Null before the first such step. `forward`: FLOPs of all layers, per token or image. */
export function dropFigures(all: readonly DropStep[], forward: number | null): DropFigures | null {
  const last = all.at(-1);
  if (last === undefined) return null;
  const layers = last.ran.length;
  // A growth among them changed what a step is.
  const steps = all.slice(all.findLastIndex(({ ran }) => ran.length !== layers) + 1);
  const n = steps.length;
  const first = steps[0]!;
  const executed = last.flops - first.flops;
  const full = forward === null ? 0 : 3 * forward * (last.tokens - first.tokens);
  return {
    steps,
    layers,
    ran: total(steps.map(ranIn)) / n,
    expected: total(steps.map(({ keep }) => total(keep))) / n,
    byLayer: last.keep.map((chance, layer) => ({
      chance,
      share: steps.filter(({ ran }) => ran[layer] === "1").length / n,
    })),
    saved: full > 0 ? 1 - executed / full : null,
    losses: spikes(steps, "loss"),
    norms: spikes(steps, "gradNorm"),
  };
}

/** Running mean of how many layers ran, over so many steps. */
export function realised(steps: readonly DropStep[], over = 20): readonly number[] {
  return steps.map((_, i) => {
    const part = steps.slice(Math.max(0, i - over + 1), i + 1);
    return total(part.map(ranIn)) / part.length;
  });
}

/** "Step 812: layers 1, 2 and 4 of 4 ran, 2.75 expected. Loss 2.31, gradient norm .82." */
export function dropSentence(step: DropStep): string {
  const on = [...step.ran].flatMap((bit, layer) => (bit === "1" ? [layer + 1] : []));
  const count = step.ran.length;
  const which =
    on.length === count
      ? `all ${count} layers`
      : on.length === 0
        ? `none of ${count} layers`
        : `${on.length === 1 ? "layer" : "layers"} ${spoken(on)} of ${count}`;
  return `Step ${whole(step.step)}: ${which} ran, ${fixed(total(step.keep), 2)} expected. Loss ${fixed(step.loss, 2)}, gradient norm ${fixed(step.gradNorm, 2)}.`;
}

const spoken = (numbers: readonly number[]): string =>
  numbers.length === 1 ? String(numbers[0]) : `${numbers.slice(0, -1).join(", ")} and ${numbers.at(-1)}`;

/** Seconds a step saved on average, of all seconds of a step, by the measured time of each layer's segments. */
export function timeSaved(
  { steps }: DropFigures,
  segments: readonly { readonly name: string; readonly seconds: number }[],
): { readonly saved: number; readonly whole: number } | null {
  const of = (layer: number): number =>
    total(
      segments
        .filter(({ name }) => name === `blocks.${layer}` || name === `blocks.${layer}.grad`)
        .map(({ seconds }) => seconds),
    );
  const wholeStep = total(segments.map(({ seconds }) => seconds));
  if (wholeStep === 0 || steps.length === 0) return null;
  const left = steps.map(({ ran }) => total([...ran].map((bit, layer) => (bit === "0" ? of(layer) : 0))));
  return { saved: total(left) / steps.length, whole: wholeStep };
}
