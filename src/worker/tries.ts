/**
 * The comparison that a host has beside its run: it takes turns while the run waits, is paused, resumed and stopped, and
 * tells the page. What goes wrong in it ends it, and never the run.
 */
import type { LoadedData } from "../data/types.ts";
import type { Backend } from "../engine/types.ts";
import type { RunEvent } from "../run/events.ts";
import type { WorkerMessage } from "../run/messages.ts";
import type { TriesState, TryAsked } from "../run/tries.ts";
import type { Trainer } from "../train/trainer.ts";
import { Tries } from "../train/tries.ts";
import { spoken } from "./spoken.ts";

export interface TryHostDeps {
  post(message: WorkerMessage): void;
  clock(): number;
}

/** Seconds between two messages that tell how far the arms are. */
const TELL_EVERY = 0.2;

export class TryHost {
  readonly #deps: TryHostDeps;
  #run = "";
  #tries: Tries | null = null;
  #phase: TriesState["phase"] = "stopped";
  #events: RunEvent[] = [];
  #told = Number.NEGATIVE_INFINITY;

  constructor(deps: TryHostDeps) {
    this.#deps = deps;
  }

  /** It wants the device. */
  get busy(): boolean {
    return this.#tries !== null && this.#phase === "running";
  }

  /** From the run as it stands. Throws one sentence when these cannot be compared. */
  async start(
    run: string,
    trainer: Trainer,
    asked: TryAsked,
    on: { readonly data: LoadedData; readonly backend: Backend },
  ): Promise<void> {
    await trainer.settled();
    const { clock } = this.#deps;
    const emit = (event: RunEvent) => void this.#events.push(event);
    const made = await Tries.of(trainer.core, asked, {
      ...on,
      run,
      clock,
      emit,
      changed: () => this.#tell(),
    });
    this.end();
    this.#run = run;
    this.#tries = made;
    this.#phase = "running";
    this.#tell(true);
  }

  async turn(): Promise<void> {
    try {
      await this.#tries?.turn();
      if (this.#tries?.over) this.#phase = "done";
    } catch (error) {
      return this.end(spoken(error));
    }
    this.#tell(this.#phase === "done");
  }

  hold(what: "pause" | "resume" | "stop"): void {
    if (this.#tries === null || this.#phase === "done" || this.#phase === "stopped") return;
    if (what === "stop") this.end();
    else {
      this.#phase = what === "pause" ? "paused" : "running";
      this.#tell(true);
    }
  }

  saved(arm: string): ArrayBuffer {
    return this.#tries?.saved(arm) ?? new ArrayBuffer(0);
  }

  /** Nothing of it stays on the device; what it has told stays told, and arms that were done stay kept. */
  end(message = ""): void {
    if (this.#tries === null || this.#phase === "done" || this.#phase === "stopped") return;
    this.#phase = "stopped";
    this.#tries.dispose();
    this.#tell(true, message);
  }

  /** Another run takes the place of the one that it began from. */
  forget(): void {
    this.end();
    this.#tries = null;
  }

  #tell(now = false, message = ""): void {
    const at = this.#deps.clock();
    if (this.#tries === null || (!now && at - this.#told < TELL_EVERY)) return;
    this.#told = at;
    const events = this.#events;
    this.#events = [];
    if (events.length > 0) this.#deps.post({ type: "events", events });
    this.#deps.post({ type: "tries", run: this.#run, tries: this.#tries.state(this.#phase, message) });
  }
}
