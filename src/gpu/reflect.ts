/**
 * What a shader says about itself, read out of its text, so that a kernel call can name variables and fields and no
 * number is written down twice. Only the house's own way of writing WGSL is understood: all bindings in group 0, and one
 * `struct Sizes` of u32 and f32 scalars, which need no padding between them.
 */
export interface Binding {
  readonly binding: number;
  readonly access: "read" | "read_write" | "uniform";
}

export interface SizesField {
  readonly name: string;
  readonly type: "u32" | "f32";
}

export interface Reflection {
  /** Storage and uniform variables by name. */
  readonly bindings: ReadonlyMap<string, Binding>;
  /** Fields of `struct Sizes` in order; empty when the shader has none. */
  readonly sizes: readonly SizesField[];
}

const VARIABLE =
  /@group\((\d+)\)\s*@binding\((\d+)\)\s*var<\s*(uniform|storage)\s*(?:,\s*(read|read_write)\s*)?>\s*(\w+)\s*:/g;

export function reflect(text: string): Reflection {
  const code = text.replace(/\/\/[^\n]*/g, "").replace(/\/\*[\s\S]*?\*\//g, "");
  const bindings = new Map<string, Binding>();
  const taken = new Map<number, string>();
  for (const [, group, number, space, access, name] of code.matchAll(VARIABLE)) {
    const binding = Number(number);
    if (group !== "0") throw new Error(`variable ${name} is in group ${group}; all belong in group 0`);
    if (taken.has(binding)) throw new Error(`${taken.get(binding)} and ${name} share binding ${binding}`);
    taken.set(binding, name!);
    bindings.set(name!, {
      binding,
      access: space === "uniform" ? "uniform" : ((access ?? "read") as "read" | "read_write"),
    });
  }
  const body = /\bstruct\s+Sizes\s*\{([^}]*)\}/.exec(code)?.[1] ?? "";
  const sizes = body
    .split(",")
    .map((field) => field.trim())
    .filter((field) => field !== "")
    .map((field): SizesField => {
      const [, name, type] = /^(\w+)\s*:\s*(u32|f32)$/.exec(field) ?? [];
      if (!name) throw new Error(`struct Sizes: "${field}" is neither a u32 nor an f32`);
      return { name, type: type as "u32" | "f32" };
    });
  return { bindings, sizes };
}

/** The bytes of one `Sizes` block, as words. Throws when a value is missing, unknown, or not what its field holds. */
export function packSizes(
  shader: string,
  fields: readonly SizesField[],
  values: Readonly<Record<string, number>>,
): Uint32Array {
  const words = new Uint32Array(fields.length);
  const floats = new Float32Array(words.buffer);
  for (const name of Object.keys(values)) {
    if (!fields.some((field) => field.name === name))
      throw new Error(`${shader}: Sizes has no field ${name}`);
  }
  fields.forEach(({ name, type }, i) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${shader}: no value for Sizes.${name}`);
    if (type === "f32") {
      floats[i] = value;
    } else {
      if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
        throw new Error(`${shader}: Sizes.${name} = ${value} is not a u32`);
      }
      words[i] = value;
    }
  });
  return words;
}
