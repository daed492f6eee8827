/**
 * Reverse-mode differentiation on a trace: the recorded calls are walked backwards, each op's own `vjp` traces the
 * gradients of its inputs. Only calls between `wrt` and the loss are touched. Gradients of a forward segment form a
 * segment of their own, "<name>.grad", so that a layer's whole cost can be timed, and left out with it where it may be.
 */
import type { GraphNode, GraphSegment } from "./graph.ts";
import { sizeOf } from "./layout.ts";
import { add } from "./ops/binary.ts";
import { markSeed } from "./seed.ts";
import type { Params, Tensor, TensorSpec, Trace } from "./types.ts";

/** The inside of a trace that differentiation needs. */
export interface Differentiable {
  readonly nodes: readonly GraphNode[];
  readonly segments: readonly GraphSegment[];
  /** Opens a segment; the result closes it, and says what it passes by. */
  open(name: string, pass: null): (pass?: readonly [from: Tensor, to: Tensor]) => void;
  zeros(spec: TensorSpec): Tensor;
}

type Call = Extract<GraphNode, { kind: "call" }>;

/** Ids of tensors that depend on `wrt`, `wrt` included. */
function dependents(nodes: readonly GraphNode[], wrt: Params): Set<number> {
  const found = new Set([...wrt.values()].map((param) => param.id));
  for (const node of nodes) {
    if (node.kind !== "call" || !node.inputs.some((input) => found.has(input.id))) continue;
    for (const output of node.outputs) if (output.dtype === "f32") found.add(output.id);
  }
  return found;
}

/** The innermost segment of each node, or null. */
function segmentsOf({ nodes, segments }: Differentiable): (GraphSegment | null)[] {
  const inside = new Array<GraphSegment | null>(nodes.length).fill(null);
  for (const segment of segments) inside.fill(segment, segment.from, segment.to);
  return inside;
}

function sum(t: Trace, parts: readonly Tensor[]): Tensor {
  return parts.reduce((total, part) => t.call(add, [total, part], {})[0]!);
}

/** Gradients of one call's inputs, their number and shapes checked. */
function backward(
  t: Trace,
  { op, inputs, outputs, attrs }: Call,
  dOut: readonly (Tensor | null)[],
  wanted: readonly boolean[],
) {
  if (!op.vjp) throw new Error(`${op.name} has no gradient, yet the loss depends on parameters through it`);
  const dIn = op.vjp(t, { inputs, outputs, attrs }, dOut, wanted);
  if (dIn.length !== inputs.length) {
    throw new Error(`${op.name}: vjp gives ${dIn.length} gradients for ${inputs.length} inputs`);
  }
  dIn.forEach((d, i) => {
    const { shape } = inputs[i]!;
    if (d && (d.shape.length !== shape.length || d.shape.some((n, k) => n !== shape[k]))) {
      throw new Error(`${op.name}: the gradient of input ${i} is [${d.shape}], the input [${shape}]`);
    }
  });
  return dIn;
}

export function gradients(t: Trace, record: Differentiable, loss: Tensor, wrt: Params): Params {
  if (sizeOf(loss.shape) !== 1 || loss.dtype !== "f32") {
    throw new Error(`the loss must be one f32, not ${loss.dtype} [${loss.shape}]`);
  }
  for (const [path, param] of wrt) {
    if (param.dtype !== "f32") throw new Error(`${path} is ${param.dtype}: only f32 has a gradient`);
  }
  const forward = record.nodes.slice();
  const inside = segmentsOf(record);
  const active = dependents(forward, wrt);
  /** What has reached each tensor so far; `reached` holds it summed. */
  const parts = new Map<number, Tensor[]>();
  const reached = (tensor: Tensor): Tensor | null => {
    const all = parts.get(tensor.id);
    if (!all) return null;
    const total = sum(t, all);
    parts.set(tensor.id, [total]);
    return total;
  };
  if (active.has(loss.id)) {
    parts.set(loss.id, [markSeed(t.constant({ shape: loss.shape, dtype: "f32" }, [1]))]);
  }

  let current: GraphSegment | null = null;
  const entered = new Set<GraphSegment>();
  let close = () => {};
  /** The gradients of a segment. Of one that may be left out, what flows in is summed before it, what flows out in it. */
  const enter = (segment: GraphSegment | null): void => {
    close();
    current = segment;
    close = () => {};
    if (segment === null) return;
    const [from, to] = segment.pass ?? [];
    if (to && entered.has(segment)) {
      throw new Error(`${segment.name} cannot be left out: other segments lie inside it`);
    }
    entered.add(segment);
    const flowing = to && active.has(from!.id) ? reached(to) : null;
    if (flowing && parts.has(from!.id)) {
      throw new Error(`${segment.name} cannot be left out: what it reads is read behind it, too`);
    }
    const end = record.open(`${segment.name}.grad`, null);
    close = () => {
      const left = flowing && reached(from!);
      end(left ? [flowing, left] : undefined);
    };
  };
  for (let i = forward.length - 1; i >= 0; i--) {
    const node = forward[i]!;
    if (node.kind !== "call" || !node.inputs.some((input) => active.has(input.id))) continue;
    if (!node.outputs.some((output) => parts.has(output.id))) continue;
    if (inside[i] !== current) enter(inside[i]!);
    const wanted = node.inputs.map((input) => active.has(input.id));
    const dIn = backward(t, node, node.outputs.map(reached), wanted);
    node.inputs.forEach((input, k) => {
      const d = dIn[k];
      if (!d || !active.has(input.id)) return;
      const known = parts.get(input.id);
      if (known) known.push(d);
      else parts.set(input.id, [d]);
    });
  }
  close();
  return new Map([...wrt].map(([path, param]) => [path, reached(param) ?? record.zeros(param)]));
}
