/**
 * A Program as text: one line a command, for people, for tests that keep a program's text, and for its key. The text says
 * all that a device does; numbers of a long constant stand in it by their hash.
 */
import type { GpuCommand, Program } from "./types.ts";

type Keyless = Omit<Program, "key">;

/** FNV-1a, 64 bits, over the UTF-16 units of a text, in hexadecimal. The state is kept in two halves of 32 bits. */
export function fnv64(text: string): string {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (let i = 0; i < text.length; i++) {
    low = (low ^ text.charCodeAt(i)) >>> 0;
    // times 2⁴⁰ + 0x1b3
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return [high, low].map((half) => half.toString(16).padStart(8, "0")).join("");
}

const pairs = (record: Readonly<Record<string, unknown>>): string =>
  Object.entries(record)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");

function tensorText({ tensors }: Keyless, index: number): string {
  const { buffer, offset, spec } = tensors[index]!;
  return `${spec.dtype}[${spec.shape}]@b${buffer}${offset > 0 ? `+${offset}` : ""}`;
}

function commandText(program: Keyless, command: GpuCommand): string {
  const at = (index: number) => tensorText(program, index);
  switch (command.kind) {
    case "copy":
      return `copy ${at(command.from)} -> ${at(command.to)}`;
    case "clear":
      return `clear ${at(command.tensor)}`;
    case "dispatch": {
      const { op, shader, entry, constants, sizes, bind, grid } = command;
      const bound = pairs(Object.fromEntries(Object.entries(bind).map(([name, t]) => [name, at(t)])));
      const parts = [`${op} ${shader}:${entry}`, `<${grid.join("x")}>`, bound];
      if (Object.keys(constants).length > 0) parts.push(`| ${pairs(constants)}`);
      if (Object.keys(sizes).length > 0) parts.push(`; ${pairs(sizes)}`);
      return parts.join(" ");
    }
    default:
      return command satisfies never;
  }
}

function lines(program: Keyless): string[] {
  const { buffers, commands, segments, outputs, flops } = program;
  const out = [`${commands.length} commands, ${flops} flops`];
  buffers.forEach(({ role, name, bytes, words }, b) => {
    out.push(`b${b} ${role}${name && ` ${name}`} ${bytes} bytes${words ? ` #${fnv64(words.join())}` : ""}`);
  });
  const list = (tensors: readonly number[], join: string) =>
    tensors.map((tensor) => tensorText(program, tensor)).join(join);
  const heads = segments.map(({ name, from, to, pass, clears = [] }) => {
    const instead = pass ? ` else ${list(pass, " -> ")}` : "";
    const cleared = clears.length > 0 ? `, clear ${list(clears, ", ")}` : "";
    return { from, text: `segment ${name} ${from}..${to}${instead}${cleared}` };
  });
  for (let i = 0; i <= commands.length; i++) {
    for (const { from, text } of heads) if (from === i) out.push(text);
    if (i < commands.length) out.push(`${i} ${commandText(program, commands[i]!)}`);
  }
  for (const [name, t] of Object.entries(outputs)) out.push(`output ${name} ${tensorText(program, t)}`);
  return out;
}

/** The same key means the same commands on the same memory, and the same calls for the interpreter. */
export function programKey(program: Keyless): string {
  const calls = program.calls.map(({ op, attrs, inputs, outputs }) => [op, attrs, inputs, outputs]);
  return fnv64(`${lines(program).join("\n")}\n${JSON.stringify(calls)}`);
}

export function printProgram(program: Program): string {
  return `program ${program.key}\n${lines(program).join("\n")}\n`;
}
