/** A program that runs once and is forgotten: what structural events are made of. */
import { control } from "../engine/control.ts";
import type { Arena, Backend, Program } from "../engine/types.ts";

/** Compiles, binds what the program mentions, runs, and reads these outputs. Nothing is left behind on the device. */
export async function once(
  backend: Backend,
  program: Program,
  named: Readonly<Record<string, Arena | null>>,
  outputs: readonly string[] = [],
  words: Uint32Array = control({}),
): Promise<Readonly<Record<string, ArrayBuffer>>> {
  const executable = await backend.compile(program);
  try {
    for (const { name } of program.buffers) {
      const arena = named[name];
      if (name !== "" && arena) executable.bind(name, arena);
    }
    executable.run(words);
    const reads = outputs.map((name) => executable.read(name));
    backend.submit();
    const bits = await Promise.all(reads);
    return Object.fromEntries(outputs.map((name, i) => [name, bits[i]!]));
  } finally {
    executable.dispose();
  }
}
