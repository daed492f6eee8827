/**
 * The copy of a run against the loss of its device: when it is taken anew. Only what a copy lacks is done again, so it may
 * be older where it costs more: copying takes no more than a hundredth of the time. (The page keeps a run each minute.)
 */

/** Seconds between two copies at least, and, however much one costs, at most. */
const EVERY = 30;
const LATEST = 60;
const SHARE = 100;

/** The part of a trainer that is used. */
export interface Copied {
  settled(): Promise<void>;
  snapshot(): Promise<ArrayBuffer>;
}

export class Keeping {
  /** There is something that the last copy lacks and repeated steps do not bring back. */
  changed = false;
  readonly #clock: () => number;
  #at = 0;
  #cost = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Another run, which is as good as kept. */
  begin(): void {
    this.#at = this.#clock();
    this.#cost = 0;
    this.changed = false;
  }

  get due(): boolean {
    const wait = Math.min(LATEST, Math.max(EVERY, SHARE * this.#cost));
    return this.changed || this.#clock() - this.#at >= wait;
  }

  async copy(run: Copied): Promise<ArrayBuffer> {
    // Steps still on their way are no cost of the copy.
    await run.settled();
    const began = this.#clock();
    const bytes = await run.snapshot();
    this.#at = this.#clock();
    this.#cost = this.#at - began;
    this.changed = false;
    return bytes;
  }
}
