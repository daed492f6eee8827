/**
 * `npm run train -- <preset id | path | link> [--steps N] [--seed S] [--json] [--record DIR] [--schema]`: the playground's
 * trainer without a page. With --json stdout is one RunEvent a line and nothing else; with --record the folder holds all
 * that another framework needs to replay the run. Bad input: exit code 2 and one sentence on stderr.
 */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { argv, stdout } from "node:process";
import { checkConfig, configJsonSchema } from "../run/check.ts";
import type { RunConfig } from "../run/config.ts";
import { dataShape, taskOf } from "../run/data-shape.ts";
import type { RunEvent } from "../run/events.ts";
import { MAX_AMOUNT, MAX_SEED } from "../run/limits.ts";
import { decodeLink, readConfig } from "../share/link.ts";
import { findPreset, presets } from "../share/presets.ts";
import { trainHeadless } from "../worker/headless.ts";
import { openNodeBackend, readNodeData } from "../worker/node.ts";
import { type Args, parseArgs, wholeNumber } from "./args.ts";
import { BadInput, here, isCommand, isUnread, run } from "./command.ts";
import { prepareData } from "./data.ts";
import { ProgressBar } from "./progress.ts";

type Device = Awaited<ReturnType<typeof openNodeBackend>>;

const USAGE =
  'Use "npm run train -- <preset id | path | link> [--steps N] [--seed S] [--json] [--record DIR] [--schema]".';

/** What to train: a preset, a link or a config file, in this order. */
async function configOf(subject: string): Promise<RunConfig> {
  const preset = findPreset(subject);
  if (preset !== null) return preset.config;
  if (/^\d+\.|#|:\/\//.test(subject) && !existsSync(here(subject))) {
    const opened = await decodeLink(subject);
    if (!opened.ok) throw new BadInput(opened.message);
    return opened.config;
  }
  const text = await readFile(here(subject), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") {
      const ids = presets.map(({ id }) => id).join(", ");
      throw new BadInput(`"${subject}" is no preset, no file and no link; presets are ${ids}.`);
    }
    throw new BadInput(`${subject} cannot be read (${error.code ?? error.message}).`);
  });
  const read = readConfig(text);
  if (!read.ok) throw new BadInput(`${subject} is no config: ${read.message}.`);
  return read.config;
}

function adjusted(config: RunConfig, args: Args): RunConfig {
  const steps = wholeNumber(args, "steps", 1, MAX_AMOUNT.steps);
  const seed = wholeNumber(args, "seed", 0, MAX_SEED);
  const checked = checkConfig({
    ...config,
    ...(seed === null ? {} : { seed }),
    ...(steps === null ? {} : { budget: { unit: "steps", amount: steps } }),
  });
  if (!checked.ok) throw new BadInput(`${checked.message}.`);
  if (checked.config.data.id.startsWith("own")) {
    throw new BadInput("This config trains on a person's own data, which no config or link holds.");
  }
  return checked.config;
}

/** A line for a person; null when it has nothing to say. */
function sentence(event: RunEvent): string | null {
  switch (event.type) {
    case "run/started":
      return `${event.device}: ${event.params.toLocaleString("en")} weights, ${event.vocab} ${taskOf(event.config.data.id) === "classify" ? "classes" : "symbols"}, guessing scores ${Math.log(event.vocab).toFixed(3)}`;
    case "eval":
      return `step ${event.step.toLocaleString("en")}  validation ${event.loss.toFixed(4)}${
        event.accuracy === undefined ? "" : `, ${(100 * event.accuracy).toFixed(2)} % right`
      }`;
    case "structure/done": {
      const { method, sizeBefore, sizeAfter, lossBefore, lossAfter, maxLogitDelta } = event;
      return `step ${event.step.toLocaleString("en")}  ${method}: ${sizeBefore} → ${sizeAfter}, probe loss ${lossBefore.toFixed(4)} → ${lossAfter.toFixed(4)}, largest logit change ${maxLogitDelta.toExponential(1)}`;
    }
    case "asks":
      return `step ${event.step.toLocaleString("en")}  ${event.text}\n${event.otherwise}`;
    case "notice":
      return `step ${event.step.toLocaleString("en")}  ${event.text}`;
    case "structure/refused":
    case "run/ended":
      return event.message;
    default:
      return null;
  }
}

