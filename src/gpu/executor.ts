/**
 * A program made ready for a device, and its replay. Compiling does everything that can be done once: pipelines, the
 * program's own buffers, all `Sizes` blocks side by side in one uniform buffer, bind groups. A replay then only walks a
 * list. Bind groups are made anew for those dispatches alone whose arena was exchanged (a growth, an undo).
 */
import { sizeOf } from "../engine/layout.ts";
import { NoRoom } from "../engine/no-room.ts";
import type { Arena, Executable, Program } from "../engine/types.ts";
import { WebGpuArena } from "./arenas.ts";
import { bindGroup, type Place } from "./bindings.ts";
import { Capture } from "./capture.ts";
import { type Memory, mebibytes, USAGE } from "./memory.ts";
import type { Dispatch, Kernel, PipelineCache } from "./pipelines.ts";
import type { Readback } from "./readback.ts";
import { sizesBlocks } from "./sizes.ts";
import { detourBytes, type Step, type StepList, steps, without } from "./steps.ts";
import type { CommandStream } from "./stream.ts";
import { SegmentTimer } from "./timing.ts";
import type { Later, Tuning } from "./tuning.ts";

export interface Shared {
  readonly memory: Memory;
  readonly stream: CommandStream;
  readonly readback: Readback;
  readonly pipelines: PipelineCache;
  readonly tuning: Tuning;
  /** Those that are not disposed of. */
  readonly running: Set<WebGpuExecutable>;
}

export class WebGpuExecutable implements Executable {
  /** With each dispatch as it was lowered. */
  readonly given: Program;
  readonly #shared: Shared;
  /** One an entry of `program.commands`; null where that is not a dispatch. */
  readonly #kernels: (Kernel | null)[];
  readonly #groups: (GPUBindGroup | null)[];
  /** One an entry of `program.buffers`; null until bound. */
  readonly #buffers: (GPUBuffer | null)[];
  readonly #own: GPUBuffer[] = [];
  readonly #control: GPUBuffer | null;
  /** Each command's `Sizes` block; null where it has none. */
  readonly #sizes: (GPUBufferBinding | null)[];
  readonly #named = new Map<string, number>();
  readonly #stale = new Set<number>();
  /** For copies inside one buffer, which WebGPU refuses: they go through here. */
  readonly #detour: GPUBuffer | null;
  readonly #timer: SegmentTimer | null;
  #steps: StepList | null = null;
  /** Kernels that are worth their compilation after some runs. */
  readonly #later: Later | null;
  /** For who times a dispatch. */
  readonly capture: Capture;
  #program: Program;
  #runs = 0;
  #disposed = false;

  static async create(
    shared: Shared,
    given: Program,
    onProgress?: (done: number, total: number) => void,
  ): Promise<WebGpuExecutable> {
    const program = shared.tuning.chosen(given);
    const dispatches = program.commands.filter((command): command is Dispatch => command.kind === "dispatch");
    const kernels = await shared.pipelines.compile(dispatches, onProgress);
    const { device } = shared.memory;
    for (const { name, bytes } of program.buffers) shared.memory.check(name || "the network", bytes);
    device.pushErrorScope("out-of-memory");
    let executable: WebGpuExecutable;
    let full: Promise<GPUError | null>;
    try {
      executable = new WebGpuExecutable(shared, given, program, kernels);
    } finally {
      full = device.popErrorScope();
    }
    if (await full) {
      executable.dispose();
      const needed = mebibytes(program.buffers.reduce((sum, { bytes }) => sum + bytes, 0));
      throw new NoRoom(`This GPU has no room for that: the network needs ${needed}, and less is free.`);
    }
    return executable;
  }

