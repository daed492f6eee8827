/** What trials have in common: whole configs, a meter of the usual figures, columns, and how seeds are counted. */
import { checkConfig } from "../../run/check.ts";
import type { RunConfig } from "../../run/config.ts";
import type { Arm, Column, Figures, Meter, Row } from "./types.ts";

export function complete(config: object): RunConfig {
  const checked = checkConfig(config);
  if (!checked.ok) throw new Error(`An arm of the trial is refused: ${checked.message}.`);
  return checked.config;
}

export const whole = (n: number): string => Math.round(n).toLocaleString("en");
const points = (share: number): string => `${(100 * share).toFixed(2)} %`;
const nats = (loss: number): string => loss.toFixed(4);

/** LeNet-300-100 on digits, as trials of pruning train it. */
export interface Digits {
  readonly data: { readonly id: "mnist"; readonly images?: number };
  readonly halve: boolean;
  readonly optim: {
    readonly id: string;
    readonly lr: number;
    readonly clip: number;
    readonly weightDecay?: number;
  };
  readonly batch: number;
  readonly steps: number;
  readonly eval: { readonly every: number; readonly batches: number };
}

export const digitsArm = (
  { data, halve, optim, batch, steps, eval: evaluation }: Digits,
  id: string,
  label: string,
  recipe: readonly unknown[],
): Arm => ({
  id,
  label,
  config: complete({
    ...{ data, optim, batch, recipe, eval: evaluation },
    model: { id: "mlp", widths: [300, 100], halve },
    schedule: { id: "cosine", floor: 0.1 },
    budget: { amount: steps },
  }),
});

/** "AdamW at 0.004 with weight decay 0.2" */
export const sayAdamw = ({ lr, weightDecay = 0 }: Digits["optim"]): string =>
  `AdamW at ${lr}${weightDecay === 0 ? "" : ` with weight decay ${weightDecay}`}`;

/** "Digits of 14 × 14 pixels, 20,000 of them; 300-100 hidden units; …" */
export const sayDigits = ({ data, halve, optim, batch, steps }: Digits): string =>
  `Digits of ${halve ? "14 × 14" : "28 × 28"} pixels, ${whole(data.images ?? 55_000)} of them; 300-100 hidden units; ${whole(steps)} steps of ${batch} images, ${sayAdamw(optim)}, along a cosine to a tenth.`;

/** Figures that `usual` comes to. */
export const COLUMNS = {
  params: { id: "params", label: "weights in the matrices", show: whole },
  active: { id: "active", label: "active weights", show: whole },
  validation: { id: "validation", label: "validation, right", show: points },
  test: { id: "test", label: "test, right", show: points },
  loss: { id: "loss", label: "validation, nats", show: nats },
  flops: { id: "flops", label: "GFLOP", show: whole },
  steps: { id: "steps", label: "steps", show: whole },
} as const satisfies Record<string, Column>;

/**
 * The last evaluation, sizes at the end and what was executed, going back included: `flops` and `steps` count everything
 * that was trained, also what was taken back.
 */
export function usual(): Meter {
  let sizes = { params: 0, active: 0 };
  let loss: number | null = null;
  let validation: number | null = null;
  let test: number | null = null;
  let spent = { flops: 0, steps: 0 };
  let last = { flops: 0, steps: 0 };
  /** Sizes at each state that a run can go back to. */
  const nodes = new Map<string, typeof sizes>();
  return {
    hear(event) {
      if (event.type === "run/started") sizes = { params: event.params, active: event.active };
      if (event.type === "structure/done") {
        nodes.set(event.parent, { params: event.paramsBefore, active: event.activeBefore });
        sizes = { params: event.paramsAfter, active: event.activeAfter };
        nodes.set(event.node, sizes);
      }
      if (event.type === "history/moved") {
        sizes = nodes.get(event.to) ?? sizes;
        last = { flops: Number.NaN, steps: event.toStep };
      }
      if (event.type === "step") {
        const flops = Number.isNaN(last.flops) ? 0 : event.flops - last.flops;
        spent = { flops: spent.flops + flops, steps: spent.steps + 1 };
        last = { flops: event.flops, steps: event.step };
      }
      if (event.type === "eval") {
        loss = event.loss;
        validation = event.accuracy ?? null;
      }
    },
    tested: (accuracy) => {
      test = accuracy;
    },
    figures: (): Figures => ({
      ...sizes,
      ...{ loss, validation, test, steps: spent.steps },
      flops: spent.flops / 1e9,
    }),
  };
}

/** For each seed the figures of every arm, by the arm's id. */
export function bySeed(rows: readonly Row[]): readonly Readonly<Record<string, Figures>>[] {
  const seeds = [...new Set(rows.map(({ seed }) => seed))];
  return seeds.map((seed) =>
    Object.fromEntries(rows.filter((row) => row.seed === seed).map(({ arm, figures }) => [arm, figures])),
  );
}

/** "2 of 3 seeds: the direction came out as it was claimed." */
export function outcome(
  rows: readonly Row[],
  came: (arms: Readonly<Record<string, Figures>>) => boolean,
): string {
  const seeds = bySeed(rows);
  const yes = seeds.filter(came).length;
  const out = yes > seeds.length / 2 ? "came out as claimed" : "did **not** come out as claimed";
  return `${yes} of ${seeds.length} seeds: the direction ${out}.`;
}
