/** Names under which programs know what a trained operator works with. */
import { arenaLayout } from "../engine/layout.ts";
import type { ParamSpec, Params, TensorSpec, Trace } from "../engine/types.ts";

/** What was read of the source, and the weights that a step makes of it. */
export const nameOf = (name: string): string => `operator.${name}`;
export const PHI = "operator.phi";
export const GROWN = "operator.grown";
/** The source's own weights. */
export const SOURCE = "from.params";

export type FrozenSpecs = ReadonlyMap<string, TensorSpec>;

/** What was read of the source, as a trace sees it. */
export const frozenBuffers = (t: Trace, specs: FrozenSpecs): Params =>
  new Map([...specs].map(([name, spec]) => [name, t.buffer(nameOf(name), "data", spec)]));

/** The arrays of φ by name. */
export function phiAt(specs: readonly ParamSpec[], values: Float32Array): (path: string) => Float32Array {
  const { entries } = arenaLayout(specs);
  return (path) => {
    const { offset, count } = entries.get(path)!;
    return values.subarray(offset, offset + count);
  };
}
