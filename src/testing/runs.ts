/**
 * Small runs for tests of the trainer: a text of a few hundred characters, networks of a few hundred weights, and a
 * driver that gathers what a run says. The same runs go through the interpreter and through a device.
 */
import { tokenize } from "../data/load.ts";
import type { LoadedImages, LoadedText } from "../data/types.ts";
import { interpreterBackend } from "../engine/interpret.ts";
import type { Backend } from "../engine/types.ts";
import { checkConfig } from "../run/check.ts";
import type { RunConfig } from "../run/config.ts";
import type { RunEvent } from "../run/events.ts";
import { methodOps } from "../run/registries.ts";
import { Trainer, type TrainerDeps } from "../train/trainer.ts";

export { methodOps };

export function interpreter(delay?: () => Promise<void>): Backend {
  return interpreterBackend({ ops: methodOps, ...(delay ? { delay } : {}) });
}

export const VERSES =
  "the whale swam on and the men rowed on, and on and on they went. a whale! a white whale!\n".repeat(8);

export function tinyData(context: number): LoadedText {
  return tokenize("sonnets", "text", VERSES, context);
}

/** Pictures of three classes: a bright row, column or diagonal, each at any place, on a noisy ground. */
export function tinyImages(side = 8): LoadedImages {
  const size = side * side;
  const part = (first: number, count: number) => {
    const labels = new Uint8Array(count);
    const pixels = new Uint8Array(size * count);
    for (let k = 0; k < count; k++) {
      const i = first + k;
      labels[k] = i % 3;
      for (let p = 0; p < size; p++) {
        const [y, x, at] = [Math.floor(p / side), p % side, (i * 5) % side];
        const on = [y === at, x === at, (y + x) % side === at][i % 3];
        pixels[size * k + p] = on ? 255 - (i % 50) : (i * 31 + p * 17) % 60;
      }
    }
    return { labels, pixels };
  };
  return {
    kind: "images",
    id: "mnist",
    symbols: ["row", "column", "diagonal"],
    image: { channels: 1, height: side, width: side },
    normal: { mean: 0.2, std: 0.35 },
    train: part(0, 90),
    validation: part(1000, 30),
    test: async () => part(2000, 24),
  };
}

/** A small MLP on them; `change` is laid over it. */
export function tinyImageConfig(change: Record<string, unknown> = {}): RunConfig {
  return tinyConfig({
    data: { id: "mnist" },
    model: { id: "mlp", widths: [12] },
    batch: 6,
    eval: { every: 20, batches: 5 },
    ...change,
  });
}

/** An LSTM of one block; `change` is laid over it. */
export function tinyConfig(change: Record<string, unknown> = {}): RunConfig {
  const checked = checkConfig({
    seed: 7,
    data: { id: "sonnets" },
    model: { id: "lstm", blocks: [6], embed: 5, maxCells: 24 },
    optim: { id: "adamw", lr: 1e-2, clip: 1 },
    batch: 3,
    context: 8,
    budget: { unit: "steps", amount: 40 },
    eval: { every: 20, batches: 2 },
    ...change,
  });
  if (!checked.ok) throw new Error(checked.message);
  return checked.config;
}

export const tinyGpt = {
  model: { id: "gpt", layers: 1, width: 8, heads: 2, ffn: 2, maxLayers: 4 },
} as const;

export interface Driven {
  readonly trainer: Trainer;
  readonly events: RunEvent[];
  readonly deps: TrainerDeps;
}

/** A clock that never moves: whatever is paced by time then takes its shortest way. */
export async function drive(
  config: RunConfig,
  backend: Backend,
  from?: ArrayBuffer,
  more: Partial<TrainerDeps> = {},
): Promise<Driven> {
  const events: RunEvent[] = [];
  const deps: TrainerDeps = {
    data: config.data.id === "mnist" ? tinyImages() : tinyData(config.context),
    backend,
    run: "test",
    clock: () => 0,
    emit: (event) => events.push(event),
    ...more,
  };
  const trainer = from ? await Trainer.restore(from, deps) : await Trainer.create({ ...deps, config });
  return { trainer, events, deps };
}

/** Losses by step, the last one said of each: after going back, steps are said anew. */
export function losses(events: readonly RunEvent[]): Map<number, number> {
  const out = new Map<number, number>();
  for (const event of events) {
    if (event.type === "step") out.set(event.step, event.loss);
    if (event.type === "history/moved") {
      for (const step of out.keys()) if (step > event.toStep) out.delete(step);
    }
  }
  return out;
}

/** An event without its clocks: what must be equal from run to run. */
export function timeless(event: RunEvent): unknown {
  const { wall: _, reference: __, ...rest } = event;
  return "milliseconds" in rest ? { ...rest, milliseconds: 0 } : rest;
}

export function eventsOf<T extends RunEvent["type"]>(
  events: readonly RunEvent[],
  type: T,
): Extract<RunEvent, { readonly type: T }>[] {
  return events.filter((event) => event.type === type) as Extract<RunEvent, { readonly type: T }>[];
}
