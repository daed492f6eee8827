/**
 * The copy of a run against the loss of its device: when it is taken anew. Only what a copy lacks is done again, so it may
 * be older where it costs more: copying takes no more than a hundredth of the time. (The page keeps a run each minute.)
 *
 * Two copies take turns in the same memory, so that a whole one is there while the other is written: ten megabytes made and
 * dropped each time cost a browser several collections of garbage, more than the copying itself.
 */

/** Seconds between two copies at least, and, however much one costs, at most. */
const EVERY = 30;
const LATEST = 60;
const SHARE = 100;
/** Bytes of a copy from which on no second one is held. */
const LARGE = 64 * 1024 * 1024;

/** The part of a trainer that is used. */
export interface Copied {
  settled(): Promise<void>;
  snapshot(again: ArrayBuffer | null): Promise<ArrayBuffer>;
}

export class Keeping {
  /** There is something that the last copy lacks and repeated steps do not bring back. */
  changed = false;
  readonly #clock: () => number;
  #at = 0;
  #cost = 0;
  #latest: ArrayBuffer | null = null;
  /** The one before: nobody's any more. */
  #spare: ArrayBuffer | null = null;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Another run, which is as good as kept. */
  begin(): void {
    this.#at = this.#clock();
    this.#cost = 0;
    this.changed = false;
    this.#latest = null;
    this.#spare = null;
  }

  get due(): boolean {
    const wait = Math.min(LATEST, Math.max(EVERY, SHARE * this.#cost));
    return this.changed || this.#clock() - this.#at >= wait;
  }

  /** What it gives is the caller's until the copy after the next, which is written over it. */
  async copy(run: Copied): Promise<ArrayBuffer> {
    // Steps still on their way are no cost of the copy.
    await run.settled();
    const began = this.#clock();
    const bytes = await run.snapshot(this.#spare);
    this.#spare = this.#latest !== null && this.#latest.byteLength < LARGE ? this.#latest : null;
    this.#latest = bytes;
    this.#at = this.#clock();
    this.#cost = this.#at - began;
    this.changed = false;
    return bytes;
  }
}
