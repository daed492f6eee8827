/**
 * A network on the device: its arrays and the programs that replay it. A growth makes a second one beside the first and
 * then swaps, so that an event either happens whole or not at all.
 */
import type { Values } from "../config/schema.ts";
import { arenaLayout } from "../engine/layout.ts";
import type { Arena, ArenaLayout, Executable, ParamSpec, Program } from "../engine/types.ts";
import { initial } from "../random/init.ts";
import { fold, STREAM, streamKey } from "../random/threefry.ts";
import { countWeights, isStructured, uniformAges, zeroForbidden } from "./ages.ts";
import {
  evalProgram,
  probeProgram,
  type Sized,
  sampleProgram,
  trainProgram,
  viewProgram,
  WRITTEN_LIMIT,
} from "./programs.ts";
import type { DevicePart, Setup } from "./setup.ts";
import type { FlatArrays } from "./snapshot.ts";

/** Everything of a network that training changes. */
export interface Arrays {
  readonly params: Arena;
  /** In the order of the optimizer's slot names. */
  readonly slots: readonly Arena[];
  readonly age: Arena | null;
}

export type Progress = (label: string, done: number, total: number) => void;

export interface Network {
  readonly arch: Values;
  readonly specs: readonly ParamSpec[];
  readonly layout: ArenaLayout;
  readonly arrays: Arrays;
  readonly grads: Arena;
  readonly params: number;
  readonly active: number;
  /** Forward FLOPs per token. */
  readonly flops: { readonly executed: number; readonly active: number };
  readonly train: Executable;
  readonly evaluate: Executable;
  readonly probe: Executable;
  /** All that are made so far. */
  readonly executables: readonly Executable[];
  /** Made when first asked for: a headless run never looks. */
  view(): Promise<Executable>;
  sample(): Promise<Executable>;
  readonly window: Arena;
  readonly written: Arena;
  /** Frees everything but the arrays, which someone else keeps from now on. */
  release(): void;
  dispose(): void;
}

export function specsOf(setup: Setup, arch: Values): readonly ParamSpec[] {
  return setup.model.params(arch, setup.shape);
}

export function allocate(setup: Setup, specs: readonly ParamSpec[], ages: boolean): Arrays {
  const { length } = arenaLayout(specs);
  const { backend, optim } = setup;
  return {
    params: backend.arena("params", length),
    slots: optim.slots.map((slot) => backend.arena(`slots.${slot}`, length)),
    age: ages ? backend.arena("age", length) : null,
  };
}

export function copyArrays(from: Arrays, to: Arrays): void {
  to.params.copyFrom(from.params);
  to.slots.forEach((slot, i) => {
    slot.copyFrom(from.slots[i]!);
  });
  if (from.age !== null) to.age?.copyFrom(from.age);
}

/** A copy on the device; submitted, so that either side may be freed at once. */
export function cloneArrays(setup: Setup, specs: readonly ParamSpec[], from: Arrays): Arrays {
  const copy = allocate(setup, specs, from.age !== null);
  copyArrays(from, copy);
  setup.backend.submit();
  return copy;
}

export const arenasOf = ({ params, slots, age }: Arrays): readonly Arena[] => [
  params,
  ...slots,
  ...(age === null ? [] : [age]),
];

export function disposeArrays(arrays: Arrays): void {
  arrays.params.dispose();
  for (const slot of arrays.slots) slot.dispose();
  arrays.age?.dispose();
}

/** The weights a run starts from, flat. Keyed by each parameter's own name: the same on every device. */
export function initialWeights(seed: number, specs: readonly ParamSpec[]): Float32Array {
  const { entries, length } = arenaLayout(specs);
  const weights = new Float32Array(length);
  const key = streamKey(seed, 0, STREAM.init);
  for (const spec of specs) {
    const { offset, count } = entries.get(spec.path)!;
    const values = initial(spec.init, count, fold(key, spec.path));
    zeroForbidden(spec, values);
    weights.set(values, offset);
  }
  return weights;
}

