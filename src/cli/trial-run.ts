/**
 * Runs a trial: every arm with every seed. A row is printed, and kept where a file was named for it, as soon as it is there.
 * How it came out is no failure.
 */
import { writeFileSync } from "node:fs";
import { stdout } from "node:process";
import { BadInput, isUnread } from "./command.ts";
import { prepareData } from "./data.ts";
import { ProgressBar } from "./progress.ts";
import { cardName, type Runtime } from "./runtimes.ts";
import { rowOf, settled, type TrialFrom, trialHead, trialPage } from "./trial.ts";
import type { Kept, RowFile } from "./trial-rows.ts";
import type { Arm, Scale, Trial } from "./trials/types.ts";

export interface Asked {
  readonly trial: Trial;
  readonly scale: Scale;
  readonly seeds: readonly number[];
  readonly arms: readonly Arm[];
  readonly command: string;
  /** What takes longer is not begun, and what runs then is given up. Null: no limit. */
  readonly minutes: number | null;
  readonly rows: RowFile | null;
  /** The whole page so far, after every row. */
  readonly out: string | null;
}

/** The arms of a trial, or those that were named. */
export function armsNamed(trial: Trial, scale: Scale, given: string | undefined): readonly Arm[] {
  const all = trial.arms(scale);
  if (given === undefined) return all;
  const ids = given.split(",").map((id) => id.trim());
  const unknown = ids.find((id) => !all.some((arm) => arm.id === id));
  if (unknown === undefined) return all.filter(({ id }) => ids.includes(id));
  throw new BadInput(`--arms: "${unknown}" is none; they are ${all.map(({ id }) => id).join(", ")}.`);
}

export async function runTrial(asked: Asked, runtime: Runtime): Promise<void> {
  const { trial, scale, seeds, arms, minutes } = asked;
  const bar = new ProgressBar();
  await prepareData((id, done, total) => bar.draw(`Preparing data: ${id}`, done, total));
  const date = new Date().toISOString().slice(0, 10);
  const began = performance.now();
  const enough = () => isUnread() || (minutes !== null && performance.now() - began >= minutes * 60_000);
  const rows: Kept[] = [];
  const from = (): TrialFrom => ({ command: asked.command, seeds });
  const say = (...lines: readonly string[]) => {
    bar.clear();
    stdout.write(lines.map((line) => `${line}\n`).join(""));
  };
  const add = (arm: Arm, kept: Kept) => {
    rows.push(kept);
    if (rows.length === 1) say(...trialHead(trial, scale, from(), rows));
    say(rowOf(trial.columns, arm, kept.seed, settled(trial, rows).at(-1)!.figures));
    if (asked.out !== null) writeFileSync(asked.out, `${trialPage(trial, scale, from(), rows).join("\n")}\n`);
  };
  try {
    for (const seed of seeds) {
      for (const arm of arms) {
        const known = asked.rows?.find(arm, seed) ?? null;
        if (known !== null) {
          add(arm, known);
          continue;
        }
        if (enough()) continue;
        const config = { ...arm.config, seed };
        const meter = trial.meter(config);
        let budget = config.budget.amount;
        let device = "";
        let whole = false;
        await runtime.train({
          config,
          onProgress: (label, done, total) => bar.draw(`Preparing ${label}`, done, total),
          onEvent: (event) => {
            meter.hear(event);
            if (event.type === "run/started") {
              budget = event.budgetSteps;
              device = cardName(event.device);
            }
            if (event.type === "run/ended") whole = event.reason !== "stopped";
            if (event.type === "step") bar.draw(`Seed ${seed}, ${arm.label}`, event.step, budget);
          },
          onTest: ({ accuracy = 0 }) => meter.tested(accuracy),
          enough,
        });
        if (!whole) continue;
        const curve = meter.curve?.();
        const row = { arm: arm.id, seed, figures: meter.figures() };
        const kept: Kept = { ...row, ...(curve ? { curve } : {}), device, runtime: runtime.name, date };
        asked.rows?.keep(kept, arm);
        add(arm, kept);
      }
    }
  } finally {
    runtime.close();
  }
  say("", ...trialPage(trial, scale, from(), rows).slice(-1));
}
