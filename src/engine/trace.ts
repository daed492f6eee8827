/**
 * Tracing: running a model's function once on symbols, to write down which ops it calls. The result is a Graph, plain
 * data. Mistakes in shapes are found here, at the line of the model that made them.
 */
import { type Differentiable, gradients } from "./autodiff.ts";
import { CONTROL_WORDS, floatBits } from "./control.ts";
import type { Graph, GraphNode, GraphSegment, Home } from "./graph.ts";
import { rootOf } from "./graph.ts";
import { sizeOf } from "./layout.ts";
import type { OpDef, ProgramBuffer, Role, Tensor, TensorSpec, Trace } from "./types.ts";

/** Roles that nothing may write to. */
const FIXED: ReadonlySet<Role> = new Set(["control", "constant"]);

export function createTrace(): Trace & { finish(): Graph } {
  const tensors: Tensor[] = [];
  const homes: Home[] = [];
  const buffers: ProgramBuffer[] = [];
  const nodes: GraphNode[] = [];
  const segments: { name: string; pass: GraphSegment["pass"]; from: number; to: number }[] = [];
  const outputs = new Map<string, Tensor>();
  const named = new Map<string, { readonly buffer: number; readonly dtype: string }>();
  const constants = new Map<string, number>();

  function tensor({ shape, dtype }: TensorSpec, home: Home): Tensor {
    for (const d of shape) {
      if (!Number.isInteger(d) || d < 1) throw new Error(`a tensor cannot have the shape [${shape}]`);
    }
    const made: Tensor = { id: tensors.length, shape: [...shape], dtype };
    tensors.push(made);
    homes.push(home);
    return made;
  }

  function own(value: Tensor, who: string): void {
    if (tensors[value.id] !== value) throw new Error(`${who}: this tensor belongs to another trace`);
  }

  function addBuffer(role: Role, name: string, elements: number, words?: readonly number[]): number {
    buffers.push({ role, name, bytes: 4 * elements, ...(words ? { words } : {}) });
    return buffers.length - 1;
  }

  /** The buffer of this name, made at first mention; a second mention must mean the same. */
  function bound(name: string, role: Role, elements: number, dtype: string): number {
    const known = named.get(name);
    if (known) {
      const { bytes, role: was } = buffers[known.buffer]!;
      if (bytes !== 4 * elements || was !== role || known.dtype !== dtype) {
        throw new Error(`buffer "${name}" is mentioned twice with different size, role or type`);
      }
      return known.buffer;
    }
    if (name === "") throw new Error("a buffer that the host binds needs a name");
    const buffer = addBuffer(role, name, elements);
    named.set(name, { buffer, dtype });
    return buffer;
  }

  /** May `value`'s bytes be overwritten? */
  function checkWritable(value: Tensor, who: string): void {
    const home = homes[rootOf({ homes }, value).id]!;
    if (home.kind === "buffer" && FIXED.has(buffers[home.buffer]!.role)) {
      throw new Error(`${who}: a ${buffers[home.buffer]!.role} buffer cannot be written to`);
    }
  }

  function homeOfOutput(op: OpDef, inputs: readonly Tensor[], spec: TensorSpec, i: number): Home {
    const over = op.view ? 0 : (op.alias?.[i] ?? null);
    if (over === null) return { kind: "made" };
    const as = inputs[over];
    if (!as) throw new Error(`${op.name}: output ${i} lies over input ${over}, which was not given`);
    if (sizeOf(as.shape) !== sizeOf(spec.shape) || as.dtype !== spec.dtype) {
      throw new Error(
        `${op.name}: ${spec.dtype} [${spec.shape}] cannot lie over ${as.dtype} [${as.shape}] of input ${over}`,
      );
    }
    if (!op.view) checkWritable(as, op.name);
    return { kind: "same", as };
  }

  /** What it passes by may be known only when it is closed. */
  function open(name: string, pass: GraphSegment["pass"]): (pass?: GraphSegment["pass"]) => void {
    const segment = { name, pass, from: nodes.length, to: nodes.length };
    segments.push(segment);
    return (known = pass) => {
      segment.to = nodes.length;
      segment.pass = known;
    };
  }

  const t: Trace = {
    control: tensor(
      { shape: [CONTROL_WORDS], dtype: "u32" },
      { kind: "buffer", buffer: addBuffer("control", "", CONTROL_WORDS), offset: 0 },
    ),

    arena(name, role, layout, dtype = "f32") {
      const buffer = bound(name, role, layout.length, dtype);
      const slice = (shape: readonly number[], offset: number) =>
        tensor({ shape, dtype }, { kind: "buffer", buffer, offset });
      const at = new Map([...layout.entries].map(([path, e]) => [path, slice(e.shape, e.offset)]));
      return { all: slice([layout.length], 0), at };
    },

    buffer(name, role, spec) {
      const buffer = bound(name, role, sizeOf(spec.shape), spec.dtype);
      return tensor(spec, { kind: "buffer", buffer, offset: 0 });
    },

    constant(spec, data) {
      const count = sizeOf(spec.shape);
      if (data.length !== count) {
        throw new Error(`a constant of shape [${spec.shape}] needs ${count} values, not ${data.length}`);
      }
      const words = Array.from(data, (v) => (spec.dtype === "f32" ? floatBits(v) : v >>> 0));
      const content = `${spec.dtype} ${words}`;
      const buffer = constants.get(content) ?? addBuffer("constant", "", count, words);
      constants.set(content, buffer);
      return tensor(spec, { kind: "buffer", buffer, offset: 0 });
    },

    call(op, inputs, attrs) {
      for (const input of inputs) own(input, op.name);
      const specs = op.infer(inputs, attrs);
      const made = specs.map((spec, i) => tensor(spec, homeOfOutput(op, inputs, spec, i)));
      nodes.push({ kind: "call", op, inputs: [...inputs], outputs: made, attrs });
      return made;
    },

    segment(name, pass, body) {
      const close = open(name, pass);
      const result = body();
      close();
      return result;
    },

    skippable(name, from, body) {
      own(from, name);
      const close = open(name, null);
      const to = body();
      if (to.dtype !== from.dtype || to.shape.join() !== from.shape.join()) {
        throw new Error(`${name}: [${to.shape}] cannot be left out for [${from.shape}]`);
      }
      close([from, to]);
      return to;
    },

    grad(loss, wrt) {
      own(loss, "grad");
      for (const param of wrt.values()) own(param, "grad");
      return gradients(t, record, loss, wrt);
    },

    store(value, into) {
      own(value, "store");
      own(into, "store");
      if (sizeOf(value.shape) !== sizeOf(into.shape) || value.dtype !== into.dtype) {
        throw new Error(
          `store: ${value.dtype} [${value.shape}] does not fit into ${into.dtype} [${into.shape}]`,
        );
      }
      if (homes[rootOf({ homes }, into).id]!.kind !== "buffer") {
        throw new Error("store: the target is not a part of a buffer that the host binds");
      }
      checkWritable(into, "store");
      nodes.push({ kind: "store", value, into });
    },

    output(name, value) {
      own(value, "output");
      if (outputs.has(name)) throw new Error(`there are two outputs "${name}"`);
      outputs.set(name, value);
    },
  };

  const record: Differentiable = {
    nodes,
    segments,
    open,
    zeros(spec) {
      const output = tensor(spec, { kind: "made" });
      nodes.push({ kind: "zeros", output });
      return output;
    },
  };

  return {
    ...t,
    finish: () => ({ tensors, homes, buffers, nodes, segments, outputs }),
  };
}