/** Arrays of a run that has not begun. */
export function freshArrays(setup: Setup, specs: readonly ParamSpec[]): Arrays {
  const arrays = allocate(setup, specs, isStructured(specs));
  arrays.params.write(0, initialWeights(setup.config.seed, specs));
  arrays.age?.write(0, uniformAges(specs, 0));
  return arrays;
}

/** Arrays of a run that was saved. */
export function arraysOf(setup: Setup, specs: readonly ParamSpec[], flat: FlatArrays): Arrays {
  const arrays = allocate(setup, specs, flat.age !== null);
  arrays.params.write(0, flat.params);
  arrays.slots.forEach((slot, i) => {
    slot.write(0, flat.slots[i]!);
  });
  if (flat.age !== null) arrays.age?.write(0, flat.age);
  return arrays;
}

function bindPart(executable: Executable, part: DevicePart): void {
  executable.bind("tokens", part.tokens);
  executable.bind("starts", part.starts);
}

export interface NetworkPrograms {
  readonly train: Program;
  readonly evaluate: Program;
  readonly probe: Program;
}

export function networkPrograms(setup: Setup, sized: Sized, ages: boolean): NetworkPrograms {
  return {
    train: trainProgram(setup, sized, ages),
    evaluate: evalProgram(setup, sized),
    probe: probeProgram(setup, sized),
  };
}

/**
 * Compiles what training needs around arrays that are there. Owns them from the moment it resolves; when it throws,
 * everything it made is freed and the arrays are still the caller's.
 */
export async function createNetwork(
  setup: Setup,
  arch: Values,
  specs: readonly ParamSpec[],
  arrays: Arrays,
  onProgress: Progress,
  programs: NetworkPrograms = networkPrograms(setup, { arch, specs }, arrays.age !== null),
): Promise<Network> {
  const { backend, optim, model, shape } = setup;
  const layout = arenaLayout(specs);
  const sized = { arch, specs };
  const grads = backend.arena("grads", layout.length);
  const window = backend.arena("window", shape.context);
  const written = backend.arena("written", WRITTEN_LIMIT);
  const made: Executable[] = [];
  const release = () => {
    for (const executable of made) executable.dispose();
    for (const arena of [grads, window, written]) arena.dispose();
  };
  const compile = async (label: string, program: Program): Promise<Executable> => {
    const executable = await backend.compile(program, (done, total) => onProgress(label, done, total));
    made.push(executable);
    executable.bind("params", arrays.params);
    return executable;
  };

  const compileAll = async () => {
    const train = await compile("training step", programs.train);
    train.bind("grads", grads);
    optim.slots.forEach((slot, i) => {
      train.bind(`slots.${slot}`, arrays.slots[i]!);
    });
    if (arrays.age !== null) train.bind("age", arrays.age);
    bindPart(train, setup.train);
    const evaluate = await compile("evaluation", programs.evaluate);
    bindPart(evaluate, setup.validation);
    const probe = await compile("probe", programs.probe);
    bindPart(probe, setup.validation);
    return { train, evaluate, probe };
  };
  const compiled = await compileAll().catch((error: unknown) => {
    release();
    throw error;
  });

  let view: Promise<Executable> | null = null;
  let sample: Promise<Executable> | null = null;
  return {
    arch,
    specs,
    layout,
    arrays,
    grads,
    ...countWeights(specs),
    flops: model.flops(arch, shape),
    ...compiled,
    executables: made,
    window,
    written,
    view() {
      view ??= compile("view", viewProgram(setup, sized)).then((executable) => {
        executable.bind("window", window);
        return executable;
      });
      return view;
    },
    sample() {
      sample ??= compile("writing", sampleProgram(setup, sized)).then((executable) => {
        executable.bind("window", window);
        executable.bind("written", written);
        return executable;
      });
      return sample;
    },
    release,
    dispose() {
      release();
      disposeArrays(arrays);
    },
  };
}
