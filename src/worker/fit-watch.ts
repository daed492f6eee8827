/** Says what an operator in training looks like, a few times a second, while the page asks for it. */
import type { RunCommand, WorkerMessage } from "../run/messages.ts";
import type { FitWatch } from "../train/fit-sight.ts";

/** Seconds between two looks: each reads the operator's matrices once. Never more than a fifth of the time. */
const FIT_EVERY = 0.15;
const FIT_SHARE = 5;

interface Page {
  post(message: WorkerMessage, transfer: ArrayBuffer[]): void;
  clock(): number;
}

export class FitPost {
  readonly #page: Page;
  #on = false;
  #at = Number.NEGATIVE_INFINITY;
  #cost = 0;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Heard past the host's line, in which nothing is heard while an operator is trained. */
  heard(command: RunCommand): void {
    if (command.type === "watch") this.#on = command.on;
  }

  /** For the operators of one run. */
  of(run: string): FitWatch {
    const page = this.#page;
    return {
      wanted: () => this.#on,
      due: () => {
        if (page.clock() - this.#at < Math.max(FIT_EVERY, FIT_SHARE * this.#cost)) return false;
        this.#at = page.clock();
        return true;
      },
      tell: (look) => {
        const began = page.clock();
        page.post({ type: "fit", fit: { run, ...look() } }, []);
        this.#cost = page.clock() - began;
      },
    };
  }
}
