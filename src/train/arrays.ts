/**
 * Everything of a network that training changes, as arenas of one layout: made, copied, freed, and what stands in them at
 * the start of a run.
 */
import type { Values } from "../config/schema.ts";
import { arenaLayout } from "../engine/layout.ts";
import type { Arena, ParamSpec } from "../engine/types.ts";
import { initial } from "../random/init.ts";
import { fold, STREAM, streamKey } from "../random/threefry.ts";
import { forbid, isStructured, uniformAges, zeroForbidden } from "./ages.ts";
import type { Kept } from "./programs.ts";
import type { Setup } from "./setup.ts";
import type { FlatArrays } from "./snapshot.ts";

/** Everything of a network that training changes. */
export interface Arrays {
  readonly params: Arena;
  /** In the order of the optimizer's slot names. */
  readonly slots: readonly Arena[];
  readonly age: Arena | null;
  /** Σ of the gradients of the scoring window that is open; null: none is. */
  readonly score: Arena | null;
}

export function specsOf(setup: Setup, arch: Values): readonly ParamSpec[] {
  return setup.model.params(arch, setup.shape);
}

/** Zeroed. Throws NoRoom, and has then made nothing, when the device has no room for them. */
export async function allocate(
  setup: Setup,
  specs: readonly ParamSpec[],
  { ages, score }: Pick<Kept, "ages" | "score">,
): Promise<Arrays> {
  const { length } = arenaLayout(specs);
  const { backend, optim } = setup;
  const made: Arena[] = [];
  const arena = (name: string): Arena => {
    const one = backend.arena(name, length);
    made.push(one);
    return one;
  };
  try {
    const arrays = {
      params: arena("params"),
      slots: optim.slots.map((slot) => arena(`slots.${slot}`)),
      age: ages ? arena("age") : null,
      score: score ? arena("score") : null,
    };
    await backend.room();
    return arrays;
  } catch (error) {
    for (const one of made) one.dispose();
    throw error;
  }
}

export const keptIn = ({ age, score }: Arrays): Kept => ({ ages: age !== null, score: score !== null });

export function copyArrays(from: Arrays, to: Arrays): void {
  to.params.copyFrom(from.params);
  to.slots.forEach((slot, i) => {
    slot.copyFrom(from.slots[i]!);
  });
  if (from.age !== null) to.age?.copyFrom(from.age);
  if (from.score !== null) to.score?.copyFrom(from.score);
}

/** A copy on the device; submitted, so that either side may be freed at once. */
export async function cloneArrays(setup: Setup, specs: readonly ParamSpec[], from: Arrays): Promise<Arrays> {
  const copy = await allocate(setup, specs, keptIn(from));
  copyArrays(from, copy);
  setup.backend.submit();
  return copy;
}

export const arenasOf = ({ params, slots, age, score }: Arrays): readonly Arena[] =>
  [params, ...slots, age, score].filter((arena) => arena !== null);

export function disposeArrays(arrays: Arrays): void {
  arrays.params.dispose();
  for (const slot of arrays.slots) slot.dispose();
  arrays.age?.dispose();
  arrays.score?.dispose();
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
export async function freshArrays(setup: Setup, specs: readonly ParamSpec[]): Promise<Arrays> {
  const arrays = await allocate(setup, specs, { ages: isStructured(specs), score: false });
  arrays.params.write(0, initialWeights(setup.config.seed, specs));
  arrays.age?.write(0, uniformAges(specs, 0));
  return arrays;
}

/** Arrays of a run that was saved. */
export async function arraysOf(setup: Setup, specs: readonly ParamSpec[], flat: FlatArrays): Promise<Arrays> {
  const arrays = await allocate(setup, specs, { ages: flat.age !== null, score: flat.score !== null });
  arrays.params.write(0, flat.params);
  arrays.slots.forEach((slot, i) => {
    slot.write(0, flat.slots[i]!);
  });
  if (flat.age !== null) {
    forbid(specs, flat.age);
    arrays.age?.write(0, flat.age);
  }
  if (flat.score !== null) arrays.score?.write(0, flat.score);
  return arrays;
}
