/** NeST from a 10 % seed against pruning alone: which network is smaller when both are as good (grow-prune §3.12). */
import { checkConfig } from "../../run/check.ts";
import type { RunConfig } from "../../run/config.ts";
import { loop, nestRecipe } from "../../share/nest.ts";
import type { Arm, Figures, Meter, Scale, Trial } from "./types.ts";

interface Sizes {
  readonly goal: number;
  readonly seed: readonly number[];
  readonly dense: readonly number[];
  readonly config: Readonly<Record<string, unknown>>;
  readonly halve: boolean;
  readonly grow: { readonly share: number; readonly rest: number };
  readonly prune: { readonly share: number; readonly rest: number };
}

const SIZES: Readonly<Record<Scale, Sizes>> = {
  small: {
    goal: 93,
    seed: [40, 16],
    dense: [100, 40],
    halve: true,
    grow: { share: 0.03, rest: 70 },
    prune: { share: 0.1, rest: 30 },
    config: {
      data: { id: "mnist", images: 10_000 },
      optim: { id: "adamw", lr: 3e-3, clip: 0 },
      batch: 50,
      budget: { amount: 3600 },
      eval: { every: 40, batches: 40 },
    },
  },
  paper: {
    goal: 97.5,
    seed: [120, 40],
    dense: [300, 100],
    halve: false,
    grow: { share: 0.02, rest: 100 },
    prune: { share: 0.03, rest: 60 },
    config: {
      data: { id: "mnist" },
      optim: { id: "adamw", lr: 1e-3, clip: 0 },
      batch: 100,
      budget: { amount: 24_000 },
      eval: { every: 60, batches: 50 },
    },
  },
};

function arms(scale: Scale): readonly Arm[] {
  const { goal, seed, dense, halve, grow, prune, config } = SIZES[scale];
  const arm = (id: string, label: string, widths: readonly number[], recipe: readonly unknown[]): Arm => ({
    id,
    label,
    config: complete({ ...config, model: { id: "mlp", widths, halve }, recipe }),
  });
  return [
    arm("nest", "NeST", seed, nestRecipe({ goal, grow, prune })),
    arm("prune-only", "prune only", dense, loop(goal, prune)),
  ];
}

function complete(config: object): RunConfig {
  const checked = checkConfig(config);
  if (!checked.ok) throw new Error(`An arm of the trial is refused: ${checked.message}.`);
  return checked.config;
}

/** The goal of a config's loop, as a share. */
const goalOf = ({ recipe }: RunConfig): number =>
  (recipe.find(({ trigger }) => trigger.id === "until")!.trigger.goal as number) / 100;

function meter(config: RunConfig): Meter {
  const goal = goalOf(config);
  let active = 0;
  let peak = 0;
  let least: number | null = null;
  let first: number | null = null;
  let flops = 0;
  let test: number | null = null;
  /** Active weights at each state that a run can go back to. */
  const at = new Map<string, number>();
  return {
    hear(event) {
      if (event.type === "run/started") active = event.active;
      if (event.type === "structure/done") {
        at.set(event.node, event.activeAfter).set(event.parent, event.activeBefore);
        active = event.activeAfter;
        // The network before any event is the seed's shape, dense: it is never trained.
        if (event.step > 0) peak = Math.max(peak, event.activeBefore, active);
      }
      if (event.type === "history/moved") active = at.get(event.to) ?? active;
      if (event.type !== "eval") return;
      if (event.step > 0) peak = Math.max(peak, active);
      flops = event.flops;
      if ((event.accuracy ?? 0) < goal) return;
      first ??= event.step;
      least = Math.min(least ?? active, active);
    },
    tested: (accuracy) => {
      test = accuracy;
    },
    figures: (): Figures => ({ peak, first, least, flops: flops / 1e9, test }),
  };
}

const whole = (n: number): string => Math.round(n).toLocaleString("en");

export const nest: Trial = {
  id: "nest",
  title: "NeST against pruning alone, on MNIST",
  claim: [
    "Dai, Yin and Jha (arXiv 1711.02017, results for LeNet-300-100 on MNIST) grow a network from a seed with a tenth of its",
    "connections and then prune it: 3.8 thousand weights at 1.58 % error, where pruning alone left 22 thousand at 1.59 %.",
    "Here both go on pruning for as long as the validation accuracy comes back to the same goal. The size is the least number",
    "of active weights with which an evaluation met the goal.",
  ],
  columns: [
    { id: "peak", label: "most weights", show: whole },
    { id: "first", label: "goal met at step", show: whole },
    { id: "least", label: "least weights at the goal", show: whole },
    { id: "flops", label: "GFLOP", show: whole },
    { id: "test", label: "test, at the end", show: (share) => `${(100 * share).toFixed(2)} %` },
  ],
  arms,
  sizes(scale) {
    const { goal, seed, dense, halve, grow, prune, config } = SIZES[scale];
    const { images = 55_000 } = config.data as { images?: number };
    const { amount } = config.budget as { amount: number };
    return [
      `Digits of ${halve ? "14 × 14" : "28 × 28"} pixels, ${whole(images)} of them; goal ${goal} % of the validation part;`,
      `${whole(amount)} steps of ${config.batch} images, AdamW at ${(config.optim as { lr: number }).lr}, for both.`,
      `NeST: seed ${seed.join("-")} hidden units with a tenth of the connections; every ${grow.rest} steps or more ${100 * grow.share} % of the`,
      `dormant connections and one unit a layer. Both: ${100 * prune.share} % of each matrix a round, ${prune.rest} steps or more between rounds,`,
      `six evaluations to come back. Prune only: ${dense.join("-")} hidden units, dense.`,
    ];
  },
  meter,
  verdict(rows) {
    const of = (arm: string) =>
      new Map(rows.filter((row) => row.arm === arm).map((row) => [row.seed, row.figures.least]));
    const [grown, pruned] = [of("nest"), of("prune-only")];
    const seeds = [...grown.keys()];
    const smaller = seeds.filter((seed) => {
      const [a, b] = [grown.get(seed), pruned.get(seed)];
      return a != null && (b == null || a < b);
    }).length;
    const out =
      smaller > seeds.length / 2 ? "came out as in the paper" : "did **not** come out as in the paper";
    return `NeST ended smaller for ${smaller} of ${seeds.length} seeds: the direction ${out}.`;
  },
};
