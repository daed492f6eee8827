/**
 * The vocabulary of the engine: what a tensor, an op, a program and a device are. Pure data and signatures; no WebGPU,
 * no DOM, no clock. `gpu/` implements `Backend` with WebGPU, `engine/interpret.ts` with the ops' float64 references.
 * Long because every room speaks it: in one place, with what each word promises.
 */
export type DType = "f32" | "u32";

export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** Symbolic: a name for a value inside one trace. No data behind it. */
export interface Tensor extends TensorSpec {
  readonly id: number;
}

/** Values, for the reference. `u32` values are exact in a double. Row-major. */
export interface NdArray extends TensorSpec {
  readonly data: Float64Array;
}

export type Params = ReadonlyMap<string, Tensor>;
/** Of tensors in their order; null: no gradient. */
export type Grads = readonly (Tensor | null)[];

// ------------------------------------------------------------------------------------------------------------- ops

/** One op: shapes, lowering to kernels, gradient, reference and samples stand side by side. */
// biome-ignore lint/suspicious/noExplicitAny: ops of different attributes live in one registry
export interface OpDef<A extends object = any> {
  readonly name: string;
  /** Output specs; throws an Error with one clear sentence when the inputs do not fit. */
  infer(inputs: readonly TensorSpec[], attrs: A): readonly TensorSpec[];
  /**
   * The kernel calls that compute the outputs, in order. `temp` makes a scratch tensor that lives for these calls only.
   * A view op (see `view`) is never lowered. `lanes`: how many invocations keep the device busy, for ops that may share
   * out a long sum; it decides the order of addition, so it is fixed per class of adapter. `wanted`: which outputs anyone
   * looks at; a dispatch that makes none of them may be left out. Absent: all.
   */
  lower(
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    attrs: A,
    temp: (spec: TensorSpec) => Tensor,
    lanes?: number,
    wanted?: readonly boolean[],
  ): readonly KernelCall[];
  /**
   * dInputs from dOutputs (null: none flows there). Absent: the op is not differentiable. `wanted`: the inputs whose
   * gradient anybody asks for; only an op that makes several in one call need look.
   */
  vjp?(t: Trace, node: OpNode<A>, dOut: Grads, wanted?: readonly boolean[]): Grads;
  /** The same mathematics in float64. Must not write into its inputs. */
  reference(inputs: readonly NdArray[], attrs: A): readonly NdArray[];
  /** Inputs to test and time with: gradient check, kernel-against-reference test, kernel page, benchmark. */
  readonly samples: readonly OpSample<A>[];
  /** `alias[i] = j`: output i is written in place over input j (an optimizer step). Such a call is never pruned. */
  readonly alias?: readonly (number | null)[];
  /** Output 0 is input 0's bytes under another shape: costs no dispatch. */
  readonly view?: true;
  /**
   * Output 0 goes nowhere but into `next`, an elementwise op of two operands of one shape, as its `operand`: the inputs and
   * attributes with which this op gives the result of `next` itself, or null. See engine/fuse.ts.
   */
  absorb?(
    node: OpNode<A>,
    next: { readonly op: string; readonly operand: number; readonly attrs: object },
    other: Tensor,
  ): { readonly inputs: readonly Tensor[]; readonly attrs: A } | null;
  /** Floating-point operations of one call, 2 per multiply-add. Absent: too few to count. */
  flops?(inputs: readonly TensorSpec[], outputs: readonly TensorSpec[], attrs: A): number;
}

export interface OpSample<A extends object = object> {
  readonly inputs: readonly TensorSpec[];
  readonly attrs: A;
  readonly bench?: true;
  /**
   * Values for input i, when drawn normals will not do (token ids, a control block). Absent: f32 inputs are drawn from
   * N(0,1) by a fixed key with a few outliers planted, u32 inputs are 0.
   */
  values?(input: number, spec: TensorSpec): ArrayLike<number>;
  /** Which inputs the gradient check differentiates. Absent: every f32 input. */
  readonly wrt?: readonly number[];
  /** Kernel against reference: |Δ| ≤ tolerance · max(1, |reference|). Absent: 1e-5. Argue any other value beside it. */
  readonly tolerance?: number;
}

export interface OpNode<A extends object = object> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attrs: A;
}

export interface KernelCall {
  /** `shaders/<shader>.wgsl` */
  readonly shader: string;
  readonly entry: string;
  /** WGSL override values by name: tile sizes and switches, never tensor sizes. */
  readonly constants?: Readonly<Record<string, number>>;
  /** The fields of the shader's `struct Sizes` (all u32 or f32), bound as `var<uniform> sizes: Sizes`. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** By WGSL variable name, never by index; exactly the storage bindings this entry point uses. */
  readonly bind: Readonly<Record<string, Tensor>>;
  /** Workgroups. */
  readonly grid: readonly [number, number, number];
}

// ----------------------------------------------------------------------------------------------------------- trace

