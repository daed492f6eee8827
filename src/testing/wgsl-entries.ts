/**
 * What each entry point of a WGSL text takes of the device: storage buffers and workgroup memory that it names itself or
 * through the functions it calls, and its invocations. WebGPU's limits count just these.
 */
export interface EntryPoint {
  readonly name: string;
  readonly storage: readonly string[];
  readonly invocations: number;
  /** Workgroup memory. */
  readonly bytes: number;
}

interface Function {
  readonly name: string;
  readonly workgroupSize: string | null;
  readonly body: string;
}

const SCALARS: Readonly<Record<string, number>> = { f32: 4, u32: 4, i32: 4, bool: 4 };

/** Entry points in order; `overrides` replaces the defaults of override constants. */
export function entryPoints(source: string, overrides: Readonly<Record<string, number>> = {}): EntryPoint[] {
  const text = source.replace(/\/\/[^\n]*/g, "").replace(/\/\*[\s\S]*?\*\//g, "");
  const constants = new Map<string, string>();
  for (const [, name, value] of text.matchAll(/\b(?:const|override)\s+(\w+)[^=;]*=([^;]+);/g)) {
    constants.set(name!, value!);
  }
  for (const [name, value] of Object.entries(overrides)) constants.set(name, String(value));
  const storage = [...text.matchAll(/var<\s*storage[^>]*>\s*(\w+)/g)].map(([, name]) => name!);
  const shared = [...text.matchAll(/var<\s*workgroup\s*>\s*(\w+)\s*:([^;]+);/g)];
  const functions = functionsOf(text);

  return functions
    .filter(({ workgroupSize }) => workgroupSize !== null)
    .map(({ name, workgroupSize }) => {
      const names = wordsWithin(name, functions);
      return {
        name,
        storage: storage.filter((variable) => names.has(variable)),
        invocations: splitList(workgroupSize!).reduce((n, part) => n * numberOf(part, constants), 1),
        bytes: shared.reduce((sum, [, variable, type]) => {
          return names.has(variable!) ? sum + roundUp16(sizeOfType(type!, constants)) : sum;
        }, 0),
      };
    });
}

function functionsOf(text: string): Function[] {
  return [...text.matchAll(/((?:@\w+(?:\s*\([^)]*\))?\s*)*)\bfn\s+(\w+)\s*\(/g)].map((match) => {
    const start = text.indexOf("{", match.index);
    let depth = 0;
    let end = start;
    do {
      depth += text[end] === "{" ? 1 : text[end] === "}" ? -1 : 0;
      end++;
    } while (depth > 0 && end < text.length);
    const workgroupSize = /@workgroup_size\s*\(([^)]*)\)/.exec(match[1]!)?.[1] ?? null;
    return { name: match[2]!, workgroupSize, body: text.slice(start, end) };
  });
}

/** Every word in a function's body and in those of the functions it calls. */
function wordsWithin(name: string, functions: readonly Function[]): Set<string> {
  const words = new Set<string>();
  const seen = new Set<string>();
  const visit = (called: string) => {
    const found = functions.find((candidate) => candidate.name === called);
    if (!found || seen.has(called)) return;
    seen.add(called);
    // A field or a method is no variable: `sizes.a` does not name `a`.
    for (const [word] of found.body.matchAll(/(?<![.\w])[A-Za-z_]\w*/g)) {
      words.add(word);
      visit(word);
    }
  };
  visit(name);
  return words;
}

const splitList = (list: string): string[] =>
  list
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

/** Sums and products of numbers and constants. */
function numberOf(expression: string, constants: ReadonlyMap<string, string>): number {
  const text = expression.trim();
  const operator = /^(.*)([+])(.*)$/.exec(text) ?? /^(.*)([*/])(.*)$/.exec(text);
  if (operator) {
    const [left, right] = [numberOf(operator[1]!, constants), numberOf(operator[3]!, constants)];
    return operator[2] === "+" ? left + right : operator[2] === "*" ? left * right : Math.floor(left / right);
  }
  const number = /^(\d+)u?$/.exec(text);
  if (number) return Number(number[1]);
  const named = constants.get(text);
  if (named === undefined) throw new Error(`"${text}" is no number and no constant`);
  return numberOf(named, constants);
}

/** Bytes of a type as WGSL lays it out, for the types kernels share. */
function sizeOfType(type: string, constants: ReadonlyMap<string, string>): number {
  const text = type.trim().replace(/\s+/g, "");
  const array = /^array<(.+),([^,>]+)>$/.exec(text);
  if (array) return sizeOfType(array[1]!, constants) * numberOf(array[2]!, constants);
  const scalar = SCALARS[text] ?? (/^atomic<[ui]32>$/.test(text) ? 4 : undefined);
  if (scalar !== undefined) return scalar;
  const vector = /^vec([234])(?:[fui]|<[fui]32>)$/.exec(text);
  if (vector) return vector[1] === "2" ? 8 : 16;
  const matrix = /^mat([234])x([234])(?:f|<f32>)$/.exec(text);
  if (matrix) return Number(matrix[1]) * (matrix[2] === "2" ? 8 : 16);
  throw new Error(`the size of ${text} is not known here`);
}

const roundUp16 = (bytes: number): number => Math.ceil(bytes / 16) * 16;
