/**
 * Values coming back. A read copies into a staging page at its place among the commands; the page is mapped after the
 * submit, and nobody waits meanwhile. Pages are kept: after the first few steps a loss that is read every step makes no
 * buffer. Small reads of one submit share a page, each at a 256-byte offset; a large one gets a page of its own.
 */
import { MAP_READ_MODE, type Memory, roundUp, USAGE } from "./memory.ts";
import { messageOf } from "./pipelines.ts";
import type { CommandStream } from "./stream.ts";

const PAGE_BYTES = 64 * 1024;
const OFFSET_GRAIN = 256;
/**
 * Free pages above this are given back to the device: enough for what is looked at several times a second. A copy of the whole
 * run, each half minute, must not be held in between, beside the run itself.
 */
const KEPT_BYTES = 4 * 1024 * 1024;

interface Slice {
  readonly offset: number;
  readonly bytes: number;
  /** Resolves the read with what its reader makes of the bytes. */
  readonly take: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly reject: (reason: Error) => void;
}

export const copied = (bytes: Uint8Array<ArrayBuffer>): ArrayBuffer => bytes.slice().buffer;

interface Page {
  readonly buffer: GPUBuffer;
  used: number;
  slices: Slice[];
}

export class Readback {
  readonly #memory: Memory;
  readonly #stream: CommandStream;
  readonly #failure: () => string | null;
  readonly #free: Page[] = [];
  readonly #pages = new Set<Page>();
  #filling: Page[] = [];
  #last: Promise<void> = Promise.resolve();

  /** `failure`: why results cannot be trusted any more, or null; then reads reject with it. */
  constructor(memory: Memory, stream: CommandStream, failure: () => string | null) {
    this.#memory = memory;
    this.#stream = stream;
    this.#failure = failure;
    stream.onSubmit(() => this.#map());
  }

  /** Encodes the copy; resolves after the submit, in the order of calls. */
  read(source: GPUBuffer, offset: number, bytes: number): Promise<ArrayBuffer> {
    return this.readBy(source, offset, bytes, copied);
  }

  /** The same with what `use` makes of the bytes in the page itself, which is unmapped when it returns. */
  readBy<T>(
    source: GPUBuffer,
    offset: number,
    bytes: number,
    use: (bytes: Uint8Array<ArrayBuffer>) => T,
  ): Promise<T> {
    const promise = new Promise<T>((resolve, reject) => {
      const { encoder } = this.#stream;
      const page = this.#pageFor(bytes);
      if (bytes > 0) encoder.copyBufferToBuffer(source, offset, page.buffer, page.used, bytes);
      const take = (found: Uint8Array<ArrayBuffer>) => {
        try {
          resolve(use(found));
        } catch (error) {
          reject(error);
        }
      };
      page.slices.push({ offset: page.used, bytes, take, reject });
      page.used += roundUp(bytes, OFFSET_GRAIN);
    });
    // A reader who no longer listens must not bring the process down when the device goes away.
    promise.catch(() => {});
    return promise;
  }

  #pageFor(bytes: number): Page {
    const open = this.#filling.at(-1);
    if (open && open.used + bytes <= open.buffer.size) return open;
    // Powers of two, so that a page fits again when a network has grown a little.
    const size = Math.max(PAGE_BYTES, 2 ** Math.ceil(Math.log2(Math.max(1, bytes))));
    const at = this.#free.findIndex((page) => page.buffer.size === size);
    let page = at >= 0 ? this.#free.splice(at, 1)[0]! : null;
    if (page === null) {
      const buffer = this.#memory.create("read-back page", size, USAGE.mapRead | USAGE.copyTarget);
      page = { buffer, used: 0, slices: [] };
      this.#pages.add(page);
    }
    this.#filling.push(page);
    return page;
  }

  #map(): void {
    for (const page of this.#filling) {
      const mapped = page.buffer.mapAsync(MAP_READ_MODE, 0, page.used || undefined);
      mapped.catch(() => {}); // waited for below
      const before = this.#last;
      this.#last = before.then(() => this.#deliver(page, mapped));
    }
    this.#filling = [];
  }

  async #deliver(page: Page, mapped: Promise<undefined>): Promise<void> {
    const { slices } = page;
    try {
      await mapped;
      const failure = this.#failure();
      if (failure !== null) throw new Error(failure);
      const bits = page.buffer.getMappedRange(0, page.used || undefined);
      for (const { offset, bytes, take } of slices) take(new Uint8Array(bits, offset, bytes));
      page.buffer.unmap();
    } catch (error) {
      const reason = new Error(`nothing came back from the device: ${messageOf(error)}`);
      for (const { reject } of slices) reject(reason);
      this.#drop(page);
      return;
    }
    page.used = 0;
    page.slices = [];
    const kept = this.#free.reduce((sum, { buffer }) => sum + buffer.size, 0);
    if (kept + page.buffer.size > KEPT_BYTES) this.#drop(page);
    else this.#free.push(page);
  }

  #drop(page: Page): void {
    if (this.#pages.delete(page)) this.#memory.destroy(page.buffer);
  }

  close(): void {
    const reason = new Error("the device was closed");
    for (const page of this.#pages) {
      for (const { reject } of page.slices) reject(reason);
      this.#drop(page);
    }
    this.#filling = [];
    this.#free.length = 0;
  }
}
