/**
 * The table of a trial, as `npm run reproduce` prints it: which machine and when, one row a seed and arm, the verdict. Pure,
 * so that it can be tested without a device.
 */
import type { Kept } from "./trial-rows.ts";
import type { Arm, Column, Figures, Row, Scale, Trial } from "./trials/types.ts";

export interface TrialFrom {
  readonly command: string;
  readonly seeds: readonly number[];
}

/** Rows with the figures that rest on one another. */
export const settled = <R extends Row>({ settle }: Trial, rows: readonly R[]): readonly R[] =>
  settle === undefined ? rows : rows.map((row) => ({ ...row, figures: settle(row, rows) }));

export const rowOf = (columns: readonly Column[], arm: Arm, seed: number, figures: Figures): string => {
  const cells = columns.map(({ id, show }) => {
    const value = figures[id];
    return value == null ? "–" : show(value);
  });
  return `| ${[String(seed), arm.label, ...cells].join(" | ")} |`;
};

/** `rows`: those that are there; where and when they were measured stands above them. */
export function trialHead(
  trial: Trial,
  scale: Scale,
  from: TrialFrom,
  rows: readonly Kept[],
): readonly string[] {
  const fact = (name: string, value: string) => `| ${name} | ${value} |`;
  const each = (name: "device" | "runtime" | "date") => [...new Set(rows.map((row) => row[name]))].join("; ");
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
    fact("adapter", each("device")),
    fact("runtime", each("runtime")),
    fact("date", each("date")),
    "",
    ...trial.sizes(scale),
    "",
    `| seed | | ${trial.columns.map(({ label }) => label).join(" | ")} |`,
    `|---:|---|${trial.columns.map(() => "---:|").join("")}`,
  ];
}

/** The whole page, as far as it goes. */
export function trialPage(
  trial: Trial,
  scale: Scale,
  from: TrialFrom,
  rows: readonly Kept[],
): readonly string[] {
  const arms = new Map(trial.arms(scale).map((arm) => [arm.id, arm]));
  return [
    ...trialHead(trial, scale, from, rows),
    ...settled(trial, rows).map(({ arm, seed, figures }) =>
      rowOf(trial.columns, arms.get(arm)!, seed, figures),
    ),
    "",
    verdictOf(trial, [...arms.keys()], from.seeds, rows),
  ];
}

/** Of the seeds whose arms are all there; said of how many it is where some are not. */
function verdictOf(
  trial: Trial,
  arms: readonly string[],
  asked: readonly number[],
  rows: readonly Kept[],
): string {
  const needed = arms.filter((id) => !trial.controls?.includes(id));
  const there = new Set(rows.map(({ arm, seed }) => `${arm} ${seed}`));
  const seeds = asked.filter((seed) => needed.every((arm) => there.has(`${arm} ${seed}`)));
  if (seeds.length === 0) return "No seed has all of its arms yet, so nothing came out.";
  const verdict = trial.verdict(settled(trial, rows).filter(({ seed }) => seeds.includes(seed)));
  if (seeds.length === asked.length) return verdict;
  return `${verdict} Of seed ${seeds.join(" and ")} alone: the others lack arms.`;
}