/** Where every parameter lies in its arena. Offsets and lengths in elements; slices on 64-element (256-byte) bounds. */
export interface ArenaLayout {
  readonly entries: ReadonlyMap<
    string,
    { readonly offset: number; readonly shape: readonly number[]; readonly count: number }
  >;
  readonly length: number;
}

/** An arena seen from inside a trace: the whole of it, flat, and each parameter as a slice. */
export interface ArenaTensors {
  readonly all: Tensor;
  readonly at: Params;
}

export interface Trace {
  /** The values a step uploads: one u32[64] block, see engine/control.ts. */
  readonly control: Tensor;
  /** A buffer that the host binds by name: a parameter arena, a gradient arena, an optimizer slot, ages. */
  arena(name: string, role: Role, layout: ArenaLayout, dtype?: DType): ArenaTensors;
  /** A buffer of one tensor that the host binds by name (data: tokens, starts, a text window). */
  buffer(name: string, role: Role, spec: TensorSpec): Tensor;
  /** Values fixed at trace time, uploaded once when the program is compiled. */
  constant(spec: TensorSpec, data: ArrayLike<number>): Tensor;
  call<A extends object>(op: OpDef<A>, inputs: readonly Tensor[], attrs: A): readonly Tensor[];
  /** Commands traced in `body` form a named segment: it is timed alone, and with `pass` it may be skipped. */
  segment<R>(name: string, pass: readonly [from: Tensor, to: Tensor] | null, body: () => R): R;
  /**
   * A segment around `from` that a replay may leave out: what `body` makes then is `from` itself. Its gradients are a segment
   * "<name>.grad" that may be left out with it: the gradient passes through, and those stored out of it are 0.
   */
  skippable(name: string, from: Tensor, body: () => Tensor): Tensor;
  /** d loss / d each of `wrt`. `loss` has one element. A parameter that loss does not depend on gets zeros. */
  grad(loss: Tensor, wrt: Params): Params;
  /** Make `value` end up in `into` (a slice of an arena, e.g. a gradient's place): by direct write or by a copy. */
  store(value: Tensor, into: Tensor): void;
  /** `value` can be read back under this name after each run. */
  output(name: string, value: Tensor): void;
}

// --------------------------------------------------------------------------------------------------------- program

export type Role =
  | "params"
  | "grads"
  | "slots"
  | "masks"
  | "data"
  | "control"
  | "constant"
  | "output"
  | "scratch";

/** Plain data: it can be printed, hashed, compared, stored. */
export interface Program {
  /** A fingerprint of everything below; same key, same commands. */
  readonly key: string;
  /** Floating-point operations of one run (2 per multiply-add). */
  readonly flops: number;
  readonly buffers: readonly ProgramBuffer[];
  /** `offset` in elements (4 bytes each). */
  readonly tensors: readonly {
    readonly buffer: number;
    readonly offset: number;
    readonly spec: TensorSpec;
  }[];
  readonly commands: readonly GpuCommand[];
  /** The same run op by op (each spans `commands[from, to)`): what the interpreter executes and what people read. */
  readonly calls: readonly ProgramCall[];
  readonly segments: readonly ProgramSegment[];
  readonly outputs: Readonly<Record<string, number>>;
}

/** `commands[from, to)`, timed alone. Segments may nest, never cross. */
export interface ProgramSegment {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** May be skipped: then tensor `pass[0]` is copied to tensor `pass[1]` instead. Absent: always runs. */
  readonly pass?: readonly [from: number, to: number];
  /** Of one that may be skipped: places in arenas that it alone writes to (gradients). They are set to 0 when it is. */
  readonly clears?: readonly number[];
  /** Of one that may be skipped: floating-point operations that a skip saves. */
  readonly flops?: number;
}

export interface ProgramCall {
  /** Name in the op registry, or "copy" / "clear". */
  readonly op: string;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly from: number;
  readonly to: number;
}

export interface ProgramBuffer {
  readonly role: Role;
  /** What the host binds by (params, grads, slots, masks, data); "" for those the device makes itself. */
  readonly name: string;
  readonly bytes: number;
  /** Only for role "constant": the bytes as u32 words. */
  readonly words?: readonly number[];
}

export type GpuCommand =
  | { readonly kind: "copy"; readonly from: number; readonly to: number }
  | { readonly kind: "clear"; readonly tensor: number }
  | {
      readonly kind: "dispatch";
      readonly op: string;
      readonly shader: string;
      readonly entry: string;
      readonly constants: Readonly<Record<string, number>>;
      readonly sizes: Readonly<Record<string, number>>;
      readonly bind: Readonly<Record<string, number>>;
      readonly grid: readonly [number, number, number];
    };

// ---------------------------------------------------------------------------------------------------------- device

