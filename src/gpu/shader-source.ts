/**
 * WGSL has no include, and kernels share random numbers, reductions and activations. A line
 *
 *     //!include "lib/random.wgsl"
 *
 * is replaced by that file, once in a shader however often it is asked for, so a library may include what it needs. The
 * place of every line is kept: a compiler's message must name the file a person can open.
 */
export interface ShaderSource {
  readonly text: string;
  /** Line of `text` (1-based) → "lib/random.wgsl:12". */
  at(line: number): string;
}

const INCLUDE = /^\s*\/\/!include\s+"([^"]+)"\s*$/;

/** The shader `name` (no ending) out of `files`, keyed by path inside `shaders/` without ".wgsl". */
export function expandShader(files: Readonly<Record<string, string>>, name: string): ShaderSource {
  const lines: string[] = [];
  const places: string[] = [];
  const seen = new Set<string>();

  const paste = (file: string, from: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    if (!Object.hasOwn(files, file))
      throw new Error(`there is no shader ${file}.wgsl (asked for by ${from})`);
    files[file]!.split("\n").forEach((line, i) => {
      const place = `${file}.wgsl:${i + 1}`;
      const included = INCLUDE.exec(line);
      if (included) {
        paste(included[1]!.replace(/\.wgsl$/, ""), place);
      } else {
        lines.push(line);
        places.push(place);
      }
    });
  };
  paste(name, "a program");
  return { text: lines.join("\n"), at: (line) => places[line - 1] ?? `${name}.wgsl` };
}
