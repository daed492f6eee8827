/**
 * The trainer's place in Deno, which has WebGPU itself: `deno run --unstable-webgpu --allow-read src/worker/deno.ts
 * config.json` trains a config from a file and prints one event a line. The sources run as they are.
 */
import type { ReadFile } from "../data/types.ts";
import { createWebGpuBackend, type WebGpuBackend } from "../gpu/device.ts";
import { readConfig } from "../share/link.ts";
import { trainHeadless } from "./headless.ts";

/** What is used of Deno, so that its types need not be installed. */
interface DenoLike {
  readonly args: readonly string[];
  readTextFile(path: URL | string): Promise<string>;
  readFile(path: URL | string): Promise<Uint8Array>;
  readDir(path: URL): AsyncIterable<{ readonly name: string; readonly isDirectory: boolean }>;
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

if (deno !== undefined && (import.meta as { readonly main?: boolean }).main) {
  const fail = (sentence: string): never => {
    console.error(sentence);
    return deno.exit(2);
  };
  const path = deno.args[0] ?? fail("Which config.json?");
  const read = readConfig(await deno.readTextFile(path));
  const config = read.ok ? read.config : fail(`${path} is no config: ${read.message}.`);
  const backend = await openDenoBackend();
  await trainHeadless({
    config,
    backend,
    files: readDenoData,
    clock: () => performance.now() / 1000,
    onEvent: (event) => console.log(JSON.stringify(event)),
  });
  backend.dispose();
}