  private constructor(shared: Shared, given: Program, program: Program, kernels: readonly Kernel[]) {
    this.#shared = shared;
    this.#later = shared.tuning.later(given);
    this.given = given;
    this.capture = new Capture(shared.stream);
    this.#program = program;
    const { memory } = shared;
    let next = 0;
    this.#kernels = program.commands.map(({ kind }) => (kind === "dispatch" ? kernels[next++]! : null));
    this.#groups = program.commands.map(() => null);

    this.#buffers = program.buffers.map(({ role, name, bytes, words }, index) => {
      if (name !== "") {
        if (this.#named.has(name)) throw new Error(`two buffers of the program are called ${name}`);
        this.#named.set(name, index);
        return null;
      }
      const usage = USAGE.storage | USAGE.copySource | USAGE.copyTarget;
      const buffer = memory.create(role, bytes, usage);
      this.#own.push(buffer);
      if (words) memory.device.queue.writeBuffer(buffer, 0, new Uint32Array(words));
      return buffer;
    });
    const control = program.buffers.findIndex(({ role }) => role === "control");
    this.#control = control < 0 ? null : this.#buffers[control]!;

    const sizes = sizesBlocks(memory, program.commands, this.#kernels);
    this.#sizes = [...sizes.bindings];
    if (sizes.buffer) this.#own.push(sizes.buffer);
    const detour = detourBytes(program);
    this.#detour =
      detour === 0 ? null : memory.create("copy detour", detour, USAGE.copySource | USAGE.copyTarget);
    if (this.#detour) this.#own.push(this.#detour);
    this.#timer = SegmentTimer.create(memory, program.segments.length);
    for (let i = 0; i < program.commands.length; i++) this.#stale.add(i);
    shared.running.add(this);
  }

  /** As it runs now: each dispatch in the way that is fast here. */
  get program(): Program {
    return this.#program;
  }

  get runs(): number {
    return this.#runs;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  bind(name: string, arena: Arena): void {
    const index = this.#named.get(name);
    if (index === undefined) {
      throw new Error(`the program has no buffer ${name}; it has ${[...this.#named.keys()].join(", ")}`);
    }
    if (!(arena instanceof WebGpuArena)) throw new Error(`${name}: an arena of another device`);
    // By what is looked at, not by the buffer's bytes: a plan may round those up.
    const ends = this.program.tensors.map(({ buffer, offset, spec }) =>
      buffer === index ? offset + sizeOf(spec.shape) : 0,
    );
    const needed = Math.max(0, ...ends);
    if (arena.elements < needed) {
      throw new Error(`${name} needs ${needed} elements; ${arena.label} has ${arena.elements}`);
    }
    if (this.#buffers[index] === arena.buffer) return;
    this.#buffers[index] = arena.buffer;
    this.#steps = null;
    this.program.commands.forEach((command, i) => {
      if (command.kind !== "dispatch") return;
      const touched = Object.values(command.bind).some((t) => this.program.tensors[t]!.buffer === index);
      if (touched) this.#stale.add(i);
    });
  }

  run(control: Uint32Array, skip?: ReadonlySet<string>): void {
    const list = this.capture.into(this.#ready(skip), this, this.#groups);
    if (++this.#runs === this.#later?.after) void this.#improve(this.#later);
    const { stream } = this.#shared;
    if (this.#control) stream.control(control, this.#control);
    const { encoder } = stream;
    const timed = this.#timer?.begin() ?? false;
    let pass: GPUComputePassEncoder | null = null;
    let pipeline: GPUComputePipeline | null = null;
    let segments: readonly number[] = [];
    const end = () => {
      pass?.end();
      pass = null;
      pipeline = null;
    };
    for (const step of list) {
      if (step.kind === "dispatch") {
        // A timed replay has a pass of its own for every stretch of one segment.
        if (timed && step.segments !== segments) end();
        if (pass === null) {
          segments = step.segments;
          pass = encoder.beginComputePass(timed ? this.#timer!.pass(segments) : undefined);
        }
        if (step.pipeline !== pipeline) pass.setPipeline((pipeline = step.pipeline));
        pass.setBindGroup(0, step.group);
        pass.dispatchWorkgroups(step.x, step.y, step.z);
      } else {
        end();
        if (step.kind === "copy") {
          encoder.copyBufferToBuffer(step.from, step.fromOffset, step.to, step.toOffset, step.bytes);
        } else {
          encoder.clearBuffer(step.buffer, step.offset, step.bytes);
        }
      }
    }
    end();
    if (timed) this.#timer!.end(encoder, this.#shared.readback);
  }

  read(output: string): Promise<ArrayBuffer> {
    const tensor = this.program.outputs[output];
    if (tensor === undefined) throw new Error(`the program has no output ${output}`);
    this.#alive();
    const { buffer, offset } = this.place(tensor);
    return this.#shared.readback.read(buffer, offset, this.bytesOf(tensor));
  }

  /** Times the next replay as well; resolves with the figures of the last one that was timed and is back. */
  async seconds(): Promise<ReadonlyMap<string, number>> {
    return this.#timer === null ? new Map() : this.#timer.named(this.program.segments);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#shared.running.delete(this);
    for (const buffer of this.#own) this.#shared.stream.retire(buffer);
    this.#timer?.dispose(this.#shared.stream);
  }

  /** Faster kernels of equal bits, compiled while training goes on; what was timed here meanwhile stays. */
  #improve({ dispatches }: Later): Promise<void> {
    const { tuning } = this.#shared;
    const untimed = [...dispatches].filter(
      ([i]) => tuning.timed(this.given.commands[i] as Dispatch) === null,
    );
    return this.#exchange(new Map(untimed));
  }

  /** Every dispatch in the way that was timed to be fast, compiled while training goes on. */
  refresh(): Promise<void> {
    const others = new Map<number, Dispatch>();
    this.given.commands.forEach((command, i) => {
      const wanted = command.kind === "dispatch" ? this.#shared.tuning.timed(command) : null;
      if (wanted !== null && !alike(wanted, this.#program.commands[i] as Dispatch)) others.set(i, wanted);
    });
    return this.#exchange(others);
  }

  /** Kernels of equal bits take the place of others. What the device refuses is done without. */
  async #exchange(dispatches: ReadonlyMap<number, Dispatch>): Promise<void> {
    if (dispatches.size === 0) return;
    const kernels = await this.#shared.pipelines.compile([...dispatches.values()]).catch(() => null);
    if (kernels === null || this.#disposed) return;
    const commands = [...this.#program.commands];
    const sizes = sizesBlocks(this.#shared.memory, [...dispatches.values()], kernels);
    if (sizes.buffer) this.#own.push(sizes.buffer);
    [...dispatches].forEach(([command, dispatch], i) => {
      commands[command] = dispatch;
      this.#kernels[command] = kernels[i]!;
      this.#sizes[command] = sizes.bindings[i]!;
      this.#stale.add(command);
    });
    this.#program = { ...this.#program, commands };
    this.#steps = null;
  }

  #alive(): void {
    if (this.#disposed) throw new Error("this program was disposed of");
  }

  /** Everything bound; the list to walk for these skips. */
  #ready(skip?: ReadonlySet<string>): readonly Step[] {
    this.#alive();
    for (const [name, index] of this.#named) {
      if (this.#buffers[index] === null) throw new Error(`${name} is not bound`);
    }
    for (const i of this.#stale) this.#groups[i] = this.#group(i);
    this.#stale.clear();
    this.#steps ??= steps(this.program, {
      place: (tensor) => this.place(tensor),
      bytes: (tensor) => this.bytesOf(tensor),
      pipeline: (command) => this.#kernels[command]!.pipeline,
      group: (command) => this.#groups[command]!,
      detour: this.#detour,
    });
    return skip && skip.size > 0 ? without(this.#steps, skip) : this.#steps.list;
  }

  /** Of a tensor's own values. */
  bytesOf(tensor: number): number {
    return sizeOf(this.program.tensors[tensor]!.spec.shape) * 4;
  }

  /** Where a tensor lies; every named buffer is bound. */
  place(tensor: number): Place {
    const { buffer, offset } = this.program.tensors[tensor]!;
    return { buffer: this.#buffers[buffer]!, offset: offset * 4, bytes: this.bytesOf(tensor) };
  }

  #group(index: number): GPUBindGroup | null {
    const command = this.program.commands[index]!;
    const kernel = this.#kernels[index];
    if (command.kind !== "dispatch" || !kernel || sizeOf(command.grid) === 0) return null;
    const { device } = this.#shared.memory;
    return bindGroup(device, command, kernel, (tensor) => this.place(tensor), this.#sizes[index]!);
  }
}

const alike = (a: Dispatch, b: Dispatch): boolean =>
  a.shader === b.shader && a.entry === b.entry && JSON.stringify(a.constants) === JSON.stringify(b.constants);
