/** What a run says, numbered and timed, and the part of it that a saved run carries for whoever draws its past. */
import type { RunEvent, RunEventBody } from "../run/events.ts";
import type { Scores } from "./metrics.ts";

/** Steps kept in a saved run: the end of the curve. */
const TAIL = 400;

/** What a page that draws the past has no use for: it says how things stood, and they may stand otherwise now. */
const PASSING: ReadonlySet<RunEvent["type"]> = new Set(["gauge", "run/started", "notice", "asks"]);

export class Journal {
  /** Structural events, edits, evaluations and the last steps, oldest first. */
  past: RunEvent[];
  /** Seconds of training so far. */
  wall: number;
  #seq: number;
  #steps: number;
  readonly #run: string;
  readonly #emit: (event: RunEvent) => void;

  constructor(
    run: string,
    emit: (event: RunEvent) => void,
    from: { readonly past: readonly RunEvent[]; readonly seq: number; readonly wall: number },
  ) {
    this.#run = run;
    this.#emit = emit;
    this.past = [...from.past];
    this.wall = from.wall;
    this.#seq = from.seq;
    this.#steps = this.past.filter(({ type }) => type === "step").length;
  }

  get seq(): number {
    return this.#seq;
  }

  /** `step`: steps completed when it happened. */
  say(step: number, body: RunEventBody): void {
    const event: RunEvent = {
      run: this.#run,
      seq: this.#seq++,
      step,
      wall: this.wall,
      reference: 0,
      ...body,
    };
    if (!PASSING.has(event.type)) {
      this.past.push(event);
      if (event.type === "step" && ++this.#steps >= 2 * TAIL) this.#forget();
    }
    this.#emit(event);
  }

  #forget(): void {
    let left = this.#steps - TAIL;
    this.past = this.past.filter(({ type }) => type !== "step" || left-- <= 0);
    this.#steps = TAIL;
  }

  /** What the last evaluation said. */
  get lastEvaluation(): Scores | null {
    const last = this.past.findLast(({ type }) => type === "eval");
    return last?.type === "eval" ? last : null;
  }
}
