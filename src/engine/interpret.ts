/**
 * A device without a GPU, for tests of the training loop: ops run at once in float64 (evaluate.ts), and results come back
 * as late and in the order in which a device would give them.
 */
import { bitsFloat, floatBits } from "./control.ts";
import { interpreter, type Memory, opTable, ownMemory, viewOf } from "./evaluate.ts";
import type { Arena, Backend, DType, Executable, OpDef, Program } from "./types.ts";

export interface InterpreterOptions {
  /** Ops that the engine's registry does not have: those of methods. */
  readonly ops?: readonly OpDef[];
  /** Awaited before each read-back resolves: a test gives delays of any length here. Their order stays. */
  readonly delay?: () => Promise<void>;
  /**
   * What arenas keep of a computed f32. "f32", the default, rounds as a device does, so that a snapshot has all there is
   * to know and a restored run goes on bit for bit. Scratch is never rounded.
   */
  readonly keep?: "f32" | "float64";
}

/** Bits as a device would hold them. */
function bitsOf(values: Float64Array, dtype: DType): ArrayBuffer {
  return (dtype === "f32" ? Float32Array.from(values) : Uint32Array.from(values)).buffer;
}

/** One interpreter's account: what is alive, and reads in order. */
class Host {
  bytes = 0;
  readonly #delay: () => Promise<void>;
  #submitted: Promise<void> = Promise.resolve();
  #submit = () => {};
  #tail: Promise<unknown> = Promise.resolve();

  constructor(delay: () => Promise<void>) {
    this.#delay = delay;
    this.#open();
  }

