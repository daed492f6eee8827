/**
 * Times, on the device at hand, the kernels of running programs that could as well be others of equal bits, and puts the fastest
 * in their place: once a kernel and class of shape, for the choice is kept (choices.ts). Nothing happens but in `turn`, which whoever
 * trains calls between two stretches of training, as often as it likes: each is a few milliseconds of the device.
 *
 * A program comes under it when it has run for a while. Then, one dispatch after the other: its variants are compiled beside
 * training, one step has what the dispatch finds copied aside, and slices of the variants are timed by turns (contest.ts).
 */
import type { Dispatch } from "../engine/tiles.ts";
import { Contest } from "./contest.ts";
import type { WebGpuExecutable } from "./executor.ts";
import { type Shared, Trial } from "./trial.ts";
import type { Choosable, Tuning } from "./tuning.ts";

/** Runs of a program after which it is worth a look: what runs a few times is not made faster by it. */
const HOT = 32;
/** Seconds of one slice: by the GPU's clock, which browsers round to 100 µs, and from submit to done, a millisecond of noise. */
const SLICE = { timestamps: 0.003, clock: 0.016 } as const;
/** Slices of a turn go on for so long, in seconds: about a frame. */
const TURN = 0.012;

/** Turns after which a program that was to run once more is given up: it may never again. */
const PATIENCE = 256;

interface Job {
  readonly run: WebGpuExecutable;
  readonly command: number;
  readonly choosable: Choosable;
  /** Undefined: its kernels are being compiled. Null: there is nothing to time. */
  trial: Trial | null | undefined;
  stage: "new" | "waiting" | "captured";
  waited: number;
  contest: Contest | null;
}

export interface Timing {
  /** A choice was made. */
  readonly chosen: boolean;
  /** Seconds that training waited for this turn, once the device had done what it was told before. */
  readonly seconds: number;
}

const NOTHING: Timing = { chosen: false, seconds: 0 };

/** Seconds of a slice. A test gives its own. */
export type Timer = (trial: Trial, id: string, times: number) => Promise<number>;

export class TileTimer {
  readonly #shared: Shared;
  readonly #tuning: Tuning;
  readonly #running: ReadonlySet<WebGpuExecutable>;
  /** By executable, for as long as its choices are not forgotten: what is not worth a look any more. */
  #seen = new WeakMap<WebGpuExecutable, Set<number>>();
  #job: Job | null = null;
  #lost = false;

  /** `running`: the executables there are. */
  constructor(shared: Shared, tuning: Tuning, running: ReadonlySet<WebGpuExecutable>) {
    this.#shared = shared;
    this.#tuning = tuning;
    this.#running = running;
    void shared.memory.device.lost.then(() => {
      this.#lost = true;
      this.#job = null;
    });
  }

  /** Is anything being timed, or yet to be? Costs next to nothing once all is. */
  get busy(): boolean {
    return !this.#lost && this.#tuning.choices !== null && (this.#job !== null || this.#next() !== null);
  }

  /** Waiting for kernels, and for nothing that the run does. */
  get compiling(): boolean {
    return this.#job !== null && this.#job.trial === undefined;
  }

  /** All anew. */
  forget(): void {
    this.#drop();
    this.#seen = new WeakMap();
    this.#tuning.choices?.forget();
  }

  /** The next slices. Never throws: a device that goes away tells so elsewhere, and what fails is left as it is. */
  async turn(clock: () => number, timer?: Timer): Promise<Timing> {
    if (!this.busy) return NOTHING;
    try {
      return await this.#turn(clock, timer);
    } catch {
      if (this.#job !== null) this.#giveUp(this.#job);
      return NOTHING;
    }
  }

  async #turn(clock: () => number, timer: Timer | undefined): Promise<Timing> {
    this.#job ??= this.#begin();
    const job = this.#job;
    if (job === null || job.trial === undefined) return NOTHING;
    const { trial, run, choosable } = job;
    if (run.disposed) {
      this.#drop();
      return NOTHING;
    }
    if (trial === null) return this.#end(job);
    if (job.stage === "new") {
      job.stage = "waiting";
      trial.capture(() => {
        job.stage = "captured";
      });
    }
    if (job.stage !== "captured") {
      if (++job.waited > PATIENCE) this.#giveUp(job);
      return NOTHING;
    }
    const slice = trial.byTimestamps ? SLICE.timestamps : SLICE.clock;
    job.contest ??= new Contest(trial.ids, choosable.standing.id, slice);
    await this.#shared.memory.device.queue.onSubmittedWorkDone();
    const began = clock();
    for (;;) {
      const next = job.contest.next;
      if (next === null) break;
      const took = timer
        ? await timer(trial, next.id, next.times)
        : await trial.slice(next.id, next.times, clock);
      // Forgotten meanwhile, or the device is gone.
      if (this.#job !== job) return NOTHING;
      job.contest.took(took);
      if (clock() - began >= TURN) break;
    }
    const seconds = clock() - began;
    return job.contest.next === null ? { ...this.#end(job), seconds } : { chosen: false, seconds };
  }

  #begin(): Job | null {
    const next = this.#next();
    if (next === null) return null;
    const { run, command, choosable } = next;
    const job: Job = { run, command, choosable, trial: undefined, stage: "new", waited: 0, contest: null };
    const settle = (trial: Trial | null) => {
      if (this.#job === job) job.trial = trial;
      else trial?.dispose();
    };
    Trial.create(this.#shared, run, command, choosable.variants).then(settle, () => settle(null));
    return job;
  }

  /** Its choice stands from now on, in every program there is and will be; where it could not be timed, what stood. */
  #end({ choosable, contest }: Job): Timing {
    const { id: standing } = choosable.standing;
    this.#tuning.choices?.set(choosable.key, contest?.outcome ?? { id: standing, standing, ratio: 1 });
    this.#drop();
    for (const run of this.#running) if (run.runs >= HOT) void run.refresh();
    return { chosen: true, seconds: 0 };
  }

  /** Not in this program. */
  #giveUp({ run, command }: Job): void {
    this.#seen.get(run)?.add(command);
    this.#drop();
  }

  #drop(): void {
    this.#job?.trial?.dispose();
    this.#job = null;
  }

  /** The first dispatch that has a choice and none made for it. */
  #next(): { run: WebGpuExecutable; command: number; choosable: Choosable } | null {
    for (const run of this.#running) {
      if (run.runs < HOT) continue;
      let seen = this.#seen.get(run);
      if (seen?.size === run.given.commands.length) continue;
      if (!seen) this.#seen.set(run, (seen = new Set()));
      for (let command = 0; command < run.given.commands.length; command++) {
        if (seen.has(command)) continue;
        const dispatch = run.given.commands[command]!;
        const choosable = dispatch.kind === "dispatch" ? this.#tuning.choosable(dispatch as Dispatch) : null;
        if (choosable !== null && this.#tuning.choices!.get(choosable.key) === null)
          return { run, command, choosable };
        seen.add(command);
      }
    }
    return null;
  }
}
