/** What `npm run bench` was asked for. */
import { type Args, parseArgs, wholeNumber } from "../args.ts";
import { BadInput } from "../command.ts";
import { ENGINES, type EngineName, TASKS, type TaskName } from "./jobs.ts";

export const USAGE =
  'Use "npm run bench -- [--task lstm|gpt|matmul|growth|curve|all] [--engines ours,jax-js,tfjs] [--rounds N] ' +
  '[--runtime chromium|node|deno] [--json FILE] [--svg FILE]".';

export const RUNTIMES = ["chromium", "node", "deno"] as const;
export type Runtime = (typeof RUNTIMES)[number];

export interface Options {
  readonly tasks: readonly TaskName[];
  readonly engines: readonly EngineName[];
  readonly rounds: number;
  readonly runtime: Runtime;
  readonly json: string | null;
  readonly svg: string | null;
  /** The command that measures this again; where it was written to is nobody's business. */
  readonly command: string;
}

const ROUNDS = 5;
const MOST_ROUNDS = 100;

function oneOf<T extends string>(args: Args, name: string, allowed: readonly T[], otherwise: T): T {
  const text = args.values.get(name) ?? otherwise;
  const found = allowed.find((each) => each === text);
  if (found === undefined) throw new BadInput(`--${name} is "${text}", allowed are ${allowed.join(", ")}.`);
  return found;
}

export function benchOptions(argv: readonly string[]): Options {
  const args = parseArgs(argv, ["task", "engines", "rounds", "runtime", "json", "svg"], [], USAGE);
  if (args.words.length > 0) throw new BadInput(USAGE);
  const task = oneOf(args, "task", [...TASKS, "all"], "all");
  const names = (args.values.get("engines") ?? ENGINES.join(",")).split(",");
  const engines = ENGINES.filter((engine) => names.includes(engine));
  const unknown = names.find((name) => !(ENGINES as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new BadInput(`--engines names "${unknown}", allowed are ${ENGINES.join(", ")}.`);
  }
  const shown = ["task", "engines", "rounds", "runtime"].flatMap((name) => {
    const value = args.values.get(name);
    return value === undefined ? [] : [`--${name} ${value}`];
  });
  return {
    tasks: task === "all" ? TASKS : [task],
    engines,
    rounds: wholeNumber(args, "rounds", 1, MOST_ROUNDS) ?? ROUNDS,
    runtime: oneOf(args, "runtime", RUNTIMES, "chromium"),
    json: args.values.get("json") ?? null,
    svg: args.values.get("svg") ?? null,
    command: ["npm run bench", ...(shown.length > 0 ? ["--", ...shown] : [])].join(" "),
  };
}
