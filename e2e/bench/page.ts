/**
 * The bench page: all engines in one page, on one adapter. It draws nothing; `src/cli/bench/chromium.ts` drives it by
 * `window.bench` and takes the processes' CPU times around each turn.
 */

import type { EngineName, Job } from "../../src/cli/bench/jobs.ts";
import type { About, PageApi, Turn } from "../../src/cli/bench/page-api.ts";
import { createWebGpuBackend, type WebGpuBackend } from "../../src/gpu/device.ts";
import { gpt } from "../../src/models/gpt.ts";
import { lstm } from "../../src/models/lstm.ts";
import type { RunCommand, WorkerMessage } from "../../src/run/messages.ts";
import { takeCounts } from "./count.ts"; // first: it wraps the prototypes
import { Ours, OursMatmul, type Place } from "./engines/ours.ts";
import { PEAKS, Peak } from "./engines/peak.ts";
import { COUNTS_CHANNEL, type Engine, type Taken } from "./engines/types.ts";
import { grow } from "./growth.ts";
import { prepare } from "./prepared.ts";

const shaders = Object.fromEntries(
  Object.entries(
    import.meta.glob<string>("../../shaders/**/*.wgsl", { query: "?raw", import: "default", eager: true }),
  ).map(([path, text]) => [path.replace("../../shaders/", "").replace(/\.wgsl$/, ""), text]),
);

function workerPlace(): Place {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const channel = new BroadcastChannel(COUNTS_CHANNEL);
  return {
    send: (command: RunCommand) => worker.postMessage(command),
    onMessage: (listener) => {
      worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => listener(data);
      worker.onerror = (event) => listener({ type: "no-device", reason: event.message });
    },
    taken: () =>
      new Promise<Taken>((resolve) => {
        channel.onmessage = ({ data }: MessageEvent<Taken>) => resolve(data);
        channel.postMessage(null);
      }),
    close: () => {
      channel.close();
      worker.terminate();
    },
  };
}

const backend = (): Promise<WebGpuBackend> => createWebGpuBackend({ gpu: navigator.gpu, shaders });

/** Loaded beforehand, so that no engine's time has the network in it. */
async function load(name: EngineName, job: Job): Promise<Engine> {
  if (name === "ours") {
    return job.model === "matmul" ? new OursMatmul(backend, takeCounts) : new Ours(workerPlace, shaders);
  }
  if (name === "jax-js") return new (await import("./engines/jax.ts")).Jax();
  return new (await import("./engines/tfjs.ts")).Tfjs();
}

const engines = new Map<EngineName, Engine>();
const peaks: Peak[] = [];

function engine(name: EngineName): Engine {
  const found = engines.get(name);
  if (found === undefined) throw new Error(`${name} is not open`);
  return found;
}

async function timed(of: Engine, body: () => Promise<number>): Promise<Turn> {
  const began = performance.now();
  const loss = await body();
  const seconds = (performance.now() - began) / 1000;
  const { counts, errors } = await of.taken();
  return { loss, seconds, counts, errors };
}

const api: PageApi = {
  async about(): Promise<About> {
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
    if (adapter === null) throw new Error("This browser offers WebGPU but no graphics adapter to run it on.");
    const { vendor, architecture, device, description } = adapter.info;
    const own = await backend();
    const { name, software } = own;
    own.dispose();
    const limits: Record<string, number> = {};
    for (const key of [
      "maxStorageBuffersPerShaderStage",
      "maxComputeInvocationsPerWorkgroup",
      "maxComputeWorkgroupStorageSize",
      "maxStorageBufferBindingSize",
      "maxBufferSize",
    ] as const) {
      limits[key] = adapter.limits[key];
    }
    return {
      name,
      software,
      info: { vendor, architecture, device, description },
      features: [...adapter.features].sort(),
      limits,
      userAgent: navigator.userAgent,
      isolated: crossOriginIsolated,
      schema: { lstmDepth: lstm.schema.layers.max, gptWidth: gpt.schema.width.max },
    };
  },

  async load(name, job) {
    const loaded = await load(name, job);
    engines.set(name, loaded);
    if (job.model !== "matmul") prepare(job); // what only the bench needs is warm for all alike
    return loaded.version;
  },

  first(name, job) {
    const of = engine(name);
    takeCounts();
    return timed(of, async () => {
      await of.open(job);
      return of.step();
    });
  },

  async rest(name) {
    const of = engine(name);
    await of.rest?.();
    await of.taken();
  },

  turn(name) {
    const of = engine(name);
    return timed(of, () => of.step());
  },

  losses(name) {
    const of = engine(name);
    return of instanceof Ours ? [...of.losses] : null;
  },

  memory(name) {
    const of = engine(name);
    if (!(of instanceof Ours) || of.state === null) return null;
    const { plannedBytes, heldBytes } = of.state;
    return { plannedBytes, heldBytes };
  },

  async steady(name, count) {
    const of = engine(name);
    if (!(of instanceof Ours)) throw new Error("only ours takes several steps at one word");
    return timed(of, () => of.steps(count));
  },

  async close(name) {
    await engines.get(name)?.close();
    engines.delete(name);
  },

  async openPeaks() {
    const own = await backend();
    for (const kind of PEAKS) peaks.push(await Peak.create(own, kind));
    for (const peak of peaks) await peak.turn();
    return peaks.map(({ flops, bytes }) => ({ flops, bytes }));
  },

  async peakTurn(index) {
    const began = performance.now();
    await peaks[index]!.turn();
    return (performance.now() - began) / 1000;
  },

  async nothing() {},

  grow: () => grow(new Ours(workerPlace, shaders)),
};

declare global {
  interface Window {
    bench: PageApi;
  }
}
window.bench = api;
document.body.dataset.ready = "yes";
