/**
 * The WebGPU device as the engine's `Backend`: the same in a browser's worker, in Node and in Deno, which differ only in
 * where the `GPU` object comes from. Core limits are asked for and no features a kernel would need, so what runs here
 * runs everywhere; only buffers may be as large as the adapter allows.
 */
import type { Backend, Executable, Program, Tiling } from "../engine/types.ts";
import { adapterName, isSoftware } from "./adapter-name.ts";
import { WebGpuArena } from "./arenas.ts";
import { Choices } from "./choices.ts";
import { WebGpuExecutable } from "./executor.ts";
import { Memory } from "./memory.ts";
import { PipelineCache } from "./pipelines.ts";
import { Readback } from "./readback.ts";
import { CommandStream } from "./stream.ts";
import { TileTimer } from "./tile-timer.ts";
import { hasQuads, Tuning } from "./tuning.ts";

export interface WebGpuOptions {
  readonly gpu: GPU;
  /** WGSL by path inside `shaders/`, without the ending: "matmul", "lib/random". */
  readonly shaders: Readonly<Record<string, string>>;
  /** Ask for the adapter that runs on the processor. */
  readonly forceFallback?: boolean;
}

/** Clocks, and what some ways of a kernel need (engine/tiles.ts); there is a plain way where they are not. */
const OPTIONAL: readonly GPUFeatureName[] = ["timestamp-query", "subgroups"];

/** Errors beyond these say nothing new. */
const MOST_ERRORS = 20;

export async function createWebGpuBackend({
  gpu,
  shaders,
  forceFallback = false,
}: WebGpuOptions): Promise<WebGpuBackend> {
  const adapter = await gpu.requestAdapter({
    powerPreference: "high-performance",
    ...(forceFallback ? { forceFallbackAdapter: true } : {}),
  });
  if (adapter === null) throw new Error("This system offers WebGPU but no graphics adapter to run it on.");
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const device = await adapter.requestDevice({
    label: "espalier",
    requiredFeatures: OPTIONAL.filter((feature) => adapter.features.has(feature)),
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
  });
  return new WebGpuBackend(adapter, device, shaders);
}

/** What a report about a device says of it. */
export interface DeviceFacts {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  readonly limits: Readonly<Record<string, number>>;
}

export class WebGpuBackend implements Backend {
  readonly name: string;
  readonly facts: DeviceFacts;
  readonly software: boolean;
  readonly features: ReadonlySet<string>;
  readonly lost: Promise<string>;
  readonly device: GPUDevice;
  readonly tuning: Tuning;
  /** Asked for turns by who trains, it times what could as well run otherwise; before `choose` it has nothing to do. */
  readonly tiles: TileTimer;
  readonly #memory: Memory;
  readonly #stream: CommandStream;
  readonly #readback: Readback;
  readonly #pipelines: PipelineCache;
  readonly #errors: string[] = [];
  readonly #adapter: string;
  readonly #running = new Set<WebGpuExecutable>();
  #disposed = false;

