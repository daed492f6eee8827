/**
 * What a trace has recorded: values and the nodes that make them, in the order in which they were traced. Autodiff
 * appends to it, the planner turns it into a Program. Nothing here knows where scratch values will lie.
 */
import type { OpDef, ProgramBuffer, Tensor } from "./types.ts";

/** Where a tensor's bytes come from. */
export type Home =
  /** A place in a buffer of the graph: a slice of an arena, a constant, the control block. Offset in elements. */
  | { readonly kind: "buffer"; readonly buffer: number; readonly offset: number }
  /** The output of a node, lying wherever the planner puts it. */
  | { readonly kind: "made" }
  /** The bytes of another tensor: a view of it, or written in place over it. */
  | { readonly kind: "same"; readonly as: Tensor };

export type GraphNode =
  | {
      readonly kind: "call";
      readonly op: OpDef;
      readonly inputs: readonly Tensor[];
      readonly outputs: readonly Tensor[];
      readonly attrs: object;
    }
  | { readonly kind: "zeros"; readonly output: Tensor }
  | { readonly kind: "store"; readonly value: Tensor; readonly into: Tensor };

/** `nodes[from, to)`. Segments nest, they never cross; an outer one comes before those inside it. */
export interface GraphSegment {
  readonly name: string;
  readonly pass: readonly [from: Tensor, to: Tensor] | null;
  readonly from: number;
  readonly to: number;
}

export interface Graph {
  /** By id. */
  readonly tensors: readonly Tensor[];
  readonly homes: readonly Home[];
  /** The control block is number 0. */
  readonly buffers: readonly ProgramBuffer[];
  readonly nodes: readonly GraphNode[];
  readonly segments: readonly GraphSegment[];
  readonly outputs: ReadonlyMap<string, Tensor>;
}

/** The tensor that first owned these bytes. */
export function rootOf(graph: Pick<Graph, "homes">, tensor: Tensor): Tensor {
  let at = tensor;
  for (;;) {
    const home = graph.homes[at.id]!;
    if (home.kind !== "same") return at;
    at = home.as;
  }
}

export const inputsOf = (node: GraphNode): readonly Tensor[] =>
  node.kind === "call" ? node.inputs : node.kind === "store" ? [node.value] : [];

export const outputsOf = (node: GraphNode): readonly Tensor[] =>
  node.kind === "call" ? node.outputs : node.kind === "store" ? [node.into] : [node.output];
