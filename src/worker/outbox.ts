/**
 * What a host tells the page, and how often: events in batches, the state, how far something has come. However fast a run
 * is, the page hears each kind of message a few times a second.
 */
import type { RunEvent } from "../run/events.ts";
import type { RunState, WorkerMessage } from "../run/messages.ts";

/** Seconds between two messages of each kind, while running. */
const STATE_EVERY = 0.5;
const EVENTS_EVERY = 0.1;
const PROGRESS_EVERY = 0.1;

type Prepared = Extract<WorkerMessage, { type: "progress" }>;

interface Page {
  post(message: WorkerMessage, transfer: ArrayBuffer[]): void;
  /** Seconds. */
  clock(): number;
}

export class Outbox {
  readonly #page: Page;
  /** Null: there is no run. */
  readonly #state: () => RunState | null;
  #events: RunEvent[] = [];
  readonly #at = { state: 0, events: 0, progress: 0 };

  constructor(page: Page, state: () => RunState | null) {
    this.#page = page;
    this.#state = state;
  }

  post(message: WorkerMessage, transfer: ArrayBuffer[] = []): void {
    // What happened is told before what came of it is shown.
    if (message.type === "view") this.flush();
    this.#page.post(message, transfer);
  }

  /** Said with the next batch. */
  add(events: readonly RunEvent[]): void {
    for (const event of events) this.#events.push(event);
  }

  flush(): void {
    this.#at.events = this.#page.clock();
    if (this.#events.length === 0) return;
    const events = this.#events;
    this.#events = [];
    this.post({ type: "events", events });
  }

  /** The state, after every event that led to it. */
  state(): void {
    const state = this.#state();
    if (state === null) return;
    this.flush();
    this.#at.state = this.#page.clock();
    this.post({ type: "state", state });
  }

  /** What is due of both after a stretch of training; all of it once training is `over`. */
  afterStretch(over: boolean): void {
    const now = this.#page.clock();
    if (now - this.#at.events >= EVENTS_EVERY) this.flush();
    if (over || now - this.#at.state >= STATE_EVERY) this.state();
  }

  /** The first and the last of what is counted are told in any case. */
  progress(what: Prepared["what"], label: string, done: number, total: number): void {
    const now = this.#page.clock();
    if (done < total && done > 0 && now - this.#at.progress < PROGRESS_EVERY) return;
    this.#at.progress = now;
    this.post({ type: "progress", what, label, done, total });
  }
}
