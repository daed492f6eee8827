/** A small run at the moment of a structural event: trained for some steps, asked for an action, its state by parameter. */
import { arenaLayout } from "../engine/layout.ts";
import type { Arena, Backend } from "../engine/types.ts";
import type { Choice } from "../run/config.ts";
import type { RunEvent } from "../run/events.ts";
import { type Driven, drive, interpreter, tinyConfig } from "./runs.ts";

export interface RunState {
  readonly params: ReadonlyMap<string, Float32Array>;
  readonly slots: readonly ReadonlyMap<string, Float32Array>[];
  /** Null: the run keeps no ages. */
  readonly ages: ReadonlyMap<string, Uint32Array> | null;
}

export async function trained(
  model: object,
  steps: number,
  backend: Backend = interpreter(),
  change: object = {},
): Promise<Driven> {
  const driven = await drive(tinyConfig({ model, budget: { amount: 400 }, ...change }), backend);
  await driven.trainer.advance(steps);
  return driven;
}

/** Acts at the next boundary and goes on for `steps`; what was said of the action: "structure/done" or "…/refused". */
export async function act(
  { trainer, events }: Driven,
  action: Choice,
  steps = 1,
): Promise<Extract<RunEvent, { readonly type: "structure/done" | "structure/refused" }>> {
  const from = events.length;
  trainer.act(action);
  await trainer.advance(steps);
  await trainer.settled();
  for (const event of events.slice(from)) {
    if (event.type === "structure/done" || event.type === "structure/refused") return event;
  }
  throw new Error(`nothing was said of ${action.id}`);
}

export async function stateOf({ trainer }: Driven): Promise<RunState> {
  await trainer.settled();
  const { network } = trainer.core;
  const { entries } = arenaLayout(network.specs);
  const { params, slots, age } = network.arrays;
  const floats = async (arena: Arena) => {
    const all = new Float32Array(await arena.read());
    return new Map(
      [...entries].map(([path, { offset, count }]) => [path, all.slice(offset, offset + count)]),
    );
  };
  const words = age === null ? null : new Uint32Array(await age.read());
  return {
    params: await floats(params),
    slots: await Promise.all(slots.map(floats)),
    ages:
      words === null
        ? null
        : new Map(
            [...entries].map(([path, { offset, count }]) => [path, words.slice(offset, offset + count)]),
          ),
  };
}
