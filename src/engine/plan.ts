/**
 * From a trace to a Program: dead calls are dropped, every value gets a place in memory, and the rest is written down as
 * a flat list of commands in trace order. What WebGPU would refuse at run time is refused here, by the op's name.
 */
import { fuse } from "./fuse.ts";
import { type Graph, type GraphNode, type GraphSegment, rootOf } from "./graph.ts";
import { ALIGN, sizeOf } from "./layout.ts";
import { overlap, type Place, placement, usesOf } from "./placement.ts";
import { colour, type Lifetime } from "./pool.ts";
import { programKey } from "./print.ts";
import { type Step, stepsOf } from "./steps.ts";
import type {
  GpuCommand,
  Program,
  ProgramBuffer,
  ProgramCall,
  ProgramSegment,
  Tensor,
  TensorSpec,
} from "./types.ts";

/** A binding of array<vec4<f32>> needs 16 bytes, however few are meant. */
const GRAIN = 16;
const bytesOf = ({ shape }: Tensor): number => Math.ceil((4 * sizeOf(shape)) / GRAIN) * GRAIN;

interface Memory {
  readonly buffers: readonly ProgramBuffer[];
  placeOf(tensor: Tensor): Place;
  /** Stores that need no copy. */
  readonly done: ReadonlySet<number>;
}

/** First and last step of every value that lies in scratch. */
function lifetimes(graph: Graph, steps: readonly Step[], placed: ReadonlyMap<number, Place>) {
  const found = new Map<number, { tensor: Tensor; from: number; to: number }>();
  const touch = (tensor: Tensor, k: number) => {
    if (placed.has(tensor.id)) return;
    const life = found.get(tensor.id);
    if (life) life.to = Math.max(life.to, k);
    else found.set(tensor.id, { tensor, from: k, to: k });
  };
  steps.forEach(({ reads, writes, temps }, k) => {
    for (const tensor of [...reads, ...writes, ...temps]) touch(tensor, k);
  });
  // A skipped segment copies `from` in place of making `to`: they must not lie in one buffer.
  for (const { pass } of graph.segments) {
    const [from, to] = (pass ?? []).map((tensor) => found.get(rootOf(graph, tensor).id));
    if (from && to) touch(from.tensor, to.from);
  }
  return found;
}

function memoryOf(graph: Graph, steps: readonly Step[]): Memory {
  const { places, done } = placement(graph, steps);
  const all = new Map<number, Place>();
  const buffers: ProgramBuffer[] = [];
  // Constants that only dead calls asked for are left out.
  const used = new Set(
    [...steps.flatMap(({ reads }) => reads), ...rootsOfOutputs(graph)].map(({ id }) => id),
  );
  const constants = new Set([...used].map((id) => places.get(id)?.buffer));
  const renumbered = graph.buffers.map((buffer, b) =>
    buffer.role === "constant" && !constants.has(b) ? -1 : buffers.push(buffer) - 1,
  );
  for (const [id, { buffer, offset }] of places) all.set(id, { buffer: renumbered[buffer]!, offset });

  const lives = lifetimes(graph, steps, places);
  for (const value of rootsOfOutputs(graph)) {
    if (!lives.delete(value.id)) continue;
    all.set(value.id, { buffer: buffers.length, offset: 0 });
    buffers.push({ role: "output", name: "", bytes: bytesOf(value) });
  }
  const scratch = [...lives.values()];
  const pool = colour(
    scratch.map(({ tensor, from, to }): Lifetime => ({ bytes: bytesOf(tensor), from, to })),
  );
  scratch.forEach(({ tensor }, i) => {
    all.set(tensor.id, { buffer: buffers.length + pool.of[i]!, offset: 0 });
  });
  for (const bytes of pool.buffers) buffers.push({ role: "scratch", name: "", bytes });

  return {
    buffers,
    done,
    placeOf(tensor) {
      const root = tensor.id < graph.tensors.length ? rootOf(graph, tensor) : tensor;
      return all.get(root.id)!;
    },
  };
}

const rootsOfOutputs = (graph: Graph): Tensor[] =>
  [...graph.outputs.values()].map((value) => rootOf(graph, value));

/** Throws if a dispatch binds a buffer for reading and for writing, or writes to one place through two bindings. */
function checkBindings(step: Step, number: number, { buffers, placeOf }: Memory): void {
  const { shader, entry } = step.kernels[number]!;
  const uses = usesOf(step, number).map(([tensor, use]) => ({
    ...placeOf(tensor),
    count: sizeOf(tensor.shape),
    tensor,
    use,
  }));
  uses.forEach((a, i) => {
    for (const b of uses.slice(i + 1)) {
      if (a.buffer !== b.buffer) continue;
      const mixed = (a.use === "reads") !== (b.use === "reads");
      const written = a.use !== "reads" && b.use !== "reads";
      // Scratch of this call may be bound twice for reading, as scalars and as vectors.
      const again = a.tensor === b.tensor && a.use === "goes on with";
      if (!mixed && !(written && !again && overlap(a, b))) continue;
      const { role, name } = buffers[a.buffer]!;
      const what = mixed ? "for reading and for writing" : "twice for writing, at places that overlap";
      const op = step.node.kind === "call" ? step.node.op.name : step.node.kind;
      throw new Error(`${op} (${shader}:${entry}) binds the ${role} buffer "${name}" ${what}`);
    }
  });
}

/**
 * Of a segment that may be skipped: nothing that it makes is asked for outside, but for what it hands on, its own gradients,
 * and what is stored. Returns the places that hold what it stores, next to each other as one.
 */
