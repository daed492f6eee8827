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

async function measure(driver: Driver, options: Options): Promise<BenchResult> {
  const before = loadavg();
  const jobs: JobResult[] = [];
  let growth: readonly GrowthResult[] = [];
  let curve: readonly CurvePoint[] = [];
  for (const task of options.tasks) {
    say(`${task}:`);
    if (task === "growth") growth = await driver.grow();
    else if (task === "curve") curve = await measureCurve(driver, options.engines, say);
    else {
      for (const job of JOBS[task]!) {
        jobs.push(await driver.measure({ task, job, engines: options.engines, rounds: options.rounds }));
      }
    }
  }
  const [cpu] = cpus();
  return {
    date: new Date().toISOString().slice(0, 16),
    command: options.command,
    runtime: driver.version,
    about: driver.about,
    machine: {
      cpus: cpu?.model ?? "unknown",
      cores: cpus().length,
      system: `${platform()} ${release()}`,
      load: before,
    },
    rounds: options.rounds,
    cpuGrain: driver.grain,
    idle: driver.idle,
    peak: driver.peak,
    jobs,
    growth,
    curve,
  };
}

async function main(): Promise<number> {
  const options = benchOptions(argv.slice(2));
  const driver = await (options.runtime === "chromium"
    ? openChromium(say)
    : openHeadless(options.runtime, say));
  let result: BenchResult;
  try {
    result = await measure(driver, options);
  } finally {
    await driver.close();
  }
  if (options.json !== null) await writeFile(here(options.json), `${JSON.stringify(result, null, 1)}\n`);
  if (options.svg !== null && result.curve.length > 0) await writeFile(here(options.svg), curveSvg(result));
  stdout.write(`${report(result).join("\n")}\n`);
  return 0;
}

await run(main);
