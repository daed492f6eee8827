/**
 * The table of a trial, as `npm run reproduce` prints it: which machine and when, one row a seed and arm, the verdict. Pure,
 * so that it can be tested without a device.
 */
import type { Arm, Column, Figures, Row, Scale, Trial } from "./trials/types.ts";

export interface TrialFrom {
  readonly command: string;
  readonly runtime: string;
  /** 2026-01-31 */
  readonly date: string;
  readonly device: string;
  readonly seeds: readonly number[];
}

export const rowOf = (columns: readonly Column[], arm: Arm, seed: number, figures: Figures): string => {
  const cells = columns.map(({ id, show }) => {
    const value = figures[id];
    return value == null ? "–" : show(value);
  });
  return `| ${[String(seed), arm.label, ...cells].join(" | ")} |`;
};

export function trialHead(trial: Trial, scale: Scale, from: TrialFrom): readonly string[] {
  const fact = (name: string, value: string) => `| ${name} | ${value} |`;
  return [
    `# ${trial.title}`,
    "",
    ...trial.claim,
    "",
    `Printed by \`${from.command}\`.`,
    "",
    "| | |",
    "|---|---|",
    fact("scale", scale),
    fact("seeds", from.seeds.join(", ")),
    fact("adapter", from.device),
    fact("runtime", from.runtime),
    fact("date", from.date),
    "",
    ...trial.sizes(scale),
    "",
    `| seed | | ${trial.columns.map(({ label }) => label).join(" | ")} |`,
    `|---:|---|${trial.columns.map(() => "---:|").join("")}`,
  ];
}

/** The whole page. */
export function trialPage(
  trial: Trial,
  scale: Scale,
  from: TrialFrom,
  rows: readonly Row[],
): readonly string[] {
  const arms = new Map(trial.arms(scale).map((arm) => [arm.id, arm]));
  return [
    ...trialHead(trial, scale, from),
    ...rows.map(({ arm, seed, figures }) => rowOf(trial.columns, arms.get(arm)!, seed, figures)),
    "",
    trial.verdict(rows),
  ];
}