  #open(): void {
    this.#submitted = new Promise((resolve) => {
      this.#submit = resolve;
    });
  }

  submit(): void {
    this.#submit();
    this.#open();
  }

  /** Submits when the present turn of JavaScript is over, as a device does for reads that stand alone. */
  submitSoon(): void {
    queueMicrotask(() => this.submit());
  }

  /** Resolves with `bits` after the next submit, all earlier reads and the delay. */
  read(bits: ArrayBuffer): Promise<ArrayBuffer> {
    const result = Promise.all([this.#tail, this.#submitted, this.#delay()]).then(() => bits);
    this.#tail = result.catch(() => {});
    return result;
  }
}

class InterpreterArena implements Arena {
  readonly label: string;
  readonly elements: number;
  readonly values: Float64Array;
  readonly #host: Host;
  #dtype: DType | null = null;
  #disposed = false;

  constructor(host: Host, label: string, elements: number) {
    this.label = label;
    this.elements = elements;
    this.values = new Float64Array(elements);
    this.#host = host;
    host.bytes += 4 * elements;
  }

  /** From now on the bits mean this. Values known as the other type are read anew from their bits. */
  seenAs(dtype: DType): void {
    this.alive();
    if (this.#dtype !== null && this.#dtype !== dtype) {
      this.values.forEach((v, i) => {
        this.values[i] = dtype === "f32" ? bitsFloat(v) : floatBits(v);
      });
    }
    this.#dtype = dtype;
  }

  write(offset: number, data: Float32Array | Uint32Array): void {
    this.alive();
    if (offset < 0 || offset + data.length > this.elements) {
      throw new Error(`${this.label}: ${data.length} values at ${offset} do not fit into ${this.elements}`);
    }
    const given: DType = data instanceof Float32Array ? "f32" : "u32";
    this.#dtype ??= given;
    if (given === this.#dtype) this.values.set(data, offset);
    else {
      data.forEach((v, i) => {
        this.values[offset + i] = given === "u32" ? bitsFloat(v) : floatBits(v);
      });
    }
  }

  read(): Promise<ArrayBuffer> {
    this.alive();
    const bits = this.#host.read(bitsOf(this.values, this.#dtype ?? "f32"));
    this.#host.submitSoon();
    return bits;
  }

  readBy<T>(use: (bytes: Uint8Array<ArrayBuffer>) => T): Promise<T> {
    return this.read().then((bits) => use(new Uint8Array(bits)));
  }

  copyFrom(from: Arena): void {
    this.alive();
    if (!(from instanceof InterpreterArena)) throw new Error(`${this.label}: a copy from another device`);
    from.alive();
    if (from.elements !== this.elements) {
      throw new Error(`${from.label} has ${from.elements} elements, ${this.label} ${this.elements}`);
    }
    this.values.set(from.values);
    this.#dtype = from.#dtype;
  }

  alive(): void {
    if (this.#disposed) throw new Error(`${this.label} was disposed of`);
  }

  dispose(): void {
    if (!this.#disposed) this.#host.bytes -= 4 * this.elements;
    this.#disposed = true;
  }
}

class InterpreterExecutable implements Executable {
  readonly program: Program;
  readonly #host: Host;
  readonly #run: ReturnType<typeof interpreter>;
  readonly #memory: (Memory | null)[];
  readonly #arenas = new Map<number, InterpreterArena>();
  readonly #ownBytes: number;
  #disposed = false;

  constructor(host: Host, program: Program, run: ReturnType<typeof interpreter>) {
    this.program = program;
    this.#host = host;
    this.#run = run;
    this.#memory = ownMemory(program);
    this.#ownBytes = program.buffers.reduce((sum, { name, bytes }) => sum + (name === "" ? bytes : 0), 0);
    host.bytes += this.#ownBytes;
  }

  bind(name: string, arena: Arena): void {
    const index = this.program.buffers.findIndex((buffer) => buffer.name === name);
    if (name === "" || index < 0) throw new Error(`the program has no buffer ${name}`);
    if (!(arena instanceof InterpreterArena)) throw new Error(`${name}: an arena of another device`);
    const needed = this.program.buffers[index]!.bytes / 4;
    if (arena.elements < needed) {
      throw new Error(`${name} needs ${needed} elements; ${arena.label} has ${arena.elements}`);
    }
    const seen = this.program.tensors.find(({ buffer }) => buffer === index);
    if (seen) arena.seenAs(seen.spec.dtype);
    this.#memory[index] = arena.values;
    this.#arenas.set(index, arena);
  }

  run(control: Uint32Array, skip: ReadonlySet<string> = new Set()): void {
    this.#run(this.#ready(), control, skip);
  }

  read(output: string): Promise<ArrayBuffer> {
    const index = this.program.outputs[output];
    if (index === undefined) throw new Error(`the program has no output ${output}`);
    const { data, dtype } = viewOf(this.program, this.#ready(), index);
    return this.#host.read(bitsOf(data, dtype));
  }

  async seconds(): Promise<ReadonlyMap<string, number>> {
    return new Map();
  }

  dispose(): void {
    if (!this.#disposed) this.#host.bytes -= this.#ownBytes;
    this.#disposed = true;
  }

  #ready(): Memory[] {
    if (this.#disposed) throw new Error("this program was disposed of");
    for (const arena of this.#arenas.values()) arena.alive();
    return this.#memory.map((memory, b) => {
      if (!memory) throw new Error(`${this.program.buffers[b]!.name} is not bound`);
      return memory;
    });
  }
}

export function interpreterBackend({
  ops = [],
  delay = async () => {},
  keep = "f32",
}: InterpreterOptions = {}): Backend {
  const host = new Host(delay);
  const table = opTable(ops);
  return {
    name: "interpreter",
    features: new Set(),
    software: true,
    maxBufferBytes: 2 ** 31,
    get bytes() {
      return host.bytes;
    },
    arena: (label, elements) => new InterpreterArena(host, label, elements),
    async room() {},
    async warm() {},
    async compile(program) {
      return new InterpreterExecutable(host, program, interpreter(program, table, keep === "f32"));
    },
    submit: () => host.submit(),
    async idle() {},
    lost: new Promise(() => {}),
    dispose() {},
  };
}
