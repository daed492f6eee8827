/**
 * Answers the driver in Node and Deno, a line of JSON each way. The trainer's host lives in this process, driven by the
 * same messages as in a page.
 */
import "./count.ts"; // first: it wraps the prototypes
import { createInterface } from "node:readline";
import { createWebGpuBackend } from "../../src/gpu/device.ts";
import type { WorkerMessage } from "../../src/run/messages.ts";
import { Host } from "../../src/worker/host.ts";
import { openBackend } from "../../src/worker/kernels.ts";
import { readShaders } from "../../src/worker/node.ts";
import { createApi } from "./api.ts";
import { takeCounts } from "./count.ts";
import type { Place } from "./engines/ours.ts";

const { gpu } = navigator;
const shaders = readShaders();

/** A host cannot be ended; a closed one is only not heard any more, and its device is destroyed. */
function place(): Place {
  let listener: ((message: WorkerMessage) => void) | null = null;
  let dispose = () => {};
  const host = new Host({
    post: (message) => listener?.(message),
    async open(texts) {
      const backend = await createWebGpuBackend({ gpu, shaders: texts });
      dispose = () => backend.dispose();
      return openBackend(backend);
    },
    files: () => () => Promise.reject(new Error("the bench reads no files")),
    clock: () => performance.now() / 1000,
    turn: () => new Promise((resolve) => setImmediate(resolve)),
  });
  return {
    send: (command) => host.receive(command),
    onMessage: (given) => {
      listener = given;
    },
    taken: async () => takeCounts(),
    close: () => {
      listener = null;
      dispose();
    },
  };
}

const userAgent = "Deno" in globalThis ? `Deno ${process.versions.deno}` : `Node ${process.versions.node}`;
const api = createApi({ gpu, shaders, userAgent, place }) as unknown as Record<
  string,
  (...args: unknown[]) => Promise<unknown>
>;

process.stdout.write(`${JSON.stringify({ ready: userAgent })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const { name, args } = JSON.parse(line) as { readonly name: string; readonly args: readonly unknown[] };
  let answer: object;
  try {
    answer = { answer: (await api[name]!(...args)) ?? null };
  } catch (error) {
    answer = { error: (error as Error).message };
  }
  // A marker: libraries print to stdout as they like.
  process.stdout.write(`\u0001${JSON.stringify(answer)}\n`);
}
process.exit(0);
