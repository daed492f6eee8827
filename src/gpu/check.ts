/**
 * One sample of one op on a device, against the op's float64 reference: what the kernel tests and the kernel page both
 * say. A sample is traced and planned as in a model, and replayed three times: on other values first, so that a kernel
 * that counts on zeroed buffers is caught, then twice on the same, which must agree to the bit.
 */
import { control } from "../engine/control.ts";
import { sizeOf } from "../engine/layout.ts";
import { plan } from "../engine/plan.ts";
import { sampleInputs } from "../engine/samples.ts";
import { createTrace } from "../engine/trace.ts";
import type { Arena, Backend, DType, NdArray, OpDef, OpSample, Program } from "../engine/types.ts";
import { type Timing, type TimingOptions, timeProgram } from "./speed.ts";

/** Rounding of f32 sums and of WGSL's built-in functions, for values near 1. */
export const TOLERANCE = 1e-5;

/** The element that is farthest off, in units of what is allowed. */
export interface Difference {
  /** |Δ| / max(1, |reference|): held against the tolerance. Infinity where a NaN or an infinity is on one side alone. */
  readonly error: number;
  /** "output 0, element 3 of [4, 4]: 7, reference 2 (50.0 × tolerance)"; null when all are within. */
  readonly off: string | null;
}

export interface Checked extends Difference {
  readonly tolerance: number;
}

/** How far `found` is from `wanted`. Equal bits, and two NaNs, are no difference. */
export function compare(found: ArrayLike<number>, wanted: NdArray, tolerance: number): Difference {
  let error = 0;
  let worst = -1;
  wanted.data.forEach((reference, k) => {
    const value = found[k]!;
    if (Object.is(value, reference) || (Number.isNaN(value) && Number.isNaN(reference))) return;
    const apart = value === reference ? 0 : Math.abs(value - reference) / Math.max(1, Math.abs(reference));
    // An infinity or a NaN on one side alone is as far off as can be.
    const off = Number.isFinite(apart) ? apart : Number.POSITIVE_INFINITY;
    if (off > error) {
      error = off;
      worst = k;
    }
  });
  if (worst < 0 || error <= tolerance) return { error, off: null };
  const times = tolerance > 0 ? ` (${(error / tolerance).toFixed(1)} × tolerance)` : "";
  const off = `element ${worst} of [${wanted.shape}]: ${found[worst]}, reference ${wanted.data[worst]}${times}`;
  return { error, off };
}

export const toleranceOf = ({ tolerance = TOLERANCE }: OpSample, dtype: DType): number =>
  dtype === "u32" ? 0 : tolerance;

export interface SampleProgram {
  readonly program: Program;
  readonly outputs: readonly string[];
}

/** The sample as a program: inputs in buffers "input 0", …, results as outputs "output 0", …. */
export function sampleProgram(op: OpDef, sample: OpSample, lanes?: number): SampleProgram {
  const t = createTrace();
  const tensors = sample.inputs.map((input, i) => t.buffer(`input ${i}`, "data", input));
  const outputs = t.call(op, tensors, sample.attrs).map((output, i) => {
    t.output(`output ${i}`, output);
    return `output ${i}`;
  });
  return { program: plan(t.finish(), lanes === undefined ? {} : { lanes }), outputs };
}

/** What a run of the sample must do at least: its operations, and each input read and each output written once. */
export interface Work {
  /** 0 where the op does not count them. */
  readonly flops: number;
  readonly bytes: number;
}

export function workOf(op: OpDef, sample: OpSample): Work {
  const outputs = op.infer(sample.inputs, sample.attrs);
  const bytes = [...sample.inputs, ...outputs].reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
  return { flops: op.flops?.(sample.inputs, outputs, sample.attrs) ?? 0, bytes };
}

/** The inputs on a device; a program may leave some of them out. */
class Inputs {
  readonly arenas: ReadonlyMap<string, Arena>;
  readonly #inputs: readonly NdArray[];
  readonly #all: readonly Arena[];

  constructor(backend: Backend, program: Program, inputs: readonly NdArray[]) {
    this.#inputs = inputs;
    const used = new Set(program.buffers.map(({ name }) => name));
    this.#all = inputs.map(({ data }, i) => backend.arena(`input ${i}`, data.length));
    this.arenas = new Map(
      this.#all.flatMap((arena, i) => (used.has(`input ${i}`) ? [[`input ${i}`, arena] as const] : [])),
    );
  }

  write(values: (input: NdArray) => Float64Array): void {
    this.#inputs.forEach((input, i) => {
      const data = values(input);
      this.#all[i]!.write(0, input.dtype === "f32" ? Float32Array.from(data) : Uint32Array.from(data));
    });
  }

  dispose(): void {
    for (const arena of this.#all) arena.dispose();
  }
}

export interface CheckOptions {
  /** Invocations that keep the device busy: see OpDef.lower. */
  readonly lanes?: number;
  /** The reference's answer, where the caller has it. */
  readonly wanted?: readonly NdArray[];
}

const typed = (bits: ArrayBuffer, dtype: DType): ArrayLike<number> =>
  dtype === "f32" ? new Float32Array(bits) : new Uint32Array(bits);

const equal = (a: ArrayBuffer, b: ArrayBuffer): boolean => {
  const [x, y] = [new Uint8Array(a), new Uint8Array(b)];
  return x.every((byte, i) => byte === y[i]);
};

/** Runs the sample. Throws with the compiler's sentence when a kernel is refused. */
export async function checkSample(
  backend: Backend,
  op: OpDef,
  sample: OpSample,
  options: CheckOptions = {},
): Promise<Checked> {
  const { program, outputs } = sampleProgram(op, sample, options.lanes);
  const given = sampleInputs(sample);
  const run = await backend.compile(program);
  const inputs = new Inputs(backend, program, given);
  for (const [name, arena] of inputs.arenas) run.bind(name, arena);
  const replay = async (values: (input: NdArray) => Float64Array): Promise<ArrayBuffer[]> => {
    inputs.write(values);
    run.run(control({}));
    const reads = outputs.map((name) => run.read(name));
    backend.submit();
    return Promise.all(reads);
  };
  try {
    await replay(({ data }) => data.slice().reverse());
    const first = await replay(({ data }) => data);
    const second = await replay(({ data }) => data);
    const wanted = options.wanted ?? op.reference(given, sample.attrs);
    const all = wanted.map((output, i): Difference => {
      const { error, off } = compare(
        typed(first[i]!, output.dtype),
        output,
        toleranceOf(sample, output.dtype),
      );
      if (off !== null) return { error, off: `output ${i}, ${off}` };
      return equal(first[i]!, second[i]!)
        ? { error, off }
        : { error, off: `output ${i} is another a second time` };
    });
    const off = all.flatMap((each) => (each.off === null ? [] : [each.off]));
    return {
      error: Math.max(0, ...all.map(({ error }) => error)),
      off: off.length === 0 ? null : off.join("; "),
      tolerance: sample.tolerance ?? TOLERANCE,
    };
  } finally {
    run.dispose();
    inputs.dispose();
  }
}

/** How long the sample's kernels take. */
export async function timeSample(
  backend: Backend,
  op: OpDef,
  sample: OpSample,
  options: TimingOptions & Pick<CheckOptions, "lanes">,
): Promise<Timing> {
  const { program } = sampleProgram(op, sample, options.lanes);
  const inputs = new Inputs(backend, program, sampleInputs(sample));
  inputs.write(({ data }) => data);
  try {
    return await timeProgram(backend, program, inputs.arenas, options);
  } finally {
    inputs.dispose();
  }
}