function skippable(
  graph: Graph,
  steps: readonly Step[],
  { name, pass, from, to }: GraphSegment,
  { done, placeOf }: Memory,
): readonly (Place & { readonly count: number })[] {
  const inside = ({ at }: Step) => from <= at && at < to;
  const made = new Set(steps.filter(inside).flatMap(({ writes }) => writes.map(({ id }) => id)));
  made.delete(rootOf(graph, pass![1]).id);
  const own = graph.segments.find((other) => other.name === `${name}.grad`);
  const stored: (Place & { count: number })[] = [];
  steps.forEach((step, k) => {
    const { node, at, reads } = step;
    if (inside(step) || (own !== undefined && own.from <= at && at < own.to)) return;
    if (!reads.some(({ id }) => made.has(id))) return;
    if (node.kind !== "store" || !done.has(k)) {
      const what = node.kind === "call" ? node.op.name : node.kind;
      throw new Error(`${name} cannot be skipped: ${what} behind it asks for what it makes`);
    }
    stored.push({ ...placeOf(node.into), count: sizeOf(node.into.shape) });
  });
  if (rootsOfOutputs(graph).some(({ id }) => made.has(id))) {
    throw new Error(`${name} cannot be skipped: an output lies in it`);
  }
  stored.sort((a, b) => a.buffer - b.buffer || a.offset - b.offset);
  return stored.reduce<(Place & { count: number })[]>((list, next) => {
    const last = list.at(-1);
    // Slices of an arena lie on bounds of ALIGN, and nobody's between them.
    const near = last !== undefined && last.buffer === next.buffer;
    if (near && next.offset - last.offset === Math.ceil(last.count / ALIGN) * ALIGN) {
      last.count = next.offset + next.count - last.offset;
    } else list.push({ ...next });
    return list;
  }, []);
}

/** Numbers tensors by where they lie and what they look like. */
function tensorTable(placeOf: Memory["placeOf"]) {
  const tensors: Program["tensors"][number][] = [];
  const known = new Map<string, number>();
  const at = ({ buffer, offset }: Place, { shape, dtype }: TensorSpec): number => {
    const key = `${buffer} ${offset} ${dtype} ${shape}`;
    const index = known.get(key) ?? tensors.push({ buffer, offset, spec: { shape, dtype } }) - 1;
    known.set(key, index);
    return index;
  };
  return { tensors, at, index: (tensor: Tensor): number => at(placeOf(tensor), tensor) };
}

export function plan(traced: Graph, options: { readonly lanes?: number } = {}): Program {
  const graph = fuse(traced);
  const steps = stepsOf(graph, options.lanes);
  const memory = memoryOf(graph, steps);
  const { tensors, at: indexAt, index } = tensorTable(memory.placeOf);
  const commands: GpuCommand[] = [];
  const calls: ProgramCall[] = [];
  /** How many commands come before each node of the graph. */
  const before = new Array<number>(graph.nodes.length + 1).fill(-1);

  steps.forEach((step, k) => {
    const from = commands.length;
    before[step.at] = from;
    const { node } = step;
    if (node.kind === "store") {
      if (memory.done.has(k)) return;
      const [value, into] = [index(node.value), index(node.into)];
      if (samePlace(memory, node)) return;
      commands.push({ kind: "copy", from: value, to: into });
      calls.push({ op: "copy", attrs: {}, inputs: [value], outputs: [into], from, to: from + 1 });
    } else if (node.kind === "zeros") {
      const tensor = index(node.output);
      commands.push({ kind: "clear", tensor });
      calls.push({ op: "clear", attrs: {}, inputs: [], outputs: [tensor], from, to: from + 1 });
    } else {
      step.kernels.forEach(({ shader, entry, constants = {}, sizes = {}, bind, grid }, number) => {
        checkBindings(step, number, memory);
        const bound = Object.fromEntries(Object.entries(bind).map(([name, tensor]) => [name, index(tensor)]));
        const op = node.op.name;
        commands.push({ kind: "dispatch", op, shader, entry, constants, sizes, bind: bound, grid });
      });
      calls.push({
        op: node.op.name,
        attrs: { ...node.attrs },
        inputs: node.inputs.map(index),
        outputs: node.outputs.map(index),
        from,
        to: commands.length,
      });
    }
  });

  before[graph.nodes.length] = commands.length;
  for (let at = graph.nodes.length - 1; at >= 0; at--) if (before[at] === -1) before[at] = before[at + 1]!;
  const live = new Set(steps.flatMap(({ reads, writes }) => [...reads, ...writes]).map(({ id }) => id));
  const segments = graph.segments.map((segment): ProgramSegment => {
    const { name, pass, from, to } = segment;
    const range = { name, from: before[from]!, to: before[to]! };
    if (!pass?.every((tensor) => live.has(rootOf(graph, tensor).id))) return range;
    const clears = skippable(graph, steps, segment, memory).map((place) =>
      indexAt(place, { shape: [place.count], dtype: "f32" }),
    );
    const saved = steps.reduce((sum, { at, node }) => sum + (from <= at && at < to ? flopsOf(node) : 0), 0);
    return { ...range, pass: [index(pass[0]), index(pass[1])], clears, flops: saved };
  });
  const outputs = Object.fromEntries([...graph.outputs].map(([name, value]) => [name, index(value)]));
  const flops = steps.reduce((sum, { node }) => sum + flopsOf(node), 0);
  const program = { flops, buffers: memory.buffers, tensors, commands, calls, segments, outputs };
  return { key: programKey(program), ...program };
}

function samePlace({ placeOf }: Memory, { value, into }: Extract<GraphNode, { kind: "store" }>): boolean {
  const [a, b] = [placeOf(value), placeOf(into)];
  return a.buffer === b.buffer && a.offset === b.offset;
}

const flopsOf = (node: GraphNode): number =>
  node.kind === "call" ? (node.op.flops?.(node.inputs, node.outputs, node.attrs) ?? 0) : 0;
