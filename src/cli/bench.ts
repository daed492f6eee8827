/**
 * `npm run bench -- [--task lstm|gpt|matmul|growth|curve|all] [--engines ours,jax-js,tfjs] [--rounds N] [--runtime
 * chromium|node|deno] [--json FILE] [--svg FILE]`: what a training step costs here and in two other libraries, measured
 * side by side on this machine. Prints Markdown; the README's table is its output.
 */
import { writeFile } from "node:fs/promises";
import { cpus, loadavg, platform, release } from "node:os";
import { argv, stderr, stdout } from "node:process";
import { curveSvg } from "./bench/chart.ts";
import { openChromium } from "./bench/chromium.ts";
import { measureCurve } from "./bench/curve.ts";
import { openHeadless } from "./bench/headless.ts";
import { GPT, type Job, LSTM, MATMULS, type TaskName } from "./bench/jobs.ts";
import { benchOptions, type Options } from "./bench/options.ts";
import { readmeTable } from "./bench/readme-table.ts";
import { report } from "./bench/report.ts";
import type { BenchResult, CurvePoint, Driver, GrowthResult, JobResult } from "./bench/result.ts";
import { here, run } from "./command.ts";

const say = (line: string): void => {
  stderr.write(`${line}\n`);
};

const JOBS: Readonly<Partial<Record<TaskName, readonly Job[]>>> = {
  lstm: [LSTM],
  gpt: [GPT],
  matmul: MATMULS,
};

/** `keep` is called with all there is after each part: what takes an hour should not be lost at its end. */
async function measure(
  driver: Driver,
  options: Options,
  keep: (result: BenchResult) => Promise<void>,
): Promise<BenchResult> {
  const [cpu] = cpus();
  const load = loadavg();
  const jobs: JobResult[] = [];
  const growth: GrowthResult[] = [];
  const curve: CurvePoint[] = [];
  const result = (): BenchResult => ({
    date: new Date().toISOString().slice(0, 16),
    command: options.command,
    runtime: driver.version,
    about: driver.about,
    machine: {
      cpus: cpu?.model ?? "unknown",
      cores: cpus().length,
      system: `${platform()} ${release()}`,
      load,
    },
    rounds: options.rounds,
    cpuGrain: driver.grain,
    idle: driver.idle,
    peak: driver.peak,
    jobs,
    growth,
    curve,
  });
  for (const task of options.tasks) {
    say(`${task}:`);
    if (task === "growth") growth.push(...(await driver.grow()));
    else if (task === "curve") {
      await measureCurve(driver, options.engines, say, async (point) => {
        curve.push(point);
        await keep(result());
      });
    } else {
      for (const job of JOBS[task]!) {
        jobs.push(await driver.measure({ task, job, engines: options.engines, rounds: options.rounds }));
        await keep(result());
      }
    }
  }
  await keep(result());
  return result();
}

async function main(): Promise<number> {
  const options = benchOptions(argv.slice(2));
  const driver = await (options.runtime === "chromium"
    ? openChromium(say)
    : openHeadless(options.runtime, say));
  let result: BenchResult;
  try {
    result = await measure(driver, options, async (now) => {
      if (options.json !== null) await writeFile(here(options.json), `${JSON.stringify(now, null, 1)}\n`);
      if (options.svg !== null && now.curve.length > 0) await writeFile(here(options.svg), curveSvg(now));
    });
  } finally {
    await driver.close();
  }
  stdout.write(`${[...report(result), ...readmeTable(result)].join("\n")}\n`);
  return 0;
}

await run(main);
