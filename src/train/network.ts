/**
 * A network on the device: its arrays and the programs that replay it. A growth makes a second one beside the first and
 * then swaps, so that an event either happens whole or not at all.
 */
import type { Values } from "../config/schema.ts";
import { arenaLayout } from "../engine/layout.ts";
import type { Arena, ArenaLayout, Executable, ParamSpec, Program } from "../engine/types.ts";
import type { Gates } from "../models/types.ts";
import { type ActiveCounts, sizesOf, structuralCounts } from "./ages.ts";
import { type Arrays, disposeArrays, keptIn } from "./arrays.ts";
import { censusProgram } from "./event-programs.ts";
import { windowWords } from "./feed.ts";
import { lensProgram } from "./lens.ts";
import { once } from "./once.ts";
import {
  evalProgram,
  type Kept,
  probeProgram,
  type Sized,
  sampleProgram,
  trainProgram,
  viewProgram,
  WRITTEN_LIMIT,
} from "./programs.ts";
import type { Setup } from "./setup.ts";

export type Progress = (label: string, done: number, total: number) => void;

export interface Network {
  readonly arch: Values;
  readonly specs: readonly ParamSpec[];
  readonly layout: ArenaLayout;
  readonly arrays: Arrays;
  readonly grads: Arena;
  readonly params: number;
  readonly active: number;
  /** Active weights of each parameter. */
  readonly counts: ActiveCounts;
  /** Forward FLOPs per token or image. */
  readonly flops: { readonly executed: number; readonly active: number };
  readonly train: Executable;
  readonly evaluate: Executable;
  readonly probe: Executable;
  /** Layers can be left out of its training step. */
  readonly gates: Gates | null;
  /** All that are made so far. */
  readonly executables: Iterable<Executable>;
  /** Made when first asked for: a headless run never looks. */
  view(): Promise<Executable>;
  sample(): Promise<Executable>;
  /** Of a model that attends. */
  lens(): Promise<Executable>;
  readonly window: Arena;
  readonly written: Arena;
  /** Frees everything but the arrays, which someone else keeps from now on. */
  release(): void;
  dispose(): void;
  /** What never became the run's network: frees all but the arrays and gives back what was lent. */
  abandon(): void;
  /** Lends what another network around other arrays can use as it is. Taken back by `abandon` of that network. */
  readonly lender: Lender;
}

/** The parts of a network that fit any network of the same programs. */
export interface Lender {
  /** The executable of exactly this program, which is the borrower's from now on; null if there is none. */
  executable(program: Program): Executable | null;
  arena(name: ArenaName, elements: number): Arena | null;
  takeBack(
    loan: { readonly executable: Executable } | { readonly name: ArenaName; readonly arena: Arena },
  ): void;
}

type ArenaName = "grads" | "window" | "written";

export interface NetworkPrograms {
  readonly train: Program;
  readonly evaluate: Program;
  readonly probe: Program;
}

export function networkPrograms(setup: Setup, sized: Sized, kept: Kept): NetworkPrograms {
  return {
    train: trainProgram(setup, sized, kept),
    evaluate: evalProgram(setup, sized),
    probe: probeProgram(setup, sized),
  };
}

export interface NetworkOptions {
  readonly onProgress: Progress;
  /** Known already: else they are traced. */
  readonly programs?: NetworkPrograms;
  /** Layers are to be left out of training steps, or have been. Absent: no. */
  readonly gates?: Gates | null;
  /** Known already: else they are counted, on the device where there are ages. */
  readonly counts?: ActiveCounts;
  /** A network that this one is to replace: what fits both is not made twice. */
  readonly lender?: Lender;
}

/** How many weights of each parameter the ages call active. */
async function countsOf(setup: Setup, specs: readonly ParamSpec[], { age }: Arrays): Promise<ActiveCounts> {
  if (age === null) return structuralCounts(specs);
  const { active } = await once(setup.backend, censusProgram(specs), { age }, ["active"]);
  const words = new Uint32Array(active!);
  return new Map(specs.map(({ path }, i) => [path, words[i]!]));
}

/**
 * Compiles what training needs around arrays that are there. Owns them from the moment it resolves; when it throws,
 * everything it made is freed, what was lent is given back, and the arrays are still the caller's.
 */
