/**
 * Which values are made where they shall end. A gradient is stored into the gradient arena: if nothing stands against it,
 * the op that makes it writes there at once and the copy is saved. What stands against it is decided here, once for all
 * programs: an earlier write must not be seen by anybody, and no dispatch may read and write the same buffer.
 */
import { type Graph, rootOf } from "./graph.ts";
import { sizeOf } from "./layout.ts";
import type { Step } from "./steps.ts";
import type { KernelCall, Tensor } from "./types.ts";

/** Offset in elements. */
export interface Place {
  readonly buffer: number;
  readonly offset: number;
}

export interface Placement {
  /** Places of values in buffers of the graph, by id of the value that owns the bytes. Others are scratch. */
  readonly places: ReadonlyMap<number, Place>;
  /** Numbers of the steps that are stores with nothing left to do. */
  readonly done: ReadonlySet<number>;
}

interface Access extends Place {
  readonly count: number;
  readonly write: boolean;
}

export const overlap = (a: Place & { count: number }, b: Place & { count: number }): boolean =>
  a.buffer === b.buffer && a.offset < b.offset + b.count && b.offset < a.offset + a.count;

export type Use = "reads" | "writes" | "goes on with";

/**
 * What one of a call's dispatches does with each tensor it binds. What an earlier dispatch of the call wrote may be read
 * or written on: only the shader knows.
 */
export function usesOf(step: Step, number: number): readonly (readonly [Tensor, Use])[] {
  if (step.node.kind !== "call") return [];
  const { inputs, outputs, op } = step.node;
  const written = new Set([...outputs, ...step.temps].map(({ id }) => id));
  for (const over of op.alias ?? []) if (over !== null) written.add(inputs[over]!.id);
  const earlier = new Set(step.kernels.slice(0, number).flatMap(bound));
  return Object.values(step.kernels[number]!.bind).map((tensor) => [
    tensor,
    !written.has(tensor.id) ? "reads" : earlier.has(tensor.id) ? "goes on with" : "writes",
  ]);
}

const bound = ({ bind }: KernelCall): number[] => Object.values(bind).map(({ id }) => id);

/** Would a dispatch of this step use one buffer for reading and for writing? */
function mixes(step: Step, placeOf: (tensor: Tensor) => Place | null): boolean {
  return step.kernels.some((_, number) => {
    const uses = usesOf(step, number).flatMap(([tensor, use]) => {
      const place = placeOf(tensor);
      return place ? [{ ...place, use }] : [];
    });
    return uses.some((a) =>
      uses.some(
        (b) =>
          a.buffer === b.buffer &&
          ((a.use === "reads") !== (b.use === "reads") ||
            (a.use === "goes on with" && a.offset !== b.offset)),
      ),
    );
  });
}

export function placement(graph: Graph, steps: readonly Step[]): Placement {
  const places = new Map<number, Place>();
  const done = new Set<number>();
  const makers = new Map<number, number>();
  const users = new Map<number, number[]>();
  /** Values that something is written over, or that a skipped segment copies: these stay where they are made. */
  const fixed = new Set(
    graph.segments.flatMap(({ pass }) => (pass ?? []).map((tensor) => rootOf(graph, tensor).id)),
  );
  steps.forEach(({ reads, writes }, k) => {
    for (const { id } of reads) users.set(id, [...(users.get(id) ?? []), k]);
    for (const { id } of writes) {
      if (makers.has(id)) fixed.add(id);
      else makers.set(id, k);
    }
  });
  for (const { id } of graph.tensors) {
    const home = graph.homes[id]!;
    if (home.kind === "buffer") places.set(id, home);
  }
  const last = new Map([...graph.outputs.values()].map((value) => [rootOf(graph, value).id, steps.length]));

  const placeOf = (tensor: Tensor): Place | null => {
    const inGraph = tensor.id < graph.tensors.length;
    return inGraph ? (places.get(rootOf(graph, tensor).id) ?? null) : null;
  };
  const accesses = (k: number): Access[] => {
    if (done.has(k)) return [];
    const { reads, writes } = steps[k]!;
    const list = (tensors: readonly Tensor[], write: boolean) =>
      tensors.flatMap((tensor) => {
        const place = places.get(tensor.id);
        return place ? [{ ...place, count: sizeOf(tensor.shape), write }] : [];
      });
    return [...list(reads, false), ...list(writes, true)];
  };

  steps.forEach(({ node }, s) => {
    if (node.kind !== "store") return;
    const value = rootOf(graph, node.value);
    const maker = makers.get(value.id);
    if (graph.homes[value.id]!.kind !== "made" || places.has(value.id) || fixed.has(value.id)) return;
    if (maker === undefined) return;
    const place = placeOf(node.into)!;
    const target = { ...place, count: sizeOf(value.shape) };
    const uses = users.get(value.id)!;
    const end = Math.max(last.get(value.id) ?? 0, ...uses);
    for (let k = maker + 1; k < steps.length && k <= end; k++) {
      if (k === s) continue;
      const seen = accesses(k).some((access) => (access.write || k < s) && overlap(access, target));
      if (seen) return;
    }
    places.set(value.id, place);
    done.add(s);
    if ([maker, ...uses].some((k) => mixes(steps[k]!, placeOf))) {
      places.delete(value.id);
      done.delete(s);
    }
  });
  return { places, done };
}
