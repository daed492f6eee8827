/**
 * `npm run link -- encode <config.json>` prints the link of a config, `decode <link>` the whole config of a link, every
 * default written out. For people who keep runs in files. Bad input: exit code 2 and one sentence on stderr.
 */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { argv, env, stderr, stdout } from "node:process";
import { decodeLink, encodeLink, readConfig } from "../share/link.ts";

const USAGE = 'Use "encode <config.json>" or "decode <link>".';

/** What is printed, or an Error whose message is the sentence. */
async function run(args: readonly string[]): Promise<string> {
  const [verb, subject] = args;
  if (args.length !== 2 || subject === undefined) throw new Error(USAGE);
  if (verb === "encode") {
    // npm runs scripts in the project's root; a person means the folder they stand in.
    const text = await readFile(resolve(env.INIT_CWD ?? ".", subject), "utf8").catch(
      (error: NodeJS.ErrnoException) => {
        throw new Error(`${subject} cannot be read (${error.code ?? error.message}).`);
      },
    );
    const read = readConfig(text);
    if (!read.ok) throw new Error(`${subject} is no config: ${read.message}.`);
    return `#${await encodeLink(read.config)}`;
  }
  if (verb === "decode") {
    const opened = await decodeLink(subject);
    if (!opened.ok) throw new Error(opened.message);
    return JSON.stringify(opened.config, null, 2);
  }
  throw new Error(`"${verb}" is not known. ${USAGE}`);
}

try {
  stdout.write(`${await run(argv.slice(2))}\n`);
} catch (error) {
  stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
