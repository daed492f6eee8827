/**
 * Every buffer of the device is made and destroyed here, so that the bytes held are known to the byte. WebGPU's usage
 * flags are written out as numbers: Node and Deno do not have the browser's globals.
 */
import { NoRoom } from "../engine/no-room.ts";

export const USAGE = {
  mapRead: 0x0001,
  copySource: 0x0004,
  copyTarget: 0x0008,
  uniform: 0x0040,
  storage: 0x0080,
  queryResolve: 0x0200,
} as const;

export const MAP_READ_MODE = 1;

/** A binding of `array<vec4<f32>>` needs 16 bytes at least, and a scalar tensor is read through one too. */
export const GRAIN = 16;

export const roundUp = (bytes: number, grain: number): number => Math.ceil(bytes / grain) * grain;

export class Memory {
  readonly device: GPUDevice;
  readonly maxBufferBytes: number;
  #bytes = 0;
  /** Answers of the device about buffers made by `reserve`: null, or what it had no room for. */
  #asked: Promise<string | null>[] = [];

  constructor(device: GPUDevice) {
    this.device = device;
    this.maxBufferBytes = Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize);
  }

  /** Bytes of live buffers. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Throws with one sentence when no buffer of this device can be so large. */
  check(label: string, bytes: number): void {
    if (bytes > this.maxBufferBytes) {
      const most = mebibytes(this.maxBufferBytes);
      throw new NoRoom(
        `This GPU has no room for that: ${label} needs a buffer of ${mebibytes(bytes)}, and this device allows ${most}.`,
      );
    }
  }

  /** A buffer of at least `bytes`, zeroed. */
  create(label: string, bytes: number, usage: number): GPUBuffer {
    const size = Math.max(GRAIN, roundUp(bytes, GRAIN));
    this.check(label, size);
    const buffer = this.device.createBuffer({ label, size, usage });
    this.#bytes += size;
    return buffer;
  }

  /** Like `create`; whether the device really had room for it is known after `room`, and is no fault until then. */
  reserve(label: string, bytes: number, usage: number): GPUBuffer {
    this.device.pushErrorScope("out-of-memory");
    try {
      return this.create(label, bytes, usage);
    } finally {
      const answer = this.device.popErrorScope();
      // A lost device answers nothing: that is told elsewhere.
      const what = `${label} needs ${mebibytes(bytes)}`;
      this.#asked.push(answer.then((error) => (error === null ? null : what)).catch(() => null));
    }
  }

  /** Throws NoRoom, once, when a buffer reserved since the last call is not there. */
  async room(): Promise<void> {
    const asked = this.#asked;
    this.#asked = [];
    const failed = (await Promise.all(asked)).find((what) => what !== null);
    if (failed) throw new NoRoom(`This GPU has no room for that: ${failed}, and less is free.`);
  }

  destroy(buffer: GPUBuffer): void {
    this.#bytes -= buffer.size;
    buffer.destroy();
  }
}

export const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
