/**
 * `npm run reproduce -- <preset id> [--runtime node|deno] [--minutes N] [--seed S] [--out FILE]`: proof that a preset
 * learns. Trains exactly what the preset names, headless, until validation is under the bigram yardstick of its data set,
 * and on towards the 5-gram until that is beaten, the budget is used up or the minutes are over; on images always to the
 * end of the budget, and then looks at the test images. Prints the curve as Markdown. Exit code 1 when not even the
 * easiest yardstick was beaten, 2 for bad input.
 *
 * Where a preset stands for a claim of a paper (trials/), `[--scale small|paper] [--seeds 1,2,3]` instead: the claim is put
 * to the test over those seeds, and the table is printed whatever it says.
 */
import { writeFile } from "node:fs/promises";
import { argv, stdout, version } from "node:process";
import { datasets } from "../data/load.ts";
import type { RunConfig } from "../run/config.ts";
import type { RunEvent } from "../run/events.ts";
import { MAX_SEED } from "../run/limits.ts";
import { findPreset, presets } from "../share/presets.ts";
import { trainHeadless } from "../worker/headless.ts";
import { openNodeBackend, readNodeData } from "../worker/node.ts";
import { type Args, parseArgs, wholeNumber } from "./args.ts";
import { BadInput, here, isCommand, isUnread, run } from "./command.ts";
import { Curve, head, type Provenance } from "./curve.ts";
import { prepareData } from "./data.ts";
import { denoVersion, findDeno, NO_DENO, trainInDeno } from "./deno.ts";
import { ProgressBar } from "./progress.ts";
import { rowOf, type TrialFrom, trialHead, trialPage } from "./trial.ts";
import * as trials from "./trials/registry.ts";
import { type Row, SCALES, type Scale, type Trial } from "./trials/types.ts";

const USAGE =
  'Use "npm run reproduce -- <preset id> [--runtime node|deno] [--minutes N] [--seed S] [--out FILE]", or with [--scale small|paper] [--seeds 1,2,3] where the preset stands for a claim.';

const MINUTES = 20;

/** What a runtime is told and asked while it trains. */
interface Listener {
  readonly config: RunConfig;
  onEvent(event: RunEvent): void;
  onProgress(label: string, done: number, total: number): void;
  /** The test images, once the run is over; Deno does not tell. */
  onTest(scores: { readonly loss: number; readonly accuracy?: number; readonly images: number }): void;
  enough(): boolean;
}

interface Runtime {
  readonly name: string;
  train(listener: Listener): Promise<unknown>;
}

const node: Runtime = {
  name: `Node ${version.slice(1)}, Dawn`,
  async train(listener) {
    const backend = await openNodeBackend();
    await trainHeadless({
      ...listener,
      backend,
      files: readNodeData,
      clock: () => performance.now() / 1000,
    });
    backend.dispose();
  },
};

function runtimeOf(name: string): Runtime {
  if (name === "node") return node;
  if (name !== "deno") throw new BadInput(`--runtime is "${name}", allowed are node and deno.`);
  const deno = findDeno();
  if (deno === null) throw new BadInput(NO_DENO);
  return {
    name: `${denoVersion(deno)}, wgpu`,
    train: (listener) => trainInDeno({ ...listener, deno }),
  };
}

/** Trains and prints; says whether the easiest yardstick was beaten. */
async function reproduce(config: RunConfig, runtime: Runtime, minutes: number, from: Provenance) {
  const data = datasets.find(({ id }) => id === config.data.id)!;
  const bar = new ProgressBar();
  await prepareData((id, done, total) => bar.draw(`Preparing data: ${id}`, done, total));
  const curve = new Curve(data.yardsticks);
  const lines: string[] = [];
  const say = (...some: readonly string[]) => {
    bar.clear();
    lines.push(...some);
    stdout.write(some.map((line) => `${line}\n`).join(""));
  };
  const began = performance.now();
  const over = () => performance.now() - began >= minutes * 60_000;
  let budget = config.budget.amount;
  let end = "";
  let test = "";
  await runtime.train({
    config,
    onProgress: (label, done, total) => bar.draw(`Preparing ${label}`, done, total),
    onEvent: (event) => {
      switch (event.type) {
        case "run/started":
          budget = event.budgetSteps;
          return say(...head(from, event, data));
        case "step":
          return bar.draw("Training", event.step, budget, `loss ${event.loss.toFixed(4)}`);
        case "eval":
          return say(
            curve.add({
              step: event.step,
              tokens: event.tokens,
              seconds: event.wall,
              nats: event.loss,
              ...(event.accuracy === undefined ? {} : { accuracy: event.accuracy }),
            }),
          );
        case "run/ended":
          end = event.message;
          return;
        default:
          return;
      }
    },
    onTest: ({ loss, accuracy = 0, images }) => {
      curve.tested(accuracy);
      test = `On the ${images.toLocaleString("en")} test images, looked at once, after the end: ${(100 * accuracy).toFixed(2)} % right, loss ${loss.toFixed(4)}.`;
    },
    enough: () => curve.complete || over() || isUnread(),
  });
  const why = curve.complete
    ? "The hardest yardstick is beaten."
    : over()
      ? `The limit of ${minutes} min is reached.`
      : "";
  say("", `${why} ${end}`.trim(), ...(test === "" ? [] : ["", test]), "", ...curve.verdict());
  return { learned: curve.learned, lines };
}

