/**
 * Elementwise calls worked into the call before them. A sum of two gradients, or the slope of an activation, is a dispatch
 * that walks over memory only to change what another kernel has just written. Here, once for all models, such a call is
 * handed to the op that made its operand (`OpDef.absorb`), and becomes a free view of that op's output.
 *
 * The other operand is then read earlier than it was traced: it must have been made before, and not be written over since.
 */
import { type Graph, type GraphNode, inputsOf, rootOf } from "./graph.ts";
import { reshape } from "./ops/reshape.ts";
import type { Tensor } from "./types.ts";

type Call = Extract<GraphNode, { kind: "call" }>;

/** How often each value is asked for, by id; a view of it is a use. */
function countUses({ nodes, segments, outputs }: Graph): Map<number, number> {
  const counts = new Map<number, number>();
  const used = [
    ...nodes.flatMap(inputsOf),
    ...segments.flatMap(({ pass }) => pass ?? []),
    ...outputs.values(),
  ];
  for (const { id } of used) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** No operand is repeated along an axis. */
const sameShapes = ({ inputs, outputs }: Call): boolean =>
  inputs.every(({ shape }) => shape.join() === outputs[0]!.shape.join());

export function fuse(graph: Graph): Graph {
  const nodes = graph.nodes.slice();
  const homes = graph.homes.slice();
  const counts = countUses(graph);
  const makers = new Map<number, number>();
  nodes.forEach((node, at) => {
    if (node.kind === "call" && !node.op.view) for (const { id } of node.outputs) makers.set(id, at);
  });

  /** Is the value there before node `at`, and the same until node `until`? No call makes a buffer of the host's. */
  const ready = (value: Tensor, at: number, until: number): boolean => {
    const root = rootOf({ homes }, value);
    const made = makers.get(root.id);
    if (made === undefined || made >= at) return false;
    return !nodes.slice(at, until).some((node) => {
      const over = node.kind === "call" ? (node.op.alias ?? []) : [];
      return over.some((i) => i !== null && rootOf({ homes }, (node as Call).inputs[i]!).id === root.id);
    });
  };

  nodes.forEach((next, until) => {
    if (next.kind !== "call" || next.inputs.length !== 2 || next.outputs.length !== 1) return;
    if (next.op.view || next.op.alias || !sameShapes(next)) return;
    for (const [i, mine] of next.inputs.entries()) {
      const at = makers.get(mine.id) ?? -1;
      const node = nodes[at];
      const other = next.inputs[1 - i]!;
      if (node?.kind !== "call" || node.outputs[0] !== mine || counts.get(mine.id) !== 1) continue;
      if (!ready(other, at, until)) continue;
      const absorbed = node.op.absorb?.(node, { op: next.op.name, operand: i, attrs: next.attrs }, other);
      if (!absorbed) continue;
      nodes[at] = { ...node, ...absorbed };
      nodes[until] = { ...next, op: reshape, inputs: [mine], attrs: { shape: next.outputs[0]!.shape } };
      homes[next.outputs[0]!.id] = { kind: "same", as: mine };
      return;
    }
  });
  return { ...graph, nodes, homes };
}
