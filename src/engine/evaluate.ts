/**
 * What a Program means, without a GPU: its calls run with the ops' float64 references, in the very memory that the plan
 * laid out, so that a wrong plan gives wrong numbers here too. `evaluate` is one such run with nothing rounded, for
 * gradient checks; interpret.ts makes a device of it.
 */
import { bitsFloat, CONTROL_WORDS } from "./control.ts";
import { sizeOf } from "./layout.ts";
import { allOps } from "./ops/all.ts";
import type { NdArray, OpDef, Program, ProgramCall, ProgramSegment } from "./types.ts";

/** Values of one buffer: numbers, whatever their type. u32 are exact. */
export type Memory = Float64Array;

export function opTable(extra: readonly OpDef[]): ReadonlyMap<string, OpDef> {
  return new Map([...allOps, ...extra].map((op) => [op.name, op]));
}

export function viewOf(program: Program, memory: readonly Memory[], index: number): NdArray {
  const { buffer, offset, spec } = program.tensors[index]!;
  return { ...spec, data: memory[buffer]!.subarray(offset, offset + sizeOf(spec.shape)) };
}

/** The program's own buffers, with constants and zeros; null where the host's belong. */
export function ownMemory(program: Program): (Memory | null)[] {
  const floats = new Set(
    program.tensors.flatMap(({ buffer, spec }) => (spec.dtype === "f32" ? [buffer] : [])),
  );
  return program.buffers.map(({ name, bytes, words }, b) => {
    if (name !== "") return null;
    const data = new Float64Array(Math.ceil(bytes / 4));
    words?.forEach((word, i) => {
      data[i] = floats.has(b) ? bitsFloat(word) : word;
    });
    return data;
  });
}

/** A program with its ops looked up, ready to run on given memory. */
export function interpreter(program: Program, ops: ReadonlyMap<string, OpDef>, roundNamed: boolean) {
  const missing = program.calls.find(({ op }) => op !== "copy" && op !== "clear" && !ops.has(op));
  if (missing) throw new Error(`the interpreter does not know the op ${missing.op}`);
  const control = program.buffers.findIndex(({ role }) => role === "control");
  const rounded = program.buffers.map(({ name }) => roundNamed && name !== "");

  function write(memory: readonly Memory[], index: number, values: Float64Array): void {
    const target = viewOf(program, memory, index);
    if (values.length !== target.data.length) {
      throw new Error(`${values.length} values for a tensor of shape [${target.shape}]`);
    }
    target.data.set(values);
    if (target.dtype === "f32" && rounded[program.tensors[index]!.buffer]) {
      target.data.forEach((v, i) => {
        target.data[i] = Math.fround(v);
      });
    }
  }

  function execute(memory: readonly Memory[], { op, attrs, inputs, outputs }: ProgramCall): void {
    if (op === "copy") {
      write(memory, outputs[0]!, viewOf(program, memory, inputs[0]!).data);
      return;
    }
    if (op === "clear") {
      viewOf(program, memory, outputs[0]!).data.fill(0);
      return;
    }
    const values = ops.get(op)!.reference(
      inputs.map((i) => viewOf(program, memory, i)),
      attrs,
    );
    if (values.length !== outputs.length) {
      throw new Error(`${op}: its reference gives ${values.length} results, ${outputs.length} are expected`);
    }
    outputs.forEach((index, i) => {
      write(memory, index, values[i]!.data);
    });
  }

  return (memory: readonly Memory[], words: ArrayLike<number>, skip: ReadonlySet<string>): void => {
    if (words.length > CONTROL_WORDS) throw new Error(`a control block has ${CONTROL_WORDS} words`);
    if (control >= 0) memory[control]!.fill(0).set(words);
    const skipped = skippedSegments(program, skip);
    let done = 0;
    for (const call of program.calls) {
      if (call.from < done) continue;
      const segment = skipped.find(({ from, to }) => from <= call.from && call.from < to);
      if (!segment) {
        execute(memory, call);
        continue;
      }
      write(memory, segment.pass![1], viewOf(program, memory, segment.pass![0]).data);
      for (const place of segment.clears ?? []) viewOf(program, memory, place).data.fill(0);
      done = segment.to;
    }
  };
}

/** The widest first where several begin together. */
function skippedSegments({ segments }: Program, skip: ReadonlySet<string>): ProgramSegment[] {
  for (const name of skip) {
    const found = segments.filter((segment) => segment.name === name);
    if (found.length === 0) throw new Error(`there is no segment ${name} to skip`);
    if (found.some(({ pass }) => !pass)) throw new Error(`segment ${name} cannot be skipped`);
  }
  return segments.filter(({ name }) => skip.has(name)).sort((a, b) => b.to - a.to);
}

const NONE: ReadonlySet<string> = new Set();

/**
 * One run. `named` holds the values of every named buffer and is written to, unrounded; the result holds the outputs.
 */
export function evaluate(
  program: Program,
  named: ReadonlyMap<string, Float64Array>,
  control: ArrayLike<number> = [],
  ops: readonly OpDef[] = [],
): ReadonlyMap<string, NdArray> {
  const memory = ownMemory(program).map((own, b) => {
    const { name, bytes } = program.buffers[b]!;
    const data = own ?? named.get(name);
    if (!data) throw new Error(`${name} is not bound`);
    if (data.length * 4 < bytes)
      throw new Error(`${name}: ${data.length} values where ${bytes / 4} are needed`);
    return data;
  });
  interpreter(program, opTable(ops), false)(memory, control, NONE);
  return new Map(
    Object.entries(program.outputs).map(([name, index]) => {
      const view = viewOf(program, memory, index);
      return [name, { ...view, data: view.data.slice() }];
    }),
  );
}
