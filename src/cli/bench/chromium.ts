/**
 * Drives the bench page in Chromium: builds and serves it, gives each engine its turn, and takes the CPU time of the GPU
 * process and of the renderer around it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { fileURLToPath } from "node:url";
import type { Browser, CDPSession, Page } from "@playwright/test";
import { findBrowser } from "../setup.mjs";
import type { EngineName, Job } from "./jobs.ts";
import type { About, PageApi, Turn } from "./page-api.ts";
import { type Grain, spent, type Threads, threadsOf } from "./processes.ts";
import type {
  Cpu,
  Driver,
  EngineResult,
  GrowthResult,
  JobResult,
  LeftOut,
  MeasuredTurn,
  PeakTurns,
  Wanted,
} from "./result.ts";
import { median, rotation } from "./statistics.ts";
import { longestMainTask } from "./tasks-of-trace.ts";

const bench = fileURLToPath(new URL("../../../e2e/bench/", import.meta.url));

/** An engine whose first step took this long gets no second warm-up: CPU seconds. */
const LONG = 20;
/** Steps at one word, for what a steady step costs in JavaScript. */
const STEADY = 8;

type Say = (line: string) => void;

interface Sample {
  readonly gpu: readonly (readonly [number, Threads | null, number])[];
  readonly js: readonly (readonly [number, Threads | null, number])[];
}

interface ProcessInfo {
  readonly type: string;
  readonly id: number;
  readonly cpuTime: number;
}

export async function openChromium(say: Say): Promise<Driver> {
  const [{ build, preview }, { chromium }] = await Promise.all([import("vite"), import("@playwright/test")]);
  const { browser: executablePath } = findBrowser();
  const outDir = mkdtempSync(join(tmpdir(), "espalier-bench-"));
  env.BENCH_DIST = outDir;
  const configFile = join(bench, "vite.config.ts");
  say("Building the bench page.");
  await build({ configFile });
  const server = await preview({ configFile, preview: { port: 0 } });
  let browser: Browser | null = null;
  const close = async () => {
    await browser?.close();
    await server.close();
    rmSync(outDir, { recursive: true, force: true });
  };
  try {
    browser = await chromium.launch({
      executablePath,
      args: [
        "--no-sandbox",
        "--enable-unsafe-webgpu",
        "--disable-gpu-watchdog",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        ...(env.ESPALIER_GPU ? [] : ["--use-webgpu-adapter=swiftshader"]),
      ],
    });
    const page = await browser.newPage();
    page.on("pageerror", (error) => say(`The page said: ${error.message}`));
    await page.goto(server.resolvedUrls!.local[0]!);
    await page.waitForSelector("body[data-ready]", { state: "attached" });
    const session = await browser.newBrowserCDPSession();
    const driver = new ChromiumDriver(browser, page, session, say);
    await driver.begin();
    return Object.assign(driver, { close });
  } catch (error) {
    await close();
    throw error;
  }
}

class ChromiumDriver {
  readonly #browser: Browser;
  readonly #page: Page;
  readonly #session: CDPSession;
  readonly #say: Say;
  about!: About;
  idle!: Cpu;
  peak = 0;
  version: string;
  grain: Grain = "nanoseconds";
  #peaks: readonly { readonly flops: number; readonly bytes: number }[] = [];
  #arithmetic = 0;

  constructor(browser: Browser, page: Page, session: CDPSession, say: Say) {
    this.#browser = browser;
    this.#page = page;
    this.#session = session;
    this.#say = say;
    this.version = `Chromium ${browser.version()}`;
  }