/** Axes of one name grow together and `layer` orders the stack: by these two facts a growth method works on any model. */
export interface ParamSpec {
  readonly path: string;
  readonly shape: readonly number[];
  readonly axes: readonly string[];
  readonly layer?: number;
  readonly init:
    | { readonly law: "zeros" | "ones" }
    | { readonly law: "constant"; readonly values: readonly number[] }
    | { readonly law: "normal" | "uniform"; readonly scale: number };
  /**
   * No weight but what is noted down (running statistics, areas): its gradient is 0, no optimizer moves it, it is never counted
   * or decayed. In the parameters' arena all the same, so that undo, probes and growth keep it with the weights it belongs to.
   */
  readonly state?: true;
  /** Gain or bias of a normalisation over its one axis: growth in width must keep mean and variance. */
  readonly norm?: "gain" | "bias";
  /** Of a norm: what reads it is a table that is looked up as well, so the norm takes the division of a copied axis. */
  readonly tied?: true;
  /** Decoupled weight decay applies (matrices and embeddings yes; biases and norm gains no). */
  readonly decay: boolean;
  /**
   * Multiply-adds of one active entry in a forward pass of one token or sample (a convolution's kernel: the positions of
   * its map). Absent: 1 for matrices, 0 where no decay applies. A table that is looked up says 0.
   */
  readonly macs?: number;
  /** Of kernels: the parameter that says where on the map each is used; whether the rest is not computed at all. */
  readonly area?: { readonly path: string; readonly skips: boolean };
  /** Each row keeps an active entry when the matrix is pruned: a gate that reads nothing would be a constant. */
  readonly keepsRows?: true;
  /** Of a matrix: the first of the axes that are read; those before it are made. Absent: the last one. */
  readonly reads?: number;
  /**
   * Structural dormancy of a square recurrent matrix [..., H, H] in blocks of these sizes: entry (u, v) exists only if
   * block(v) ≤ block(u) (Cascade, grow-prune §4.1). Absent: every entry exists.
   */
  readonly lowerBlocks?: readonly number[];
}

/** A named buffer on a device that outlives programs: parameters, gradients, slots, ages, data. */
export interface Arena {
  readonly elements: number;
  /** In order with the commands around it. `offset` in elements. */
  write(offset: number, data: Float32Array | Uint32Array): void;
  /** The contents after everything enqueued so far. Never blocks the queue. */
  read(): Promise<ArrayBuffer>;
  /** The same uncopied: `use` sees the bytes where the device left them, and they are gone when it returns. */
  readBy<T>(use: (bytes: Uint8Array<ArrayBuffer>) => T): Promise<T>;
  /** Device-side copy of the whole of `from` (same size). */
  copyFrom(from: Arena): void;
  dispose(): void;
}

/** How kernels are chosen among those of equal bits: what a run says of its device. */
export interface Tiling {
  /** The way that adapters of this class take where nothing was timed (tiles.ts). */
  readonly usual: "plain" | "spread" | "quads" | "long quads";
  /** Kernels, each of one class of shape, that were timed on this adapter, and those among them that run otherwise since. */
  readonly timed: number;
  readonly exchanged: number;
}

export interface Backend {
  /** For people: "Apple M2", "SwiftShader (processor)", "interpreter". */
  readonly name: string;
  readonly features: ReadonlySet<string>;
  /** True on a CPU adapter, which gets tiny presets. */
  readonly software: boolean;
  /** Absent: there is but one way to run a program. */
  readonly tiling?: Tiling;
  readonly maxBufferBytes: number;
  /** Bytes of device memory now held. */
  readonly bytes: number;
  arena(label: string, elements: number): Arena;
  /**
   * Resolves when every arena asked for so far is really there; throws NoRoom, once, when the device had no room for one.
   * Nothing may be done with new arenas before: a command that names one which is not there spoils its whole submit.
   */
  room(): Promise<void>;
  /** Compiles the pipelines of a program for later, and makes nothing else of it. */
  warm(program: Program): Promise<void>;
  /** Resolves when pipelines are ready. `onProgress(done, total)` counts pipelines that were not there before. */
  compile(program: Program, onProgress?: (done: number, total: number) => void): Promise<Executable>;
  /** Sends everything encoded since the last submit, as one submit. */
  submit(): void;
  /** Resolves when all submitted work is done. */
  idle(): Promise<void>;
  /** Resolves with the reason when the device is lost; never rejects. */
  readonly lost: Promise<string>;
  dispose(): void;
}

export interface Executable {
  readonly program: Program;
  /** Point a named buffer of the program at an arena. All must be bound before `run`. */
  bind(name: string, arena: Arena): void;
  /** Encode one replay with this control block (engine/control.ts, ≤ 64 words). Enqueues; never waits, never submits. */
  run(control: Uint32Array, skip?: ReadonlySet<string>): void;
  /** The output's bits after the last encoded `run`. Call before `submit()`; resolves after it, in order of calls. */
  read(output: string): Promise<ArrayBuffer>;
  /** GPU seconds per segment of the last timed replay, "" for what lies in none, where the device can tell; else empty. */
  seconds(): Promise<ReadonlyMap<string, number>>;
  dispose(): void;
}
