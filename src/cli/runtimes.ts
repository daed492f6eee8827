/** Where a command's runs are trained: here in Node, or in Deno; on the graphics card or on the processor. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { version } from "node:process";
import type { RunConfig } from "../run/config.ts";
import type { RunEvent } from "../run/events.ts";
import { trainHeadless } from "../worker/headless.ts";
import { openNodeBackend, readNodeData } from "../worker/node.ts";
import { BadInput } from "./command.ts";
import { denoVersion, findDeno, NO_DENO, trainInDeno } from "./deno.ts";

/** What a runtime is told and asked while it trains. */
export interface Listener {
  readonly config: RunConfig;
  onEvent(event: RunEvent): void;
  onProgress(label: string, done: number, total: number): void;
  /** The test images, once the run is over. */
  onTest(scores: { readonly loss: number; readonly accuracy?: number; readonly images: number }): void;
  enough(): boolean;
}

export interface Runtime {
  readonly name: string;
  train(listener: Listener): Promise<unknown>;
  close(): void;
}

/** Undefined: in Node the card where there is one; in Deno the processor, unless ESPALIER_GPU=1. */
export type Adapter = "hardware" | "software" | undefined;

/** One device for all runs: what is compiled for the first one serves the others. */
function inNode(adapter: Adapter): Runtime {
  let opened: ReturnType<typeof openNodeBackend> | null = null;
  return {
    name: `Node ${version.slice(1)}, Dawn`,
    async train(listener) {
      opened ??= openNodeBackend(adapter === "software");
      await trainHeadless({
        ...listener,
        backend: await opened,
        files: readNodeData,
        clock: () => performance.now() / 1000,
      });
    },
    close: () => {
      opened?.then(
        (backend) => backend.dispose(),
        () => {},
      );
    },
  };
}

function inDeno(adapter: Adapter): Runtime {
  const deno = findDeno();
  if (deno === null) throw new BadInput(NO_DENO);
  return {
    name: `${denoVersion(deno)}, wgpu`,
    train: (listener) => trainInDeno({ ...listener, deno, ...(adapter ? { adapter } : {}) }),
    close() {},
  };
}

function adapterOf(given: string | undefined): Adapter {
  if (given === undefined || given === "hardware" || given === "software") return given;
  throw new BadInput(`--adapter is "${given}", allowed are hardware and software.`);
}

export function runtimeOf(name: string, given: string | undefined): Runtime {
  const adapter = adapterOf(given);
  if (name !== "node" && name !== "deno") {
    throw new BadInput(`--runtime is "${name}", allowed are node and deno.`);
  }
  const runtime = name === "node" ? inNode(adapter) : inDeno(adapter);
  if (adapter !== "hardware") return runtime;
  return {
    ...runtime,
    train: (listener) =>
      runtime.train({
        ...listener,
        onEvent(event) {
          if (event.type === "run/started" && event.software) throw noCard(event.device);
          listener.onEvent(event);
        },
      }),
  };
}

const noCard = (device: string): BadInput =>
  new BadInput(`--adapter is hardware, and only ${device} was found: leave it out to use that.`);

/** A folder for each card of NVIDIA's, by its place on the bus (Linux). */
const CARDS = "/proc/driver/nvidia/gpus";

/**
 * What a table calls an adapter. In Node NVIDIA's driver gives its version twice and not the card's name, which Linux knows;
 * where it knows of several cards, which one it was cannot be told.
 */
export function cardName(device: string, folder = CARDS): string {
  const [, driver] = /^NVIDIA: ([\d.]+)/.exec(device) ?? [];
  if (driver === undefined || !existsSync(folder)) return device;
  const names = readdirSync(folder).map(
    (card) => /^Model:\s*(.+?)\s*$/m.exec(readFileSync(join(folder, card, "information"), "utf8"))?.[1],
  );
  return names.length === 1 && names[0] ? `${names[0]} (driver ${driver})` : device;
}
