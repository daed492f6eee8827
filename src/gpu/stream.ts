/**
 * The one line of commands to the device. Everything is encoded into one command encoder, opened when first needed, and
 * `submit` sends it: many replays, copies and read-backs make one submit.
 *
 * Two clocks must not be mixed up. Encoded commands run at `submit`; `queue.writeBuffer` runs when it is called, so it
 * would overtake what is encoded. Hence control blocks are gathered here and written to a ring just before the submit
 * that copies them out of it, one slot a replay; and whoever must write a buffer directly calls `submit` first.
 */
import { CONTROL_WORDS } from "../engine/control.ts";
import { type Memory, USAGE } from "./memory.ts";

/** Replays in one submit; one more submits by itself. */
const RING_SLOTS = 64;
const SLOT_BYTES = CONTROL_WORDS * 4;

export class CommandStream {
  readonly #memory: Memory;
  readonly #ring: GPUBuffer;
  readonly #blocks = new Uint32Array(RING_SLOTS * CONTROL_WORDS);
  readonly #listeners: (() => void)[] = [];
  #used = 0;
  #encoder: GPUCommandEncoder | null = null;
  #afterSubmit: (() => void)[] = [];
  #submitSoon = false;
  #closed = false;

  constructor(memory: Memory) {
    this.#memory = memory;
    this.#ring = memory.create("control ring", RING_SLOTS * SLOT_BYTES, USAGE.copySource | USAGE.copyTarget);
  }

  get encoder(): GPUCommandEncoder {
    if (this.#closed) throw new Error("the device was closed");
    return (this.#encoder ??= this.#memory.device.createCommandEncoder());
  }

  /** Called right after every submit. */
  onSubmit(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Encodes: `buffer` = this control block. */
  control(words: Uint32Array, buffer: GPUBuffer): void {
    if (words.length > CONTROL_WORDS) throw new Error(`a control block has ${CONTROL_WORDS} words`);
    if (this.#used === RING_SLOTS) this.submit();
    const at = this.#used++ * CONTROL_WORDS;
    this.#blocks.fill(0, at, at + CONTROL_WORDS);
    this.#blocks.set(words, at);
    this.encoder.copyBufferToBuffer(this.#ring, at * 4, buffer, 0, SLOT_BYTES);
  }

  submit(): void {
    if (this.#encoder === null) return;
    const { queue } = this.#memory.device;
    if (this.#used > 0) queue.writeBuffer(this.#ring, 0, this.#blocks, 0, this.#used * CONTROL_WORDS);
    const commands = this.#encoder.finish();
    this.#encoder = null;
    this.#used = 0;
    queue.submit([commands]);
    for (const listener of this.#listeners) listener();
    this.#settle();
  }

  /** Submits when the present turn of JavaScript is over: several read-backs asked for together share it. */
  submitSoon(): void {
    if (this.#submitSoon) return;
    this.#submitSoon = true;
    queueMicrotask(() => {
      this.#submitSoon = false;
      this.submit();
    });
  }

  /** Destroys a buffer, but not under the feet of commands that are encoded and not yet sent. */
  retire(buffer: GPUBuffer): void {
    this.afterSubmit(() => this.#memory.destroy(buffer));
  }

  /** When nothing is encoded that is not yet sent: at once, or right after the next submit. */
  afterSubmit(action: () => void): void {
    if (this.#encoder === null) action();
    else this.#afterSubmit.push(action);
  }

  /** Right after the submit of what is being encoded. */
  afterNextSubmit(action: () => void): void {
    this.#afterSubmit.push(action);
  }

  #settle(): void {
    const actions = this.#afterSubmit;
    this.#afterSubmit = [];
    for (const action of actions) action();
  }

  close(): void {
    this.#closed = true;
    this.#encoder = null;
    this.#settle();
    this.#memory.destroy(this.#ring);
  }
}
