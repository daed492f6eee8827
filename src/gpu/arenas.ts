/**
 * Buffers that outlive programs: parameters, gradients, optimizer slots, ages, data. They are in one order with all other
 * commands: a copy or a read is encoded at its place, and a write, which the queue carries out at once, first submits
 * what was encoded before it.
 */
import type { Arena } from "../engine/types.ts";
import { type Memory, USAGE } from "./memory.ts";
import { copied, type Readback } from "./readback.ts";
import type { CommandStream } from "./stream.ts";

export class WebGpuArena implements Arena {
  readonly label: string;
  readonly elements: number;
  readonly buffer: GPUBuffer;
  readonly #device: GPUDevice;
  readonly #stream: CommandStream;
  readonly #readback: Readback;
  #disposed = false;

  constructor(memory: Memory, stream: CommandStream, readback: Readback, label: string, elements: number) {
    this.label = label;
    this.elements = elements;
    this.buffer = memory.reserve(label, elements * 4, USAGE.storage | USAGE.copySource | USAGE.copyTarget);
    this.#device = memory.device;
    this.#stream = stream;
    this.#readback = readback;
  }

  write(offset: number, data: Float32Array | Uint32Array): void {
    this.#alive();
    if (offset < 0 || offset + data.length > this.elements) {
      throw new Error(`${this.label}: ${data.length} values at ${offset} do not fit into ${this.elements}`);
    }
    if (data.length === 0) return;
    this.#stream.submit();
    // What does not fit was refused above: what the device can still find wrong is that it had no room for the buffer,
    // which `room` tells.
    this.#device.pushErrorScope("validation");
    this.#device.queue.writeBuffer(this.buffer, offset * 4, data as Float32Array<ArrayBuffer>);
    this.#device.popErrorScope().catch(() => {});
  }

  /** Submits by itself when the present turn of JavaScript is over: reading an arena is rare and stands alone. */
  read(): Promise<ArrayBuffer> {
    return this.readBy(copied);
  }

  readBy<T>(use: (bytes: Uint8Array<ArrayBuffer>) => T): Promise<T> {
    this.#alive();
    const answer = this.#readback.readBy(this.buffer, 0, this.elements * 4, use);
    this.#stream.submitSoon();
    return answer;
  }

  copyFrom(from: Arena): void {
    this.#alive();
    if (!(from instanceof WebGpuArena)) throw new Error(`${this.label}: a copy from another device`);
    from.#alive();
    if (from.elements !== this.elements) {
      throw new Error(`${from.label} has ${from.elements} elements, ${this.label} ${this.elements}`);
    }
    if (from === this || this.elements === 0) return;
    this.#stream.encoder.copyBufferToBuffer(from.buffer, 0, this.buffer, 0, this.elements * 4);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#stream.retire(this.buffer);
  }

  #alive(): void {
    if (this.#disposed) throw new Error(`${this.label} was disposed of`);
  }
}
