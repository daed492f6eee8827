/** What the driver asks for, the same in a page, in Node and in Deno: see `src/cli/bench/page-api.ts`. */

import type { EngineName, Job } from "../../src/cli/bench/jobs.ts";
import type { About, PageApi, Turn } from "../../src/cli/bench/page-api.ts";
import { createWebGpuBackend, type WebGpuBackend } from "../../src/gpu/device.ts";
import { gpt } from "../../src/models/gpt.ts";
import { lstm } from "../../src/models/lstm.ts";
import { takeCounts } from "./count.ts"; // first: it wraps the prototypes
import { Ours, OursMatmul, type Place } from "./engines/ours.ts";
import { PEAKS, Peak } from "./engines/peak.ts";
import type { Engine } from "./engines/types.ts";
import { grow, prepareGrowth } from "./growth.ts";
import { prepare } from "./prepared.ts";

const LIMITS = [
  "maxStorageBuffersPerShaderStage",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupStorageSize",
  "maxStorageBufferBindingSize",
  "maxBufferSize",
] as const;

export interface Surroundings {
  readonly gpu: GPU;
  readonly shaders: Readonly<Record<string, string>>;
  readonly userAgent: string;
  /** A host of the product's trainer. */
  place(): Place;
}

export function createApi({ gpu, shaders, userAgent, place }: Surroundings): PageApi {
  const engines = new Map<EngineName, Engine>();
  const peaks: Peak[] = [];
  const backend = (): Promise<WebGpuBackend> => createWebGpuBackend({ gpu, shaders });

  /** Loaded beforehand, so that no engine's time has the network in it. */
  async function load(name: EngineName, job: Job): Promise<Engine> {
    if (name === "ours") {
      return job.model === "matmul" ? new OursMatmul(backend, takeCounts) : new Ours(place, shaders);
    }
    if (name === "jax-js") return new (await import("./engines/jax.ts")).Jax();
    return new (await import("./engines/tfjs.ts")).Tfjs();
  }

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

  return {
    async about(): Promise<About> {
      const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
      if (adapter === null) throw new Error("There is WebGPU here but no graphics adapter to run it on.");
      const { vendor, architecture, device, description } = adapter.info;
      const own = await backend();
      const { name, software } = own;
      own.dispose();
      return {
        name,
        software,
        info: { vendor, architecture, device, description },
        features: [...adapter.features].sort(),
        limits: Object.fromEntries(LIMITS.map((key) => [key, adapter.limits[key]])),
        userAgent,
        isolated: globalThis.crossOriginIsolated === true,
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

    async settle(name) {
      const of = engine(name);
      await of.settle?.();
      await of.taken();
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

    async losses(name) {
      const of = engine(name);
      return of instanceof Ours ? [...of.losses] : null;
    },

    async memory(name) {
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

    async prepareGrowth() {
      prepareGrowth();
    },

    grow: () => grow(new Ours(place, shaders)),
  };
}