  constructor(adapter: GPUAdapter, device: GPUDevice, shaders: Readonly<Record<string, string>>) {
    this.name = adapterName(adapter);
    this.software = isSoftware(adapter);
    this.features = new Set(device.features);
    this.facts = factsOf(adapter, device);
    this.device = device;
    this.lost = device.lost.then(({ reason, message }) => message || reason || "the device was lost");
    device.addEventListener("uncapturederror", (event) => {
      if (this.#errors.length < MOST_ERRORS)
        this.#errors.push((event as GPUUncapturedErrorEvent).error.message);
    });
    this.#memory = new Memory(device);
    this.#stream = new CommandStream(this.#memory);
    this.#readback = new Readback(this.#memory, this.#stream, () => this.#errors[0] ?? null);
    this.#pipelines = new PipelineCache(device, shaders);
    this.tuning = new Tuning({
      quads: hasQuads(adapter, device),
      card: !this.software,
      digestOf: (shader) => this.#pipelines.digestOf(shader),
    });
    this.#adapter = adapterKey(adapter);
    const shared = { memory: this.#memory, stream: this.#stream, pipelines: this.#pipelines };
    this.tiles = new TileTimer(shared, this.tuning, this.#running);
  }

  /** Of the choices of kernels that no program names: see tuning.ts. */
  get tiling(): Tiling {
    const all = [...(this.tuning.choices?.all.values() ?? [])];
    const other = all.filter(({ id, standing }) => id !== standing);
    return { usual: this.tuning.usual, timed: all.length, exchanged: other.length };
  }

  get maxBufferBytes(): number {
    return this.#memory.maxBufferBytes;
  }

  get bytes(): number {
    return this.#memory.bytes;
  }

  /** What the device complained of. After the first one results cannot be trusted, and every read rejects with it. */
  errors(): readonly string[] {
    return this.#errors;
  }

  arena(label: string, elements: number): WebGpuArena {
    return new WebGpuArena(this.#memory, this.#stream, this.#readback, label, elements);
  }

  room(): Promise<void> {
    return this.#memory.room();
  }

  async warm(program: Program): Promise<void> {
    const { commands } = this.tuning.chosen(program);
    await this.#pipelines.compile(commands.filter((command) => command.kind === "dispatch"));
  }

  /**
   * From now on kernels are timed here, in turns of `tiles`, and those that were are used: `text` is what `tuning.choices`
   * gave some other time. `agent`: what drives the device, as far as it can be told: times are of both.
   */
  choose(text: string, agent: string): void {
    this.tuning.choices = new Choices(`${this.#adapter} | ${agent}`, text);
  }

  compile(program: Program, onProgress?: (done: number, total: number) => void): Promise<Executable> {
    const shared = {
      memory: this.#memory,
      stream: this.#stream,
      readback: this.#readback,
      pipelines: this.#pipelines,
      tuning: this.tuning,
      running: this.#running,
    };
    return WebGpuExecutable.create(shared, program, onProgress);
  }

  /**
   * What the device complains of during `work` is thrown here and not held against anything else: a kernel that someone
   * is just writing may be wrong in every way. Nothing else may use the device meanwhile.
   */
  async apart<T>(work: () => Promise<T>): Promise<T> {
    this.submit();
    this.device.pushErrorScope("internal");
    this.device.pushErrorScope("validation");
    const done = await work().then(
      (value) => ({ ok: true, value }) as const,
      (reason: unknown) => ({ ok: false, reason }) as const,
    );
    this.submit();
    const complaints = [this.device.popErrorScope(), this.device.popErrorScope()];
    const complaint = (await Promise.all(complaints)).find((error) => error !== null);
    if (complaint) throw new Error(complaint.message);
    if (!done.ok) throw done.reason;
    return done.value;
  }

  /** Programs compiled from now on use these texts. */
  setShaders(shaders: Readonly<Record<string, string>>): void {
    this.#pipelines.setShaders(shaders);
  }

  submit(): void {
    this.#stream.submit();
  }

  async idle(): Promise<void> {
    await this.device.queue.onSubmittedWorkDone();
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#stream.close();
    this.#readback.close();
    this.device.destroy();
  }
}

/** All that a browser tells of an adapter; none tells its driver's version but in the description. */
const adapterKey = ({ info: { vendor, architecture, device, description } }: GPUAdapter): string =>
  [vendor, architecture, device, description].join("/");

function factsOf(adapter: GPUAdapter, device: GPUDevice): DeviceFacts {
  const { vendor, architecture, description } = adapter.info;
  const limits: Record<string, number> = {};
  // They are the prototype's, which only this kind of loop walks.
  for (const name in device.limits) {
    const value = device.limits[name as keyof GPUSupportedLimits];
    if (typeof value === "number") limits[name] = value;
  }
  return { vendor, architecture, description, limits };
}
