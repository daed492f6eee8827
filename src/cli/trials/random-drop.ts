/**
 * Whether plain layer dropping is as unsteady as it is said to be: the preset itself, its twin that drops nothing, and
 * progressive dropping, over the same steps. Spikes are counted by the rule that rings them beside the network.
 */
import { before, spikes } from "../../run/spikes.ts";
import { findPreset } from "../../share/presets.ts";
import { bySeed, COLUMNS, complete, usual, whole } from "./common.ts";
import type { Arm, Column, Figures, Meter, Row, Scale, Trial } from "./types.ts";

const presetOf = (id: "random-drop" | "pld", scale: Scale) =>
  findPreset(scale === "small" ? `${id}-tiny` : id)!.config;

function arms(scale: Scale): readonly Arm[] {
  const plain = presetOf("random-drop", scale);
  const twin = (recipe: readonly unknown[]) => complete({ ...plain, recipe });
  return [
    { id: "none", label: "every layer in every step", config: twin([]) },
    { id: "pld", label: "progressive, θ̄ .5, γ 20", config: twin(presetOf("pld", scale).recipe) },
    { id: "plain", label: "plain, rate .5", config: plain },
  ];
}

const count = (n: number): string => String(n);
const two = (n: number): string => n.toFixed(2);
const share = (n: number): string => `${(100 * n).toFixed(0)} %`;

const COLUMNS_HERE: readonly Column[] = [
  COLUMNS.steps,
  COLUMNS.flops,
  { id: "losses", label: "spikes of the loss", show: count },
  { id: "norms", label: "spikes of the gradient norm", show: count },
  { id: "unrest", label: "loss varies by, nats", show: (n) => n.toFixed(3) },
  { id: "swing", label: "gradient norm varies by", show: share },
  { id: "highest", label: "highest gradient norm", show: two },
  COLUMNS.loss,
];

/** Behind the warm-up and the first fall: what is left is how steady the run is. */
const SETTLED = 100;

function meter(): Meter {
  const rest = usual();
  const losses: number[] = [];
  const norms: number[] = [];
  return {
    ...rest,
    hear(event) {
      rest.hear(event);
      if (event.type !== "step") return;
      losses.push(event.loss);
      norms.push(event.gradNorm);
    },
    figures(): Figures {
      const late = (values: readonly number[]) => before(values).slice(SETTLED);
      const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
      return {
        ...rest.figures(),
        losses: spikes(losses).length,
        norms: spikes(norms).length,
        unrest: mean(late(losses).map((at) => at!.spread)),
        swing: mean(late(norms).map((at) => at!.spread / at!.mean)),
        highest: Math.max(...norms.slice(SETTLED)),
      };
    },
  };
}

/** Sums over the seeds, arm by arm, and whether plain dropping stands out. */
function verdict(rows: readonly Row[]): string {
  const seeds = bySeed(rows);
  const sum = (arm: string, of: string) => seeds.reduce((n, all) => n + all[arm]![of]!, 0);
  const ids = ["none", "pld", "plain"] as const;
  const each = (of: string, show: (n: number) => string) => ids.map((id) => show(sum(id, of))).join(", ");
  const mean = (of: string, show: (n: number) => string) =>
    ids.map((id) => show(sum(id, of) / seeds.length)).join(", ");
  const most = seeds.filter((all) =>
    ["none", "pld"].every(
      (id) => all.plain!.losses! + all.plain!.norms! > all[id]!.losses! + all[id]!.norms!,
    ),
  ).length;
  return (
    `None, progressive, plain: spikes of the loss ${each("losses", count)}; of the gradient norm ${each("norms", count)}; ` +
    `the loss varies by ${mean("unrest", (n) => n.toFixed(3))} nats within 25 steps, the gradient norm by ${mean("swing", share)} of itself. ` +
    `Plain dropping had the most spikes for ${most} of ${seeds.length} seeds.`
  );
}

export const randomDrop: Trial = {
  id: "random-drop",
  title: "How unsteady plain layer dropping is",
  claim: [
    "Reviews of progressive layer dropping (Zhang and He, arXiv 2010.13369) warn that leaving out layers at one rate from the first step on",
    "is unstable; Kaddour et al. (arXiv 2307.06440, §4.3) find curves of layer dropping spikier than those without. Here: the preset, the",
    "same run without dropping, and with progressive dropping, over the same steps, seeds and batches.",
  ],
  columns: COLUMNS_HERE,
  arms,
  sizes(scale) {
    const { model, batch, context, optim, budget } = presetOf("random-drop", scale);
    return [
      `A GPT of ${model.layers} layers, width ${model.width}, on Moby-Dick; ${batch} windows of ${context} characters; AdamW at ${optim.lr}, clipped at ${optim.clip}, ${whole(budget.amount)} steps.`,
      "A spike: over the mean of the 25 steps before by more than 4 of their standard deviations. How much loss and gradient norm vary is the",
      `standard deviation of 25 neighbouring steps, on average from step ${SETTLED} on; so is the highest norm. Norms are before clipping; evaluation uses every layer.`,
    ];
  },
  meter,
  verdict,
};
