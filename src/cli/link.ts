/**
 * `npm run link -- encode <config.json>` prints the link of a config, `decode <link>` the whole config of a link, every
 * default written out. For people who keep runs in files. Bad input: exit code 2 and one sentence on stderr.
 */
import { readFile } from "node:fs/promises";
import { argv, stdout } from "node:process";
import { decodeLink, encodeLink, readConfig } from "../share/link.ts";
import { BadInput, here, isCommand, run } from "./command.ts";

const USAGE = 'Use "encode <config.json>" or "decode <link>".';

async function encode(path: string): Promise<string> {
  const text = await readFile(here(path), "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new BadInput(`${path} cannot be read (${error.code ?? error.message}).`);
  });
  const read = readConfig(text);
  if (!read.ok) throw new BadInput(`${path} is no config: ${read.message}.`);
  return `#${await encodeLink(read.config)}`;
}

async function decode(link: string): Promise<string> {
  const opened = await decodeLink(link);
  if (!opened.ok) throw new BadInput(opened.message);
  return JSON.stringify(opened.config, null, 2);
}

const VERBS: ReadonlyMap<string, (subject: string) => Promise<string>> = new Map([
  ["encode", encode],
  ["decode", decode],
]);

/** What was typed after the command. Bad input throws its sentence (`BadInput`). */
export async function main([verb, subject, ...more]: readonly string[]): Promise<number> {
  if (verb === undefined || subject === undefined || more.length > 0) throw new BadInput(USAGE);
  const does = VERBS.get(verb);
  if (does === undefined) throw new BadInput(`"${verb}" is not known. ${USAGE}`);
  stdout.write(`${await does(subject)}\n`);
  return 0;
}

if (isCommand(import.meta.url)) await run(() => main(argv.slice(2)));