export async function createNetwork(
  setup: Setup,
  arch: Values,
  specs: readonly ParamSpec[],
  arrays: Arrays,
  { onProgress, programs, counts, gates = null, lender: given }: NetworkOptions,
): Promise<Network> {
  /** Forgotten when this network is released: else every network of a run would hold the one before it. */
  let lender = given ?? null;
  const { backend, optim, model, shape } = setup;
  const layout = arenaLayout(specs);
  const sized = { arch, specs };
  const made = new Set<Executable>();
  const arenas = new Map<ArenaName, Arena>();
  const loans: Parameters<Lender["takeBack"]>[0][] = [];

  const arena = (name: ArenaName, elements: number): Arena => {
    const lent = lender?.arena(name, elements) ?? null;
    if (lent !== null) loans.push({ name, arena: lent });
    const got = lent ?? backend.arena(name, elements);
    arenas.set(name, got);
    return got;
  };
  /** Everything a program may mention, by its name there. */
  const bindAll = (executable: Executable) => {
    const { params, slots, age, score } = arrays;
    const part = executable === parts.train ? setup.train : setup.validation;
    const named: Record<string, Arena | null> = {
      params,
      age,
      score,
      ...Object.fromEntries(arenas),
      ...Object.fromEntries(optim.slots.map((slot, i) => [`slots.${slot}`, slots[i]!])),
      ...Object.fromEntries(part),
    };
    for (const { name } of executable.program.buffers) {
      const bound = named[name];
      if (name !== "" && bound) executable.bind(name, bound);
    }
  };
  const parts: { train?: Executable; evaluate?: Executable; probe?: Executable } = {};
  const compile = async (label: string, program: Program): Promise<Executable> => {
    const lent = lender?.executable(program) ?? null;
    if (lent !== null) loans.push({ executable: lent });
    const executable =
      lent ?? (await backend.compile(program, (done, total) => onProgress(label, done, total)));
    made.add(executable);
    return executable;
  };
  const release = () => {
    for (const executable of made) executable.dispose();
    for (const own of arenas.values()) own.dispose();
    made.clear();
    arenas.clear();
    lender = null;
  };
  const abandon = () => {
    for (const loan of loans) {
      if ("executable" in loan) made.delete(loan.executable);
      else arenas.delete(loan.name);
      lender?.takeBack(loan);
    }
    release();
  };

  try {
    arena("grads", layout.length);
    arena("window", windowWords(shape));
    arena("written", WRITTEN_LIMIT);
    await backend.room();
    const { train, evaluate, probe } =
      programs ?? networkPrograms(setup, sized, { ...keptIn(arrays), gates });
    parts.train = await compile("training step", train);
    parts.evaluate = await compile("evaluation", evaluate);
    parts.probe = await compile("probe", probe);
    for (const executable of Object.values(parts)) bindAll(executable);
    const known = counts ?? (await countsOf(setup, specs, arrays));
    const { executed } = model.flops(arch, shape);
    let view: Promise<Executable> | null = null;
    let sample: Promise<Executable> | null = null;
    let lens: Promise<Executable> | null = null;
    const later = async (label: string, program: Program): Promise<Executable> => {
      lender = null;
      const executable = await compile(label, program);
      bindAll(executable);
      return executable;
    };
    return {
      arch,
      specs,
      layout,
      arrays,
      grads: arenas.get("grads")!,
      window: arenas.get("window")!,
      written: arenas.get("written")!,
      counts: known,
      ...sizesOf(specs, known, executed),
      train: parts.train,
      evaluate: parts.evaluate,
      probe: parts.probe,
      gates,
      executables: made,
      view: () => (view ??= later("view", viewProgram(setup, sized))),
      sample: () => (sample ??= later("writing", sampleProgram(setup, sized))),
      lens: () => (lens ??= later("attention lens", lensProgram(setup, sized))),
      release,
      dispose() {
        release();
        disposeArrays(arrays);
      },
      abandon,
      lender: {
        executable(program) {
          const found = [...made].find((one) => one.program.key === program.key) ?? null;
          if (found !== null) made.delete(found);
          return found;
        },
        arena(name, elements) {
          const found = arenas.get(name);
          if (found?.elements !== elements) return null;
          arenas.delete(name);
          return found;
        },
        takeBack(loan) {
          if ("executable" in loan) {
            made.add(loan.executable);
            bindAll(loan.executable);
          } else arenas.set(loan.name, loan.arena);
        },
      },
    };
  } catch (error) {
    abandon();
    throw error;
  }
}
