/**
 * The bench page in Chromium, built and served: whoever has the GPU process computes, the renderers run the JavaScript (the
 * page's own thread and its worker's).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env, platform } from "node:process";
import { fileURLToPath } from "node:url";
import type { Browser, CDPSession, Page } from "@playwright/test";
import { findBrowser } from "../setup.mjs";
import { type Answer, type Place, TurnDriver } from "./drive.ts";
import type { Growth, PageApi } from "./page-api.ts";
import { type Grain, spent, type Threads, threadsOf } from "./processes.ts";
import type { Cpu, Driver } from "./result.ts";
import { longestMainTask } from "./tasks-of-trace.ts";

const bench = fileURLToPath(new URL("../../../e2e/bench/", import.meta.url));

const FLAGS = [
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  "--disable-gpu-watchdog",
  "--disable-background-networking",
  "--disable-component-update",
  "--no-first-run",
  // Watchdogs of every process, and a renderer in reserve: they would be counted with whoever computes meanwhile.
  "--disable-features=EnableHangWatcher,SpareRendererForSitePerProcess",
];

/** Of the software adapter, or with ESPALIER_GPU of the graphics card, which Linux shows a browser without a window only so. */
const ADAPTER = !env.ESPALIER_GPU
  ? ["--use-webgpu-adapter=swiftshader"]
  : platform === "linux"
    ? ["--use-angle=vulkan", "--enable-features=Vulkan", "--disable-vulkan-surface", "--ignore-gpu-blocklist"]
    : [];

export async function openChromium(say: (line: string) => void): Promise<Driver> {
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
    browser = await chromium.launch({ executablePath, args: [...FLAGS, ...ADAPTER] });
    const page = await browser.newPage();
    page.on("pageerror", (error) => say(`The page said: ${error.message}`));
    await page.goto(server.resolvedUrls!.local[0]!);
    await page.waitForSelector("body[data-ready]", { state: "attached" });
    const session = await browser.newBrowserCDPSession();
    const heap = await page.context().newCDPSession(page);
    await heap.send("HeapProfiler.enable");
    return await TurnDriver.begin(new PagePlace(browser, page, { session, heap }, close), say);
  } catch (error) {
    await close();
    throw error;
  }
}

interface ProcessInfo {
  readonly type: string;
  readonly id: number;
  readonly cpuTime: number;
}

/** By process: its threads' times where they can be read, and Chromium's figure. */
type Sample = readonly { readonly pid: number; readonly threads: Threads | null; readonly total: number }[];

class PagePlace implements Place {
  readonly version: string;
  readonly #browser: Browser;
  readonly #page: Page;
  readonly #session: CDPSession;
  readonly #heap: CDPSession;
  readonly close: () => Promise<void>;
  #grain: Grain = "nanoseconds";

  constructor(
    browser: Browser,
    page: Page,
    { session, heap }: { readonly session: CDPSession; readonly heap: CDPSession },
    close: () => Promise<void>,
  ) {
    this.#browser = browser;
    this.#page = page;
    this.#session = session;
    this.#heap = heap;
    this.close = close;
    this.version = `Chromium ${browser.version()}`;
  }

  get grain(): Grain {
    return this.#grain;
  }

  call<K extends keyof PageApi>(name: K, ...args: Parameters<PageApi[K]>): Promise<Answer<K>> {
    return this.#page.evaluate(
      ([method, given]) => {
        const api = (globalThis as unknown as { bench: Record<string, (...a: unknown[]) => unknown> }).bench;
        return api[method as string]!(...(given as unknown[]));
      },
      [name, args] as const,
    ) as Promise<Answer<K>>;
  }

  /** What lies about is collected before: else a turn pays for what was left by those before it. */
  async around<T>(body: () => Promise<T>): Promise<{ readonly answer: T; readonly cpu: Cpu }> {
    await this.#heap.send("HeapProfiler.collectGarbage");
    const before = await this.#sample();
    const answer = await body();
    const after = await this.#sample();
    const used = (kind: "gpu" | "js"): number => {
      let sum = 0;
      for (const { pid, threads, total } of after[kind]) {
        const was = before[kind].find((each) => each.pid === pid);
        if (threads === null || was?.threads === null) sum += total - (was?.total ?? 0);
        else sum += spent(was?.threads ?? new Map(), threads);
      }
      return sum;
    };
    return { answer, cpu: { gpu: used("gpu"), js: used("js") } };
  }

  async #sample(): Promise<{ readonly gpu: Sample; readonly js: Sample }> {
    const { processInfo } = (await this.#session.send("SystemInfo.getProcessInfo")) as unknown as {
      readonly processInfo: readonly ProcessInfo[];
    };
    const of = (type: string): Sample =>
      processInfo
        .filter((info) => info.type === type)
        .map(({ id, cpuTime }) => {
          const read = threadsOf(id);
          if (read === null) this.#grain = "chromium";
          else if (read.grain === "ticks") this.#grain = "ticks";
          return { pid: id, threads: read?.threads ?? null, total: cpuTime };
        });
    return { gpu: of("GPU"), js: of("renderer") };
  }

  async grow(): Promise<{ readonly grown: readonly Growth[]; readonly longestTask: number | null }> {
    await this.call("prepareGrowth");
    const categories = ["devtools.timeline", "toplevel", "__metadata"];
    await this.#browser.startTracing(this.#page, { categories });
    let trace: Buffer;
    let grown: readonly Growth[];
    try {
      grown = await this.call("grow");
    } finally {
      trace = await this.#browser.stopTracing();
    }
    return { grown, longestTask: longestMainTask(JSON.parse(trace.toString()).traceEvents) };
  }
}
