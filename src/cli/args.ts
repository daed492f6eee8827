/** Arguments of a command: words, options with a value, flags. An unknown option is refused, never ignored. */

import { BadInput } from "./command.ts";

export interface Args {
  readonly words: readonly string[];
  readonly values: ReadonlyMap<string, string>;
  readonly flags: ReadonlySet<string>;
}

/** `--name value` and `--name=value` for the names in `valued`, `--name` for those in `flags`. */
export function parseArgs(
  args: readonly string[],
  valued: readonly string[],
  flags: readonly string[],
  usage: string,
): Args {
  const words: string[] = [];
  const values = new Map<string, string>();
  const set = new Set<string>();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (!arg.startsWith("--")) {
      words.push(arg);
      continue;
    }
    const [name = "", ...rest] = arg.slice(2).split("=");
    if (flags.includes(name) && rest.length === 0) set.add(name);
    else if (valued.includes(name)) {
      const value = rest.length > 0 ? rest.join("=") : args[++i];
      if (value === undefined || value === "") throw new BadInput(`--${name} needs a value. ${usage}`);
      values.set(name, value);
    } else if (flags.includes(name)) throw new BadInput(`--${name} takes no value. ${usage}`);
    else throw new BadInput(`--${name} is not known. ${usage}`);
  }
  return { words, values, flags: set };
}

/** A whole number in a range, or the sentence. */
export function wholeNumber(args: Args, name: string, min: number, max: number): number | null {
  const text = args.values.get(name);
  if (text === undefined) return null;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max || text.trim() === "") {
    throw new BadInput(`--${name} is ${text}, allowed are whole numbers from ${min} to ${max}.`);
  }
  return value;
}
