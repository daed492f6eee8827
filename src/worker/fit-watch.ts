/**
 * An operator in training, as the host has it: says what it looks like, a few times a second, while the page asks for it,
 * and hears what must not wait until its last step: Pause, a snapshot, and whatever leads away from it.
 */
import type { RunCommand, WorkerMessage } from "../run/messages.ts";
import { actions } from "../run/registries.ts";
import { whole } from "../train/core.ts";
import { GivenUp } from "../train/event-terms.ts";
import type { FitWatch } from "../train/fit-sight.ts";

/** Seconds between two looks: each reads the operator's matrices once. Never more than a fifth of the time. */
const FIT_EVERY = 0.15;
const FIT_SHARE = 5;

/** What leads away from an operator in training: the growth is given up, then the command is done in its turn. */
const LEAVES: ReadonlySet<RunCommand["type"]> = new Set([
  ...(["start", "open", "goto", "take-back", "stop", "try", "shaders"] as const),
]);

/** A second growth is refused while one is under way, not kept waiting: what it would grow is not there yet. */
export const LEARNING =
  "Not grown: another growth is under way. Commit it, or give it up with Undo, and ask again.";

function enlarges(id: string): boolean {
  const action = actions.get(id);
  if (action === undefined) return false;
  return action.kind === "grow" || action.does === "grow" || action.does === "insert";
}

/** A command that was not done, as the page is told. */
export function refusalOf(command: RunCommand, run: string, message: string): WorkerMessage {
  const method = command.type === "act" ? { method: command.action.id } : {};
  return { type: "refused", run, command: command.type, message, ...method };
}

interface Page {
  post(message: WorkerMessage, transfer: ArrayBuffer[]): void;
  clock(): number;
}

/** The host's line, which stands still while an operator is trained. */
export interface Line {
  /** Commands that nobody has answered yet, oldest first. */
  readonly inbox: RunCommand[];
  /** Another command is there, or the device is gone. */
  next(): Promise<void>;
  lost(): boolean;
  answer(command: RunCommand): Promise<void>;
  /** The page is told where the run stands. */
  tell(): void;
  /** The run rests when the event is over. */
  rest(): void;
}

export class FitPost {
  readonly #page: Page;
  readonly #line: Line;
  #on = false;
  #beside: string | null = null;
  #at = Number.NEGATIVE_INFINITY;
  #cost = 0;
  #held = false;

  constructor(page: Page, line: Line) {
    this.#page = page;
    this.#line = line;
  }

  /** Paused while an operator is being trained. */
  get held(): boolean {
    return this.#held;
  }

  /** Heard past the host's line, in which nothing is heard while an operator is trained. */
  heard(command: RunCommand): void {
    if (command.type !== "watch") return;
    this.#on = command.on;
    this.#beside = command.beside ?? null;
  }

  /** For the operators of one run. */
  of(run: string): FitWatch {
    const page = this.#page;
    return {
      wanted: () => this.#on,
      beside: () => this.#beside,
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
      hold: async (done, steps) => {
        try {
          // Where it stands: the losses of the steps before this event may not have been told yet.
          if (done === 0) this.#line.tell();
          await this.#hear();
          while (this.#held && !this.#line.lost()) {
            await this.#line.next();
            await this.#hear();
          }
        } catch (error) {
          if (!(error instanceof GivenUp)) throw error;
          throw new GivenUp(
            `Not grown: given up after ${whole(done)} of ${whole(steps)} steps of its operator. The network is as it was.`,
          );
        } finally {
          this.#held = false;
        }
      },
    };
  }

  async #hear(): Promise<void> {
    const line = this.#line;
    // What may wait stays in its order.
    for (let i = 0; i < line.inbox.length; ) {
      const command = line.inbox[i]!;
      if (LEAVES.has(command.type)) {
        if (this.#held) line.rest();
        throw new GivenUp();
      }
      if (command.type === "act" && enlarges(command.action.id)) {
        line.inbox.splice(i, 1);
        this.#page.post(refusalOf(command, command.run, LEARNING), []);
        continue;
      }
      if (!["pause", "resume", "commit", "save"].includes(command.type)) {
        i++;
        continue;
      }
      line.inbox.splice(i, 1);
      if (command.type === "save") await line.answer(command);
      else this.#hold(command.type === "pause", command.type === "commit");
    }
  }

  #hold(on: boolean, commit: boolean): void {
    if (this.#held && commit) this.#line.rest();
    if (this.#held === on) return;
    this.#held = on;
    this.#line.tell();
  }
}
