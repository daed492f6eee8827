/**
 * The work that is left of a graph once everything without a consequence is gone: live nodes that cost something, in
 * trace order, each op already lowered to its kernels. Reads and writes are given by the tensor that owns the bytes.
 */
import { type Graph, type GraphNode, inputsOf, outputsOf, rootOf } from "./graph.ts";
import { sizeOf } from "./layout.ts";
import type { KernelCall, Tensor, TensorSpec } from "./types.ts";

export interface Step {
  /** Place of the node in the graph. */
  readonly at: number;
  readonly node: GraphNode;
  readonly reads: readonly Tensor[];
  readonly writes: readonly Tensor[];
  readonly kernels: readonly KernelCall[];
  /** Scratch of the kernels, for this step only. Not part of the graph. */
  readonly temps: readonly Tensor[];
}

/** What every WebGPU device has. */
const MOST_BINDINGS = 8;
const MOST_GROUPS = 65535;

const isView = (node: GraphNode): boolean => node.kind === "call" && node.op.view === true;
const isInPlace = (node: GraphNode): boolean =>
  node.kind === "call" && (node.op.alias?.some((input) => input !== null) ?? false);

/** Ids of values that reach a store, an output or an op that works in place. */
function neededValues(graph: Graph): Set<number> {
  const needed = new Set([...graph.outputs.values()].map((value) => rootOf(graph, value).id));
  for (let at = graph.nodes.length - 1; at >= 0; at--) {
    for (const { pass, to } of graph.segments) {
      if (pass && to === at + 1 && needed.has(rootOf(graph, pass[1]).id))
        needed.add(rootOf(graph, pass[0]).id);
    }
    const node = graph.nodes[at]!;
    if (isLive(graph, node, needed)) {
      for (const input of inputsOf(node)) needed.add(rootOf(graph, input).id);
    }
  }
  return needed;
}

function isLive(graph: Graph, node: GraphNode, needed: ReadonlySet<number>): boolean {
  if (node.kind === "store" || isInPlace(node)) return true;
  return outputsOf(node).some((output) => needed.has(rootOf(graph, output).id));
}

export function stepsOf(graph: Graph, lanes?: number): readonly Step[] {
  const needed = neededValues(graph);
  let nextId = graph.tensors.length;
  const steps: Step[] = [];
  graph.nodes.forEach((node, at) => {
    if (isView(node) || !isLive(graph, node, needed)) return;
    const temps: Tensor[] = [];
    let kernels: readonly KernelCall[] = [];
    if (node.kind === "call") {
      const temp = (spec: TensorSpec): Tensor => {
        const tensor = { ...spec, id: nextId++ };
        temps.push(tensor);
        return tensor;
      };
      const wanted = node.outputs.map((output) => needed.has(rootOf(graph, output).id));
      kernels = node.op.lower(node.inputs, node.outputs, node.attrs, temp, lanes, wanted);
      checkKernels(node, kernels, temps);
    }
    const roots = (tensors: readonly Tensor[]) => tensors.map((tensor) => rootOf(graph, tensor));
    steps.push({
      at,
      node,
      reads: roots(inputsOf(node)),
      writes: roots(outputsOf(node)),
      kernels,
      temps,
    });
  });
  return steps;
}

function checkKernels(
  { op, inputs, outputs }: Extract<GraphNode, { kind: "call" }>,
  kernels: readonly KernelCall[],
  temps: readonly Tensor[],
): void {
  const known = new Set([...inputs, ...outputs, ...temps].map(({ id }) => id));
  for (const { shader, entry, bind, grid } of kernels) {
    const where = `${op.name} (${shader}:${entry})`;
    const strange = Object.entries(bind).find(([, tensor]) => !known.has(tensor.id));
    if (strange) throw new Error(`${where}: ${strange[0]} is neither input, output nor scratch of this call`);
    const count = Object.keys(bind).length;
    if (count > MOST_BINDINGS) throw new Error(`${where}: ${count} bindings; ${MOST_BINDINGS} is the limit`);
    if (grid.some((n) => !Number.isInteger(n) || n < 1 || n > MOST_GROUPS)) {
      throw new Error(`${where}: a grid of [${grid}] workgroups`);
    }
  }
  for (const { shape } of temps) {
    if (sizeOf(shape) < 1) throw new Error(`${op.name}: scratch of shape [${shape}]`);
  }
}
