/**
 * Gives the engines their turns and takes the CPU time around each. Where the engines run, and whose time is taken, is the
 * place's business: a page in a browser, or a process of Node or Deno.
 */
import { loadavg } from "node:os";
import type { EngineName, Job } from "./jobs.ts";
import type { About, Growth, PageApi, Turn } from "./page-api.ts";
import type { Grain } from "./processes.ts";
import {
  type Cpu,
  type Driver,
  type EngineResult,
  type GrowthResult,
  type JobResult,
  type LeftOut,
  type MeasuredTurn,
  type PeakTurns,
  totalOf,
  type Wanted,
} from "./result.ts";
import { median, rotation } from "./statistics.ts";

export type Answer<K extends keyof PageApi> = Awaited<ReturnType<PageApi[K]>>;

export interface Place {
  readonly version: string;
  call<K extends keyof PageApi>(name: K, ...args: Parameters<PageApi[K]>): Promise<Answer<K>>;
  /** Runs `body`; CPU seconds used meanwhile. */
  around<T>(body: () => Promise<T>): Promise<{ readonly answer: T; readonly cpu: Cpu }>;
  readonly grain: Grain;
  /** Growths, and the longest task of the main thread where it can be traced. */
  grow(): Promise<{ readonly grown: readonly Growth[]; readonly longestTask: number | null }>;
  close(): Promise<void>;
}

/** An engine whose first step took this long gets no second warm-up: CPU seconds. */
const LONG = 20;
/** Steps at one word, for what a steady step costs in JavaScript. */
const STEADY = 8;
const EMPTY_TURNS = 9;

interface OpenEngine {
  readonly name: EngineName;
  readonly version: string;
  readonly first: MeasuredTurn;
  readonly turns: MeasuredTurn[];
  readonly losses: number[];
  readonly errors: string[];
}

interface PeakTurn {
  readonly seconds: number;
  readonly cpu: number;
}

export class TurnDriver implements Driver {
  readonly about: About;
  readonly idle: Cpu;
  readonly peak: number;
  readonly #place: Place;
  readonly #say: (line: string) => void;
  readonly #peaks: Answer<"openPeaks">;
  /** Which way to spell the arithmetic costs this adapter least. */
  readonly #arithmetic: number;

  static async begin(place: Place, say: (line: string) => void): Promise<TurnDriver> {
    const about = await place.call("about");
    const peaks = await place.call("openPeaks");
    const empty: Cpu[] = [];
    for (let i = 0; i < EMPTY_TURNS; i++) empty.push((await place.around(() => place.call("nothing"))).cpu);
    const idle = { gpu: median(empty.map((c) => c.gpu)), js: median(empty.map((c) => c.js)) };
    const costs: number[] = [];
    for (let i = 0; i < peaks.length - 1; i++) {
      const { cpu, answer } = await place.around(() => place.call("peakTurn", i));
      costs.push((about.software ? cpu.gpu : answer) / peaks[i]!.flops);
    }
    return new TurnDriver(place, say, about, idle, peaks, costs);
  }

  private constructor(
    place: Place,
    say: (line: string) => void,
    about: About,
    idle: Cpu,
    peaks: Answer<"openPeaks">,
    costs: readonly number[],
  ) {
    this.#place = place;
    this.#say = say;
    this.about = about;
    this.idle = idle;
    this.#peaks = peaks;
    const least = Math.min(...costs);
    this.#arithmetic = costs.indexOf(least);
    this.peak = 1 / least;
  }

  get version(): string {
    return this.#place.version;
  }

  get grain(): Grain {
    return this.#place.grain;
  }