/** Bytes of batches.safetensors that fit into memory next to everything else: 8 a token and a target, 4 a pixel. */
const MAX_BATCHES = 2 ** 31;

async function prepareFolder(record: string, config: RunConfig): Promise<void> {
  const { batch, budget } = config;
  const { image, context } = dataShape(config);
  const positions = { steps: budget.amount * batch * context, tokens: budget.amount, flops: 0 }[budget.unit];
  const each = image ? 4 * image.channels * image.height * image.width + 8 : 16;
  if (positions * each > MAX_BATCHES) {
    const gigabytes = ((positions * each) / 1e9).toFixed(1);
    throw new BadInput(
      `--record would keep ${gigabytes} GB of batches, at most 2 are possible: try --steps.`,
    );
  }
  try {
    await mkdir(record, { recursive: true });
    await writeFile(join(record, "config.json"), `${JSON.stringify(config, null, 2)}\n`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new BadInput(`--record ${record} cannot be written (${code ?? message}).`);
  }
}

async function train(
  config: RunConfig,
  json: boolean,
  record: string | null,
  lent: Device | null,
): Promise<number> {
  const bar = new ProgressBar();
  await prepareData((id, done, total) => bar.draw(`Preparing data: ${id}`, done, total));
  if (record !== null) {
    await prepareFolder(record, config);
  }
  const backend = lent ?? (await openNodeBackend());
  const lines: string[] = [];
  let budget = config.budget.amount;
  let loss = Number.NaN;
  const show = (event: RunEvent) => {
    if (event.type === "run/started") budget = event.budgetSteps;
    if (json || record !== null) {
      const line = `${JSON.stringify(event)}\n`;
      if (record !== null) lines.push(line);
      if (json) stdout.write(line);
    }
    if (event.type === "step") {
      loss = event.loss;
      bar.draw("Training", event.step, budget, `loss ${loss.toFixed(4)}`);
    } else if (!json) {
      const line = sentence(event);
      if (line === null) return;
      bar.clear();
      stdout.write(`${line}\n`);
    }
  };
  const outcome = await trainHeadless({
    config,
    backend,
    files: readNodeData,
    clock: () => performance.now() / 1000,
    onEvent: show,
    onProgress: (label, done, total) => bar.draw(`Preparing ${label}`, done, total),
    ...(record === null
      ? { enough: isUnread }
      : { onRecord: (name, bytes) => writeFile(join(record, name), new Uint8Array(bytes)) }),
  });
  bar.clear();
  if (record !== null) await writeFile(join(record, "events.jsonl"), lines.join(""));
  if (lent === null) backend.dispose();
  return outcome === "budget" ? 0 : 1;
}

/**
 * What was typed after the command. Bad input throws its sentence (`BadInput`). `lent`: the device to train on, for a caller
 * that trains more than once; else one is opened.
 */
export async function main(typed: readonly string[], lent: Device | null = null): Promise<number> {
  const args = parseArgs(typed, ["steps", "seed", "record"], ["json", "schema"], USAGE);
  if (args.flags.has("schema")) {
    stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    return 0;
  }
  const [subject, ...more] = args.words;
  if (subject === undefined || more.length > 0) throw new BadInput(USAGE);
  const config = adjusted(await configOf(subject), args);
  const record = args.values.get("record");
  return train(config, args.flags.has("json"), record === undefined ? null : here(record), lent);
}

if (isCommand(import.meta.url)) await run(() => main(argv.slice(2)));
