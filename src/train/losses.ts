/**
 * Losses come back through a ring of read-backs that nobody waits for. Whatever order the device answers in, the answers
 * are handled in the order they were asked for: so a trigger sees the losses in order, and the stream of events is the
 * same however late a read-back is.
 */
export class ReadRing {
  #tail: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | null = null;
  #closed = false;
  readonly #waiting: Promise<void>[] = [];

  /** `handle` is called with the value after everything asked for earlier has been handled. Resolves when it was. */
  push<T>(value: Promise<T>, handle: (value: T) => void): Promise<void> {
    // Observed here at once, so that a read-back that fails early is never an unhandled rejection.
    const settled = value.then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
    this.#tail = this.#tail.then(async () => {
      const answer = await settled;
      if (this.#failure !== null || this.#closed) return;
      if ("error" in answer) {
        this.#failure = { error: answer.error };
        return;
      }
      try {
        handle(answer.result);
      } catch (error) {
        this.#failure = { error };
      }
    });
    const handled = this.#tail.then(() => {
      this.#waiting.shift();
    });
    this.#waiting.push(handled);
    return this.#tail;
  }

  /** The next answer has been handled; at once when none is on its way. */
  get next(): Promise<void> {
    return this.#waiting[0] ?? Promise.resolve();
  }

  /** Everything asked for so far has been handled. Throws what a read-back or a handler threw. */
  async drain(): Promise<void> {
    await this.#tail;
    this.check();
  }

  check(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }

  /** Answers still on the way are dropped: what came before them has ended the run. */
  close(): void {
    this.#closed = true;
  }

  /** Takes answers again (the run went back to a good state). Call after `drain`. */
  open(): void {
    this.#closed = false;
  }
}
