/**
 * The variants of one dispatch on buffers of their own, ready to be run in slices: what they write nobody reads, so nothing of the
 * run is touched. The buffers hold what the dispatch found in a real step (capture.ts); a variant may run on what another
 * has left there, as its speed hangs on sizes and lists, not on the values of a sum.
 *
 * A slice is a submit of its own, sent when the device has nothing else to do, as one dispatch after the other in a pass; they
 * write to the same buffers, so they do not overlap. It is timed by the GPU's own clock where there is one, else from submit to done.
 */
import { sizeOf } from "../engine/layout.ts";
import type { Variant } from "../engine/variants.ts";
import { bindGroup, type Place } from "./bindings.ts";
import type { WebGpuExecutable } from "./executor.ts";
import { MAP_READ_MODE, type Memory, USAGE } from "./memory.ts";
import type { Kernel, PipelineCache } from "./pipelines.ts";
import { sizesBlocks } from "./sizes.ts";
import type { CommandStream } from "./stream.ts";

/** Bytes beyond which a dispatch is not timed: they would be held beside the run's. */
const MOST_BYTES = 128 * 2 ** 20;
const CLOCK_BYTES = 16;

export interface Shared {
  readonly memory: Memory;
  readonly stream: CommandStream;
  readonly pipelines: PipelineCache;
}

interface Ready {
  readonly kernel: Kernel;
  readonly group: GPUBindGroup;
  readonly grid: readonly [number, number, number];
}

export class Trial {
  readonly #shared: Shared;
  readonly #run: WebGpuExecutable;
  readonly #command: number;
  readonly #buffers = new Map<number, GPUBuffer>();
  readonly #own: GPUBuffer[] = [];
  readonly #ready = new Map<string, Ready>();
  #clock: { readonly queries: GPUQuerySet; readonly resolved: GPUBuffer; readonly page: GPUBuffer } | null =
    null;
  #disposed = false;

  /** Null: there is no room for it, or fewer than two that this device takes. Its compiling goes on beside training. */
  static async create(
    shared: Shared,
    run: WebGpuExecutable,
    command: number,
    variants: readonly Variant[],
  ): Promise<Trial | null> {
    const bytes = [...tensorsOf(variants)].reduce((sum, tensor) => sum + run.bytesOf(tensor), 0);
    if (bytes > MOST_BYTES) return null;
    const all = await Promise.all(
      variants.map(async (variant) => ({
        variant,
        kernel: await shared.pipelines.compile([variant.dispatch]).then(
          ([kernel]) => kernel!,
          () => null,
        ),
      })),
    );
    const taken = all.flatMap(({ variant, kernel }) => (kernel === null ? [] : [{ variant, kernel }]));
    if (taken.length < 2 || run.disposed) return null;
    const trial = new Trial(shared, run, command);
    // No command may name a buffer that is not there: it would spoil the submit of a training step.
    const sound = await guarded(shared.memory.device, () => trial.#make(taken));
    if (sound && !run.disposed) return trial;
    trial.dispose();
    return null;
  }

  private constructor(shared: Shared, run: WebGpuExecutable, command: number) {
    this.#shared = shared;
    this.#run = run;
    this.#command = command;
  }

  get ids(): readonly string[] {
    return [...this.#ready.keys()];
  }

  /** Has the GPU a clock of its own? */
  get byTimestamps(): boolean {
    return this.#clock !== null;
  }

  /** What it is timed on is taken from the next run; `done` when that is on its way. */
  capture(done: () => void): void {
    this.#run.capture.ask({ command: this.#command, copies: [...this.#buffers], done });
  }

  /** Seconds of so many runs in a row; 0 where the clock has nothing to say. The device has nothing else to do. */
  async slice(id: string, times: number, clock: () => number): Promise<number> {
    const { device } = this.#shared.memory;
    const { kernel, group, grid } = this.#ready.get(id)!;
    const began = clock();
    const sound = guarded(device, () => {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass(this.#stamps());
      pass.setPipeline(kernel.pipeline);
      pass.setBindGroup(0, group);
      for (let i = 0; i < times; i++) pass.dispatchWorkgroups(...grid);
      pass.end();
      if (this.#clock !== null) {
        const { queries, resolved, page } = this.#clock;
        encoder.resolveQuerySet(queries, 0, 2, resolved, 0);
        encoder.copyBufferToBuffer(resolved, 0, page, 0, CLOCK_BYTES);
      }
      device.queue.submit([encoder.finish()]);
    });
    if (this.#clock === null) {
      await device.queue.onSubmittedWorkDone();
      const took = clock() - began;
      return (await sound) ? took : 0;
    }
    const { page } = this.#clock;
    await page.mapAsync(MAP_READ_MODE);
    const [from, to] = new BigUint64Array(page.getMappedRange().slice(0));
    page.unmap();
    return (await sound) ? Number(to! - from!) * 1e-9 : 0;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#run.capture.ask(null);
    const { stream } = this.#shared;
    for (const buffer of [...this.#buffers.values(), ...this.#own]) stream.retire(buffer);
    const queries = this.#clock?.queries;
    if (queries) stream.afterSubmit(() => queries.destroy());
  }

  #make(taken: readonly { readonly variant: Variant; readonly kernel: Kernel }[]): void {
    const { memory } = this.#shared;
    const usage = USAGE.storage | USAGE.copyTarget;
    for (const tensor of tensorsOf(taken.map(({ variant }) => variant)))
      this.#buffers.set(tensor, memory.create("timed", this.#run.bytesOf(tensor), usage));
    const place = (tensor: number): Place => {
      const { spec } = this.#run.given.tensors[tensor]!;
      return { buffer: this.#buffers.get(tensor)!, offset: 0, bytes: sizeOf(spec.shape) * 4 };
    };
    const dispatches = taken.map(({ variant }) => variant.dispatch);
    const sizes = sizesBlocks(
      memory,
      dispatches,
      taken.map(({ kernel }) => kernel),
    );
    if (sizes.buffer) this.#own.push(sizes.buffer);
    taken.forEach(({ variant: { id, dispatch }, kernel }, i) => {
      const group = bindGroup(memory.device, dispatch, kernel, place, sizes.bindings[i]!);
      this.#ready.set(id, { kernel, group, grid: dispatch.grid });
    });
    if (!memory.device.features.has("timestamp-query")) return;
    const queries = memory.device.createQuerySet({ type: "timestamp", count: 2 });
    const resolved = memory.create("timed clock", CLOCK_BYTES, USAGE.queryResolve | USAGE.copySource);
    const page = memory.create("timed clock page", CLOCK_BYTES, USAGE.mapRead | USAGE.copyTarget);
    this.#own.push(resolved, page);
    this.#clock = { queries, resolved, page };
  }

  #stamps(): GPUComputePassDescriptor {
    if (this.#clock === null) return {};
    const querySet = this.#clock.queries;
    return { timestampWrites: { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 } };
  }
}

const tensorsOf = (variants: readonly Variant[]): ReadonlySet<number> =>
  new Set(variants.flatMap(({ dispatch }) => Object.values(dispatch.bind)));

/** Calls of the device whose complaints are held against nobody. Is it content? `work` must not wait for anything. */
async function guarded(device: GPUDevice, work: () => void): Promise<boolean> {
  device.pushErrorScope("internal");
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  let thrown = false;
  try {
    work();
  } catch {
    thrown = true;
  }
  const scopes = [device.popErrorScope(), device.popErrorScope(), device.popErrorScope()];
  const complaints = await Promise.all(scopes).catch(() => [null]);
  return !thrown && complaints.every((complaint) => complaint === null);
}
