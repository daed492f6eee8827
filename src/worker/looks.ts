/** When a host looks at its network for the page, and at what: as often as the page asked, and never for long. */
import type { WorkerMessage } from "../run/messages.ts";
import type { Looker } from "../train/look.ts";
import type { Look } from "../train/sight.ts";
import type { Trainer } from "../train/trainer.ts";

/** At most 5 looks a second, and never more than a fifth of the time. */
const LOOK_EVERY = 0.2;
const LOOK_SHARE = 5;

interface Seen {
  readonly run: string;
  readonly trainer: Trainer;
  readonly looker: Looker;
}

export class Looks {
  readonly #page: { post(message: WorkerMessage): void; clock(): number };
  #asked: Look = { every: 10, text: "", picture: 0, part: null, lens: null, graph: false, bridge: null };
  #last = { step: -1, at: Number.NEGATIVE_INFINITY, cost: 0 };

  constructor(page: { post(message: WorkerMessage): void; clock(): number }) {
    this.#page = page;
  }

  /** What the page wants to see from now on; `every` 0: nothing. */
  ask(look: Partial<Look> & Pick<Look, "every" | "text" | "part">): void {
    this.#asked = { picture: 0, lens: null, graph: false, bridge: null, ...look };
  }

  /** Another run stands here. */
  begin(): void {
    this.#last = { step: -1, at: Number.NEGATIVE_INFINITY, cost: 0 };
  }

  async ifDue(seen: Seen, anyway: boolean): Promise<void> {
    const { every } = this.#asked;
    const { step, at, cost } = this.#last;
    const far = Math.abs(seen.trainer.step - step) >= every;
    const rested = this.#page.clock() - at >= Math.max(LOOK_EVERY, LOOK_SHARE * cost);
    if (anyway || (far && rested)) await this.now(seen);
  }

  async now({ trainer, run, looker }: Seen): Promise<void> {
    if (this.#asked.every === 0) return;
    const began = this.#page.clock();
    const view = await looker.look(trainer.core, run, this.#asked, this.#asked.part, this.#asked);
    const at = this.#page.clock();
    this.#last = { step: trainer.step, at, cost: at - began };
    this.#page.post({ type: "view", view });
  }
}
