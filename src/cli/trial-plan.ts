/**
 * What a trial would take, before anything is run: steps and FLOPs of each arm, by the counts that runs are charged by. How
 * large a network is when is known where its recipe says so in steps or parts of the budget.
 */
import type { Values } from "../config/schema.ts";
import type { RunConfig } from "../run/config.ts";
import { actions, grows, models } from "../run/registries.ts";
import { stepFlops } from "../run/tries.ts";
import type { Arm, Scale, Trial } from "./trials/types.ts";

export interface Cost {
  /** Updates of an operator among them. */
  readonly steps: number;
  readonly flops: number;
  /** It grows when the loss or a person says so, or leaves layers out: counted as if it did not. */
  readonly rough: boolean;
}

type Spent = Readonly<Record<RunConfig["budget"]["unit"], number>>;
type Entry = RunConfig["recipe"][number];

function isDue({ trigger }: Entry, spent: Spent, { unit, amount }: RunConfig["budget"]): boolean {
  if (trigger.id === "step") return spent.steps >= Number(trigger.step);
  return trigger.id === "at" && spent[unit] >= Number(trigger.fraction) * amount;
}

/** Walked step by step, so that every budget and growth is met where the run meets it. */
export function costOf(config: RunConfig): Cost {
  const model = models.get(config.model.id)!;
  const { id: _, ...start } = config.model;
  const { unit, amount } = config.budget;
  const tokens = config.batch * config.context;
  let arch: Values = start;
  let each = stepFlops(config, arch);
  let entries = config.recipe;
  let taught = 0;
  let spent: Spent = { steps: 0, flops: 0, tokens: 0 };
  for (;;) {
    const ready = entries.filter((entry) => isDue(entry, spent, config.budget));
    entries = entries.filter((entry) => !ready.includes(entry));
    for (const { action } of ready) {
      const method = grows.get(action.id);
      const next = method?.next(model, arch, action as never) ?? null;
      if (next === null || typeof next === "string") continue;
      arch = next;
      each = stepFlops(config, arch);
      if (method?.operator === undefined) continue;
      taught += Number(action.steps);
      spent = { ...spent, flops: spent.flops + Number(action.steps) * each };
    }
    const next: Spent = { steps: spent.steps + 1, flops: spent.flops + each, tokens: spent.tokens + tokens };
    if (next[unit] > amount) break;
    spent = next;
  }
  return { steps: spent.steps + taught, flops: spent.flops, rough: config.recipe.some(isRough) };
}

function isRough({ trigger, action }: Entry): boolean {
  const method = actions.get(action.id);
  if (method?.kind === "structure") return method.drops != null;
  return method?.kind === "grow" && trigger.id !== "step" && trigger.id !== "at";
}

const whole = (n: number): string => Math.round(n).toLocaleString("en");

/** A table of the arms and what they come to, for one seed and for all. */
export function planPage(trial: Trial, scale: Scale, seeds: number, arms: readonly Arm[]): readonly string[] {
  const costs = arms.map(({ config }) => costOf(config));
  const row = (label: string, { steps, flops, rough }: Cost) =>
    `| ${label} | ${rough ? "about " : ""}${whole(steps)} | ${rough ? "about " : ""}${whole(flops / 1e9)} |`;
  const sum = costs.reduce((all, cost) => ({
    steps: all.steps + cost.steps,
    flops: all.flops + cost.flops,
    rough: all.rough || cost.rough,
  }));
  const times = ({ steps, flops, rough }: Cost) => ({ steps: seeds * steps, flops: seeds * flops, rough });
  return [
    `# ${trial.title}: \`${trial.id}\`, scale ${scale}`,
    "",
    ...trial.sizes(scale),
    "",
    "| | steps | GFLOP |",
    "|---|---:|---:|",
    ...costs.map((cost, i) => row(arms[i]!.label, cost)),
    row("one seed", sum),
    ...(seeds === 1 ? [] : [row(`${seeds} seeds`, times(sum))]),
  ];
}
