/**
 * What all commands have in common: where a path that was typed points to, and how they end. Bad input gives exit code 2
 * and one sentence on stderr, any other failure 1 and its sentence.
 */
import { resolve } from "node:path";
import { argv, env, exit, stderr, stdout } from "node:process";
import { fileURLToPath } from "node:url";

/** Bad input: the command prints this one sentence and ends with exit code 2. */
export class BadInput extends Error {}

/** npm runs scripts in the project's root; a person means the folder they stand in. */
export const here = (path: string): string => resolve(env.INIT_CWD ?? ".", path);

let unread = false;

/** Whoever reads stdout has gone ("| head"): what only prints can stop. Never by `exit`: Dawn dies of that mid-step. */
export const isUnread = (): boolean => unread;

/** The module is what the process was started with, not one that a test reads. */
export const isCommand = (module: string): boolean => argv[1] === fileURLToPath(module);

/** Runs a command and ends the process with its exit code. */
export async function run(main: () => Promise<number>): Promise<void> {
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    unread = true;
  });
  let code: number;
  try {
    code = await main();
  } catch (error) {
    stderr.write(`${(error as Error).message}\n`);
    code = error instanceof BadInput ? 2 : 1;
  }
  // Dawn keeps a thread of its own: without this the process would stay. What was written goes out first.
  stdout.write("", () => exit(code));
}