  async begin(): Promise<void> {
    this.about = await this.#call("about");
    this.#peaks = await this.#call("openPeaks");
    const empty: Cpu[] = [];
    for (let i = 0; i < 9; i++) empty.push((await this.#around(() => this.#call("nothing"))).cpu);
    this.idle = { gpu: median(empty.map((c) => c.gpu)), js: median(empty.map((c) => c.js)) };
    // The way to spell the arithmetic that costs this adapter least.
    const last = this.#peaks.length - 1;
    const costs: number[] = [];
    for (let i = 0; i < last; i++) {
      const { cpu, answer } = await this.#around(() => this.#call("peakTurn", i));
      costs.push((this.about.software ? cpu.gpu : answer) / this.#peaks[i]!.flops);
    }
    const least = Math.min(...costs);
    this.peak = 1 / least;
    this.#arithmetic = costs.indexOf(least);
  }

  // ---------------------------------------------------------------------------------------------------- the processes

  async #sample(): Promise<Sample> {
    const { processInfo } = (await this.#session.send("SystemInfo.getProcessInfo")) as unknown as {
      readonly processInfo: readonly ProcessInfo[];
    };
    const of = (type: string) =>
      processInfo
        .filter((info) => info.type === type)
        .map(({ id, cpuTime }) => {
          const read = threadsOf(id);
          if (read === null) this.grain = "chromium";
          else if (read.grain === "ticks") this.grain = "ticks";
          return [id, read?.threads ?? null, cpuTime] as const;
        });
    return { gpu: of("GPU"), js: of("renderer") };
  }

  async #around<T>(body: () => Promise<T>): Promise<{ readonly answer: T; readonly cpu: Cpu }> {
    const before = await this.#sample();
    const answer = await body();
    const after = await this.#sample();
    const used = (kind: "gpu" | "js") =>
      after[kind].reduce((sum, [id, threads, total]) => {
        const [, was, wasTotal] = before[kind].find(([pid]) => pid === id) ?? [id, new Map(), 0];
        return sum + (threads !== null && was !== null ? spent(was, threads) : total - wasTotal);
      }, 0);
    return { answer, cpu: { gpu: used("gpu"), js: used("js") } };
  }

  #call<K extends keyof PageApi>(
    name: K,
    ...args: Parameters<PageApi[K]>
  ): Promise<Awaited<ReturnType<PageApi[K]>>> {
    return this.#page.evaluate(
      ([method, given]) => {
        const api = (globalThis as unknown as { bench: Record<string, (...a: unknown[]) => unknown> }).bench;
        return api[method as string]!(...(given as unknown[]));
      },
      [name, args] as const,
    ) as Promise<Awaited<ReturnType<PageApi[K]>>>;
  }

  // --------------------------------------------------------------------------------------------------------- the turns

  async measure({
    task,
    job,
    engines: names,
    rounds,
    most = Number.POSITIVE_INFINITY,
  }: Wanted): Promise<JobResult> {
    const open: OpenEngine[] = [];
    const leftOut: LeftOut[] = [];
    for (const name of names) {
      try {
        open.push(await this.#open(name, job));
      } catch (error) {
        leftOut.push({ engine: name, reason: (error as Error).message.split("\n")[0]! });
        this.#say(`  ${name} did not come to its first step: ${leftOut.at(-1)!.reason}`);
        await this.#call("close", name).catch(() => {});
      }
    }
    const runners = open.filter(({ first }) => first.cpu.gpu + first.cpu.js <= most);
    for (const { name } of open.filter((each) => !runners.includes(each))) {
      leftOut.push({ engine: name, reason: "too slow: its first step alone took longer than a point may" });
    }
    const withPeaks = task !== "curve";
    const arithmetic: { seconds: number; cpu: number }[] = [];
    const copy: { seconds: number; cpu: number }[] = [];
    for (const each of runners) {
      if (each.first.cpu.gpu <= LONG) await this.#take(each, false);
    }
    for (let round = 0; round < rounds; round++) {
      for (const each of rotation(runners, round)) {
        await this.#take(each, true);
        const { seconds, cpu } = each.turns.at(-1)!;
        const [wall, gpu, js] = [seconds, cpu.gpu, cpu.js].map((s) => (1000 * s).toFixed(1));
        this.#say(`  round ${round + 1}: ${each.name} ${wall} ms, CPU ${gpu} + ${js} ms`);
      }
      if (withPeaks) {
        arithmetic.push(await this.#peak(this.#arithmetic));
        copy.push(await this.#peak(this.#peaks.length - 1));
      }
    }
    const engines: EngineResult[] = [];
    for (const each of runners) engines.push(await this.#result(each));
    for (const { name } of open) await this.#call("close", name);
    const peak = (turns: readonly { seconds: number; cpu: number }[], work: number): PeakTurns => ({
      work,
      seconds: turns.map(({ seconds }) => seconds),
      cpu: turns.map(({ cpu }) => cpu),
    });
    const peaks = withPeaks
      ? {
          arithmetic: peak(arithmetic, this.#peaks[this.#arithmetic]!.flops),
          copy: peak(copy, this.#peaks.at(-1)!.bytes),
        }
      : null;
    return { task, job, engines, leftOut, peaks, load: loadavg()[0]! };
  }

  async #open(name: EngineName, job: Job): Promise<OpenEngine> {
    const version = await this.#call("load", name, job);
    const { answer, cpu } = await this.#around(() => this.#call("first", name, job));
    const first = { seconds: answer.seconds, cpu, counts: answer.counts };
    this.#say(
      `  ${name} ${version}: first step after ${answer.seconds.toFixed(2)} s, CPU ${cpu.gpu.toFixed(2)} + ` +
        `${cpu.js.toFixed(2)} s, loss ${answer.loss.toFixed(6)}`,
    );
    return { name, version, first, turns: [], losses: [answer.loss], errors: [...answer.errors] };
  }

  async #take(each: OpenEngine, counted: boolean): Promise<void> {
    await this.#call("rest", each.name);
    const { answer, cpu } = await this.#around((): Promise<Turn> => this.#call("turn", each.name));
    each.losses.push(answer.loss);
    each.errors.push(...answer.errors);
    if (counted) each.turns.push({ seconds: answer.seconds, cpu, counts: answer.counts });
  }

  async #result(each: OpenEngine): Promise<EngineResult> {
    const { name, version, first, turns, errors } = each;
    let steady: EngineResult["steady"] = null;
    const memory = await this.#call("memory", name);
    if (memory !== null) {
      await this.#call("rest", name);
      const { answer, cpu } = await this.#around((): Promise<Turn> => this.#call("steady", name, STEADY));
      steady = {
        steps: STEADY,
        seconds: answer.seconds / STEADY,
        cpu: { gpu: cpu.gpu / STEADY, js: cpu.js / STEADY },
      };
    }
    const losses = (await this.#call("losses", name)) ?? each.losses;
    return { engine: name, version, first, turns, losses, errors, memory, steady };
  }

  async #peak(index: number): Promise<{ seconds: number; cpu: number }> {
    const { answer, cpu } = await this.#around((): Promise<number> => this.#call("peakTurn", index));
    return { seconds: answer, cpu: cpu.gpu };
  }

  // ---------------------------------------------------------------------------------------------------------- growing

  async grow(): Promise<readonly GrowthResult[]> {
    await this.#browser.startTracing(this.#page, {
      categories: ["devtools.timeline", "toplevel", "__metadata"],
    });
    const grown = await this.#call("grow").finally(async () => {
      this.#trace = (await this.#browser.stopTracing()).toString();
    });
    const longestTask = longestMainTask(JSON.parse(this.#trace).traceEvents);
    return grown.map((each) => ({ ...each, longestTask }));
  }

  #trace = "";
}

interface OpenEngine {
  readonly name: EngineName;
  readonly version: string;
  readonly first: MeasuredTurn;
  readonly turns: MeasuredTurn[];
  readonly losses: number[];
  readonly errors: string[];
}