/** Every arm of a trial with every seed. The table is printed row by row; how it came out is no failure. */
async function tried(
  trial: Trial,
  scale: Scale,
  seeds: readonly number[],
  runtime: Runtime,
  command: string,
) {
  const bar = new ProgressBar();
  await prepareData((id, done, total) => bar.draw(`Preparing data: ${id}`, done, total));
  const date = new Date().toISOString().slice(0, 10);
  const rows: Row[] = [];
  let from: TrialFrom | null = null;
  const say = (...lines: readonly string[]) => {
    bar.clear();
    stdout.write(lines.map((line) => `${line}\n`).join(""));
  };
  for (const seed of seeds) {
    for (const arm of trial.arms(scale)) {
      const config = { ...arm.config, seed };
      const meter = trial.meter(config, rows);
      let budget = config.budget.amount;
      await runtime.train({
        config,
        onProgress: (label, done, total) => bar.draw(`Preparing ${label}`, done, total),
        onEvent: (event) => {
          meter.hear(event);
          if (event.type === "run/started") {
            budget = event.budgetSteps;
            if (from === null) {
              from = { command, runtime: runtime.name, date, device: event.device, seeds };
              say(...trialHead(trial, scale, from));
            }
          }
          if (event.type === "step") bar.draw(`Seed ${seed}, ${arm.label}`, event.step, budget);
        },
        onTest: ({ accuracy = 0 }) => meter.tested(accuracy),
        enough: isUnread,
      });
      rows.push({ arm: arm.id, seed, figures: meter.figures() });
      say(rowOf(trial.columns, arm, seed, meter.figures()));
    }
  }
  say("", trial.verdict(rows));
  return trialPage(trial, scale, from!, rows);
}

function scaleOf(args: Args): Scale {
  const given = args.values.get("scale") ?? "small";
  const scale = SCALES.find((one) => one === given);
  if (scale === undefined) throw new BadInput(`--scale is "${given}", allowed are small and paper.`);
  return scale;
}

function seedsOf(args: Args): readonly number[] {
  const given = (args.values.get("seeds") ?? "1,2,3").split(",").map((word) => word.trim());
  if (given.every((word) => /^\d+$/.test(word) && Number(word) <= MAX_SEED)) return given.map(Number);
  throw new BadInput(`--seeds is "${args.values.get("seeds")}", needed are whole numbers such as 1,2,3.`);
}

/** The command that prints this again; where it was written to is nobody's business. */
function commandOf(id: string, { values }: Args): string {
  const options = [...values].filter(([name]) => name !== "out").map(([name, value]) => `--${name} ${value}`);
  return ["npm run reproduce --", id, ...options].join(" ");
}

/** What was typed after the command. Bad input throws its sentence (`BadInput`). */
export async function main(typed: readonly string[]): Promise<number> {
  const args = parseArgs(typed, ["runtime", "minutes", "seed", "out", "scale", "seeds"], [], USAGE);
  const [id, ...more] = args.words;
  if (id === undefined || more.length > 0) throw new BadInput(USAGE);
  const trial = (Object.values(trials) as readonly Trial[]).find((one) => one.id === id);
  const preset = findPreset(id);
  if (preset === null && trial === undefined) {
    const claims = Object.values(trials).map((one) => one.id);
    throw new BadInput(
      `"${id}" is no preset; presets are ${presets.map((p) => p.id).join(", ")}. Claims: ${claims.join(", ")}.`,
    );
  }
  const minutes = wholeNumber(args, "minutes", 1, 1440) ?? MINUTES;
  const seed = wholeNumber(args, "seed", 0, MAX_SEED);
  const out = args.values.get("out");
  const runtime = runtimeOf(args.values.get("runtime") ?? "node");
  if (trial !== undefined) {
    const page = await tried(trial, scaleOf(args), seedsOf(args), runtime, commandOf(id, args));
    if (out !== undefined) await writeFile(here(out), `${page.join("\n")}\n`);
    return 0;
  }
  if (preset === null || args.values.has("scale") || args.values.has("seeds")) {
    const ids = Object.values(trials).map((one) => one.id);
    throw new BadInput(`--scale and --seeds are for what stands for a claim: ${ids.join(", ")}.`);
  }
  const config = seed === null ? preset.config : { ...preset.config, seed };
  const { learned, lines } = await reproduce(config, runtime, minutes, {
    preset: id,
    command: commandOf(id, args),
    runtime: runtime.name,
    date: new Date().toISOString().slice(0, 10),
  });
  if (out !== undefined) await writeFile(here(out), `${lines.join("\n")}\n`);
  return learned ? 0 : 1;
}

if (isCommand(import.meta.url)) await run(() => main(argv.slice(2)));
