/**
 * The bench in Node (the `webgpu` package: Dawn) or in Deno (wgpu): a process of its own, asked by lines of JSON. All of
 * its CPU time is one figure: on a processor the thread that runs the JavaScript computes along.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { env, execPath } from "node:process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { BadInput } from "../command.ts";
import { denoVersion, driverEnv, findDeno, NO_DENO } from "../deno.ts";
import { type Answer, type Place, TurnDriver } from "./drive.ts";
import type { Growth, PageApi } from "./page-api.ts";
import { type Grain, spent, type Threads, threadsOf } from "./processes.ts";
import type { Cpu, Driver } from "./result.ts";

type Child = ChildProcessByStdio<Writable, Readable, null>;

const script = `${fileURLToPath(new URL("../../../", import.meta.url))}e2e/bench/headless.ts`;
/** "From nothing to the first step" is with no kernel that a driver has kept on disk from an earlier process: Mesa's, NVIDIA's. */
const NO_CACHES = { MESA_SHADER_CACHE_DISABLE: "true", __GL_SHADER_DISK_CACHE: "0" };
/** Before an answer: libraries print to stdout as they like. */
const MARK = "\u0001";

export async function openHeadless(runtime: "node" | "deno", say: (line: string) => void): Promise<Driver> {
  const place = runtime === "node" ? startNode() : startDeno();
  try {
    return await TurnDriver.begin(place, say);
  } catch (error) {
    await place.close();
    throw error;
  }
}

function startNode(): ProcessPlace {
  const child = spawn(execPath, ["--import", "tsx", script], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...env, ...NO_CACHES },
  });
  return new ProcessPlace(child, `Node ${process.versions.node}, Dawn`);
}

function startDeno(): ProcessPlace {
  const deno = findDeno();
  if (deno === null) throw new BadInput(NO_DENO);
  const flags = [
    "--no-lock",
    "--node-modules-dir=manual",
    "--unstable-webgpu",
    "--unstable-sloppy-imports",
    "-A",
  ];
  const child = spawn(deno, ["run", ...flags, script], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...driverEnv(), ...NO_CACHES },
  });
  return new ProcessPlace(child, `${denoVersion(deno)}, wgpu`);
}

interface Reply {
  readonly answer?: unknown;
  readonly error?: string;
}

class ProcessPlace implements Place {
  readonly version: string;
  readonly #child: Child;
  #waiting: { resolve(reply: Reply): void; reject(error: Error): void } | null = null;
  #grain: Grain = "nanoseconds";
  #ended: Promise<void>;

  constructor(child: Child, version: string) {
    this.#child = child;
    this.version = version;
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.startsWith(MARK)) this.#waiting?.resolve(JSON.parse(line.slice(MARK.length)) as Reply);
    });
    this.#ended = new Promise((resolve) => {
      child.on("exit", (code) => {
        this.#waiting?.reject(new Error(`The process that measures ended with code ${code}.`));
        resolve();
      });
    });
    child.on("error", (error) => this.#waiting?.reject(error));
  }

  get grain(): Grain {
    return this.#grain;
  }

  async call<K extends keyof PageApi>(name: K, ...args: Parameters<PageApi[K]>): Promise<Answer<K>> {
    const reply = await new Promise<Reply>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      if (this.#child.exitCode !== null) return reject(new Error("The process that measures has ended."));
      this.#child.stdin.write(`${JSON.stringify({ name, args })}\n`);
    });
    this.#waiting = null;
    if (reply.error !== undefined) throw new Error(reply.error);
    return reply.answer as Answer<K>;
  }

  async around<T>(body: () => Promise<T>): Promise<{ readonly answer: T; readonly cpu: Cpu }> {
    const before = this.#threads();
    const answer = await body();
    return { answer, cpu: { gpu: spent(before, this.#threads()), js: Number.NaN } };
  }

  #threads(): Threads {
    const read = threadsOf(this.#child.pid!);
    if (read === null)
      throw new Error("Without /proc nobody can tell what a process costs: this runs on Linux.");
    if (read.grain === "ticks") this.#grain = "ticks";
    return read.threads;
  }

  async grow(): Promise<{ readonly grown: readonly Growth[]; readonly longestTask: number | null }> {
    await this.call("prepareGrowth");
    return { grown: await this.call("grow"), longestTask: null };
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }
}