  async measure(wanted: Wanted): Promise<JobResult> {
    const { task, job, rounds, most = Number.POSITIVE_INFINITY } = wanted;
    const open: OpenEngine[] = [];
    const leftOut: LeftOut[] = [];
    for (const name of wanted.engines) {
      try {
        open.push(await this.#open(name, job));
      } catch (error) {
        const reason = (error as Error).message.split("\n")[0]!;
        leftOut.push({ engine: name, reason });
        this.#say(`  ${name} did not come to its first step: ${reason}`);
        await this.#place.call("close", name).catch(() => {});
      }
    }
    const runners = open.filter(({ first }) => totalOf(first.cpu) <= most);
    for (const { name } of open.filter((each) => !runners.includes(each))) {
      leftOut.push({ engine: name, reason: "too slow: its first step alone took longer than a point may" });
    }
    for (const each of runners) {
      if (task !== "curve") await this.#place.call("settle", each.name);
      if (each.first.cpu.gpu <= LONG) await this.#take(each, false);
    }
    const arithmetic: PeakTurn[] = [];
    const copy: PeakTurn[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const each of rotation(runners, round)) {
        await this.#take(each, true);
        const { seconds, cpu } = each.turns.at(-1)!;
        this.#say(
          `  round ${round + 1}: ${each.name} ${(1000 * seconds).toFixed(1)} ms, CPU ${said(cpu, 1000, 1)} ms`,
        );
      }
      if (task === "curve") continue;
      arithmetic.push(await this.#peak(this.#arithmetic));
      copy.push(await this.#peak(this.#peaks.length - 1));
    }
    const engines: EngineResult[] = [];
    for (const each of runners) engines.push(await this.#result(each));
    for (const { name } of open) await this.#place.call("close", name);
    const peaks =
      task === "curve"
        ? null
        : {
            arithmetic: turnsOf(arithmetic, this.#peaks[this.#arithmetic]!.flops),
            copy: turnsOf(copy, this.#peaks.at(-1)!.bytes),
          };
    return { task, job, engines, leftOut, peaks, load: loadavg()[0]! };
  }

  async grow(): Promise<readonly GrowthResult[]> {
    const { grown, longestTask } = await this.#place.grow();
    return grown.map((each) => ({ ...each, longestTask }));
  }

  close(): Promise<void> {
    return this.#place.close();
  }

  async #open(name: EngineName, job: Job): Promise<OpenEngine> {
    const version = await this.#place.call("load", name, job);
    const { answer, cpu } = await this.#place.around(() => this.#place.call("first", name, job));
    this.#say(
      `  ${name} ${version}: first step after ${answer.seconds.toFixed(2)} s, CPU ${said(cpu, 1, 2)} s, ` +
        `loss ${answer.loss.toFixed(6)}`,
    );
    const first = { seconds: answer.seconds, cpu, counts: answer.counts };
    return { name, version, first, turns: [], losses: [answer.loss], errors: [...answer.errors] };
  }

  async #take(each: OpenEngine, counted: boolean): Promise<void> {
    await this.#place.call("rest", each.name);
    const { answer, cpu } = await this.#place.around(
      (): Promise<Turn> => this.#place.call("turn", each.name),
    );
    each.losses.push(answer.loss);
    each.errors.push(...answer.errors);
    if (counted) each.turns.push({ seconds: answer.seconds, cpu, counts: answer.counts });
  }

  async #result(each: OpenEngine): Promise<EngineResult> {
    const { name, version, first, turns, errors } = each;
    let steady: EngineResult["steady"] = null;
    const memory = await this.#place.call("memory", name);
    if (memory !== null) {
      await this.#place.call("rest", name);
      const { answer, cpu } = await this.#place.around(
        (): Promise<Turn> => this.#place.call("steady", name, STEADY),
      );
      steady = {
        steps: STEADY,
        seconds: answer.seconds / STEADY,
        cpu: { gpu: cpu.gpu / STEADY, js: cpu.js / STEADY },
      };
    }
    const losses = (await this.#place.call("losses", name)) ?? each.losses;
    return { engine: name, version, first, turns, losses, errors, memory, steady };
  }

  async #peak(index: number): Promise<PeakTurn> {
    const { answer, cpu } = await this.#place.around(
      (): Promise<number> => this.#place.call("peakTurn", index),
    );
    return { seconds: answer, cpu: cpu.gpu };
  }
}

/** "1.20 + 0.30": the GPU process and the JavaScript, or the one figure of one process. */
const said = ({ gpu, js }: Cpu, scale: number, digits: number): string =>
  (Number.isNaN(js) ? [gpu] : [gpu, js]).map((seconds) => (scale * seconds).toFixed(digits)).join(" + ");

const turnsOf = (turns: readonly PeakTurn[], work: number): PeakTurns => ({
  work,
  seconds: turns.map(({ seconds }) => seconds),
  cpu: turns.map(({ cpu }) => cpu),
});
