/**
 * How many steps go into one submit, and how many submits may be under way. Tuned by measured time and by nothing that a
 * result could depend on: a submit should be short enough for a smooth screen, and long enough to be worth sending.
 */

/** Submits that the device may have in hand. Of long ones two keep it busy, and a Pause or a growth waits for one less. */
const IN_FLIGHT = 3;
const LONG_IN_FLIGHT = 2;
/** Seconds from which on a submit is long. */
const LONG = 0.05;
/** Steps of one submit at most: with IN_FLIGHT submits it stays below the device's ring of control blocks. */
export const STRIDE_LIMIT = 16;
/** Seconds that a submit should take at most. */
const SUBMIT_SECONDS = 0.012;

export class Pace {
  stride = 1;
  #sent: { readonly steps: number; readonly heard: Promise<void> }[] = [];
  #answered: number | null = null;
  #most = IN_FLIGHT;
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  get full(): boolean {
    return this.#sent.length >= this.#most;
  }

  get empty(): boolean {
    return this.#sent.length === 0;
  }

  sent(steps: number, heard: Promise<void>): void {
    this.#sent.push({ steps, heard });
  }

  /** Waits for the oldest submit and learns from how long it took. */
  async hearOldest(): Promise<void> {
    const oldest = this.#sent.shift();
    if (oldest === undefined) return;
    await oldest.heard;
    const now = this.#clock();
    // Only between two answers of a busy device does the distance measure its work.
    if (this.#answered !== null && this.#sent.length > 0) {
      const took = now - this.#answered;
      const seconds = took / oldest.steps;
      this.#most = took > LONG ? LONG_IN_FLIGHT : IN_FLIGHT;
      const fits = seconds > 0 ? Math.min(STRIDE_LIMIT, Math.floor(SUBMIT_SECONDS / seconds)) : STRIDE_LIMIT;
      // Halfway there each time: one late answer should not swing it. Never below 1, as a half is rounded up.
      this.stride = Math.round((this.stride + fits) / 2);
    }
    this.#answered = now;
  }

  /** Nothing is under way any more. */
  rest(): void {
    this.#sent = [];
    this.#answered = null;
  }
}
