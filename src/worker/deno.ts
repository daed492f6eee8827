/**
 * The trainer's place in Deno, which has WebGPU itself (wgpu, and naga for the shaders: a second implementation beside
 * Chromium's Dawn). The sources run as they are:
 *
 *   deno run --no-lock --node-modules-dir=manual --unstable-webgpu --allow-read src/worker/deno.ts config.json
 *
 * trains a config from a file and prints one event a line. With --attended, for a program that started it, progress is
 * printed as well (`WorkerMessage`), and the run stops when stdin ends: also when that program has died.
 */
import type { ReadFile } from "../data/types.ts";
import { createWebGpuBackend, type WebGpuBackend } from "../gpu/device.ts";
import type { RunEvent } from "../run/events.ts";
import type { WorkerMessage } from "../run/messages.ts";
import { readConfig } from "../share/link.ts";
import { type HeadlessRun, trainHeadless } from "./headless.ts";

/** What is used of Deno, so that its types need not be installed. */
interface DenoLike {
  readonly args: readonly string[];
  readTextFile(path: URL | string): Promise<string>;
  readFile(path: URL | string): Promise<Uint8Array>;
  readDir(path: URL): AsyncIterable<{ readonly name: string; readonly isDirectory: boolean }>;
  readonly stdin: { readonly readable: AsyncIterable<Uint8Array> };
  exit(code: number): never;
}

const deno = (globalThis as unknown as { readonly Deno?: DenoLike }).Deno;

function here(): DenoLike {
  if (deno === undefined) throw new Error("This file is for Deno.");
  return deno;
}

async function readShaders(folder: URL, prefix = ""): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for await (const { name, isDirectory } of here().readDir(folder)) {
    if (isDirectory)
      Object.assign(texts, await readShaders(new URL(`${name}/`, folder), `${prefix}${name}/`));
    else if (name.endsWith(".wgsl")) {
      texts[prefix + name.replace(/\.wgsl$/, "")] = await here().readTextFile(new URL(name, folder));
    }
  }
  return texts;
}

export async function openDenoBackend(): Promise<WebGpuBackend> {
  if (!navigator.gpu) throw new Error("This Deno offers no GPU: start it with --unstable-webgpu.");
  const shaders = await readShaders(new URL("../../shaders/", import.meta.url));
  return createWebGpuBackend({ gpu: navigator.gpu, shaders });
}

export const readDenoData: ReadFile = (name) =>
  here().readFile(new URL(`../../public/data/${name}`, import.meta.url));

/** Resolves when nobody can write to stdin any more. */
async function stdinEnded(): Promise<void> {
  for await (const _ of here().stdin.readable);
}

/** The test images, looked at once, when an attended run is over. */
export interface DenoTest {
  readonly type: "test";
  readonly scores: Parameters<NonNullable<HeadlessRun["onTest"]>>[0];
}

function refuse(sentence: string): number {
  console.error(sentence);
  return 2;
}

async function main(): Promise<number> {
  const { args } = here();
  const attended = args.includes("--attended");
  const [path, ...more] = args.filter((arg) => arg !== "--attended");
  if (path === undefined || more.length > 0) return refuse("Which config.json?");
  const read = readConfig(await here().readTextFile(path));
  if (!read.ok) return refuse(`${path} is no config: ${read.message}.`);
  let ended = false;
  if (attended) stdinEnded().then(() => (ended = true));
  const backend = await openDenoBackend();
  const print = (what: RunEvent | WorkerMessage | DenoTest) => console.log(JSON.stringify(what));
  const outcome = await trainHeadless({
    config: read.config,
    backend,
    files: readDenoData,
    clock: () => performance.now() / 1000,
    onEvent: print,
    enough: () => ended,
    ...(attended
      ? {
          onProgress: (label, done, total) =>
            print({ type: "progress", what: "kernels", label, done, total }),
          onTest: (scores) => print({ type: "test", scores }),
        }
      : {}),
  });
  backend.dispose();
  return outcome === "budget" || outcome === "stopped" ? 0 : 1;
}

if (deno !== undefined && (import.meta as { readonly main?: boolean }).main) {
  let code: number;
  try {
    code = await main();
  } catch (error) {
    console.error((error as Error).message);
    code = 1;
  }
  deno.exit(code);
}
