/**
 * `npm run reproduce -- <preset id> [--runtime node|deno] [--adapter hardware|software] [--minutes N] [--seed S]
 * [--out FILE]`: proof that a preset learns. Trains exactly what the preset names, headless, until validation is under the bigram yardstick of its data set,
 * and on towards the 5-gram until that is beaten, the budget is used up or the minutes are over; on images always to the
 * end of the budget, and then looks at the test images. Prints the curve as Markdown. Exit code 1 when not even the
 * easiest yardstick was beaten, 2 for bad input.
 *
 * Where a preset stands for a claim of a paper (trials/), `[--scale small|paper] [--seeds 1,2,3] [--arms A,B] [--rows FILE]`
 * instead: the claim is put to the test over those seeds, and the table is printed whatever it says. Rows are kept in FILE,
 * and what is there already is not run again. `--plan` says what it would take and runs nothing; without an id, of all.
 */
import { writeFile } from "node:fs/promises";
import { argv, stdout } from "node:process";
import { datasets } from "../data/load.ts";
import type { RunConfig } from "../run/config.ts";
import { MAX_SEED } from "../run/limits.ts";
import { findPreset, presets } from "../share/presets.ts";
import { type Args, parseArgs, wholeNumber } from "./args.ts";
import { BadInput, here, isCommand, isUnread, run } from "./command.ts";
import { Curve, head, type Provenance } from "./curve.ts";
import { prepareData } from "./data.ts";
import { ProgressBar } from "./progress.ts";
import { type Runtime, runtimeOf } from "./runtimes.ts";
import { planPage } from "./trial-plan.ts";
import { RowFile } from "./trial-rows.ts";
import { armsNamed, runTrial } from "./trial-run.ts";
import * as trials from "./trials/registry.ts";
import { SCALES, type Scale, type Trial } from "./trials/types.ts";

const USAGE =
  'Use "npm run reproduce -- <preset id> [--runtime node|deno] [--adapter hardware|software] [--minutes N] [--seed S] [--out FILE]", or with [--scale small|paper] [--seeds 1,2,3] [--arms A,B] [--rows FILE] [--plan] where the preset stands for a claim.';

const MINUTES = 20;

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

/** The command that prints this again, without what does not matter to it: where it was written to and kept. */
function commandOf(id: string, { values }: Args, but: readonly string[]): string {
  const options = [...values]
    .filter(([name]) => !but.includes(name))
    .map(([name, value]) => `--${name} ${value}`);
  return ["npm run reproduce --", id, ...options].join(" ");
}

/** What only a claim is asked. */
const OF_CLAIMS = ["scale", "seeds", "arms", "rows"];

const claims = Object.values(trials) as readonly Trial[];

function claim(trial: Trial, args: Args) {
  const scale = scaleOf(args);
  return { trial, scale, seeds: seedsOf(args), arms: armsNamed(trial, scale, args.values.get("arms")) };
}

function plan(asked: readonly Trial[], args: Args): number {
  for (const trial of asked) {
    const { scale, seeds, arms } = claim(trial, args);
    stdout.write(`${[...planPage(trial, scale, seeds.length, arms), ""].join("\n")}\n`);
  }
  return 0;
}

/** What was typed after the command. Bad input throws its sentence (`BadInput`). */
export async function main(typed: readonly string[]): Promise<number> {
  const valued = ["runtime", "adapter", "minutes", "seed", "out", ...OF_CLAIMS];
  const args = parseArgs(typed, valued, ["plan"], USAGE);
  const [id, ...more] = args.words;
  const planned = args.flags.has("plan");
  if (id === undefined && planned && !args.values.has("arms")) {
    // Two ids may share a table.
    return plan(
      claims.filter((one, i) => claims.findIndex(({ title }) => title === one.title) === i),
      args,
    );
  }
  if (id === undefined || more.length > 0) throw new BadInput(USAGE);
  const trial = claims.find((one) => one.id === id);
  const preset = findPreset(id);
  if (preset === null && trial === undefined) {
    throw new BadInput(
      `"${id}" is no preset; presets are ${presets.map((p) => p.id).join(", ")}. Claims: ${claims.map((one) => one.id).join(", ")}.`,
    );
  }
  const minutes = wholeNumber(args, "minutes", 1, 1440);
  const seed = wholeNumber(args, "seed", 0, MAX_SEED);
  const [out, rows] = ["out", "rows"].map((name) => args.values.get(name));
  if (trial !== undefined) {
    if (seed !== null) throw new BadInput(`--seed is for one run; a claim takes --seeds ${seed}.`);
    if (planned) return plan([trial], args);
    const asked = claim(trial, args);
    const runtime = runtimeOf(args.values.get("runtime") ?? "node", args.values.get("adapter"));
    const kept = rows === undefined ? null : new RowFile(here(rows), trial.id, asked.scale);
    const page = out === undefined ? null : here(out);
    const command = commandOf(id, args, ["out", "rows", "minutes"]);
    await runTrial({ ...asked, minutes, rows: kept, out: page, command }, runtime);
    return 0;
  }
  if (preset === null || planned || OF_CLAIMS.some((name) => args.values.has(name))) {
    const given = [...OF_CLAIMS.filter((name) => args.values.has(name)), "plan"][0];
    throw new BadInput(
      `--${given} is for what stands for a claim: ${claims.map((one) => one.id).join(", ")}.`,
    );
  }
  const runtime = runtimeOf(args.values.get("runtime") ?? "node", args.values.get("adapter"));
  const config = seed === null ? preset.config : { ...preset.config, seed };
  const { learned, lines } = await reproduce(config, runtime, minutes ?? MINUTES, {
    preset: id,
    command: commandOf(id, args, ["out"]),
    runtime: runtime.name,
    date: new Date().toISOString().slice(0, 10),
  }).finally(() => runtime.close());
  if (out !== undefined) await writeFile(here(out), `${lines.join("\n")}\n`);
  return learned ? 0 : 1;
}

if (isCommand(import.meta.url)) await run(() => main(argv.slice(2)));
