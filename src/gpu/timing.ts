/**
 * GPU seconds of each segment, where the device has "timestamp-query". A timed replay closes its pass at every border of
 * a segment and writes the clock at both ends of each pass; a segment's time is the sum over its passes (copies between
 * them are not counted). Passes cost time, so only the one replay that someone asked for is timed.
 */
import { type Memory, USAGE } from "./memory.ts";
import type { Readback } from "./readback.ts";
import type { CommandStream } from "./stream.ts";

/** Stands for the passes that belong to no segment. */
const NO_SEGMENT = -1;

/** The most queries a set may have is 4096, two a pass. Later passes go untimed. */
const MOST_PASSES = 2048;

export class SegmentTimer {
  readonly #memory: Memory;
  #queries: GPUQuerySet | null = null;
  #resolved: GPUBuffer | null = null;
  #armed = false;
  #passes: (readonly number[])[] = [];
  #pending: Promise<void> = Promise.resolve();
  #figures: ReadonlyMap<number, number> = new Map();

  /** Null where the device has no clock, or there is nothing to time. */
  static create(memory: Memory, segments: number): SegmentTimer | null {
    return segments > 0 && memory.device.features.has("timestamp-query") ? new SegmentTimer(memory) : null;
  }

  private constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** Has the next replay timed. Seconds by segment index, of the last timed replay that is back. */
  async figures(): Promise<ReadonlyMap<number, number>> {
    this.#armed = true;
    await this.#pending;
    return this.#figures;
  }

  /** The same by the names of the segments; "" is all that lies in none. */
  async named(segments: readonly { readonly name: string }[]): Promise<ReadonlyMap<string, number>> {
    const figures = await this.figures();
    const names = [...segments.map(({ name }, i) => [name, i] as const), ["", NO_SEGMENT] as const];
    return new Map(
      names.flatMap(([name, i]) => {
        const seconds = figures.get(i);
        return seconds === undefined ? [] : [[name, seconds] as const];
      }),
    );
  }

  /** Is this replay to be timed? */
  begin(): boolean {
    if (!this.#armed) return false;
    this.#armed = false;
    this.#passes = [];
    this.#queries ??= this.#memory.device.createQuerySet({ type: "timestamp", count: 2 * MOST_PASSES });
    this.#resolved ??= this.#memory.create(
      "timestamps",
      2 * MOST_PASSES * 8,
      USAGE.queryResolve | USAGE.copySource,
    );
    return true;
  }

  /** The descriptor of the next pass, which belongs to these segments. */
  pass(segments: readonly number[]): GPUComputePassDescriptor {
    const index = this.#passes.length;
    if (index >= MOST_PASSES) return {};
    this.#passes.push(segments);
    return {
      timestampWrites: {
        querySet: this.#queries!,
        beginningOfPassWriteIndex: 2 * index,
        endOfPassWriteIndex: 2 * index + 1,
      },
    };
  }

  end(encoder: GPUCommandEncoder, readback: Readback): void {
    const passes = this.#passes;
    const count = 2 * passes.length;
    if (count === 0) return;
    encoder.resolveQuerySet(this.#queries!, 0, count, this.#resolved!, 0);
    this.#pending = readback.read(this.#resolved!, 0, count * 8).then(
      (bits) => {
        const clock = new BigUint64Array(bits); // nanoseconds
        const figures = new Map<number, number>();
        passes.forEach((segments, i) => {
          // A clock that was set back meanwhile (WebGPU allows it) counts as no time.
          const seconds = Math.max(0, Number(clock[2 * i + 1]! - clock[2 * i]!)) * 1e-9;
          for (const segment of segments.length > 0 ? segments : [NO_SEGMENT])
            figures.set(segment, (figures.get(segment) ?? 0) + seconds);
        });
        this.#figures = figures;
      },
      () => {}, // the device went away: the last figures stay
    );
  }

  dispose(stream: CommandStream): void {
    if (this.#resolved) stream.retire(this.#resolved);
    if (this.#queries) {
      const queries = this.#queries;
      stream.afterSubmit(() => queries.destroy());
    }
    this.#resolved = null;
    this.#queries = null;
  }
}
