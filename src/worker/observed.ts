/**
 * A run that is looked at while it goes: what it says, how its weights stood at the steps asked for, and just before and
 * after every structural event. For whoever draws a run without a page (`npm run figures`). Nothing of it changes the run.
 */
import { loadData } from "../data/load.ts";
import type { ReadFile } from "../data/types.ts";
import { interpreterBackend } from "../engine/interpret.ts";
import type { Backend } from "../engine/types.ts";
import type { Choice, RecipeEntry, RunConfig } from "../run/config.ts";
import type { RunEvent } from "../run/events.ts";
import type { FitView, RunView } from "../run/messages.ts";
import { methodOps } from "../run/registries.ts";
import { START } from "../train/history.ts";
import { Looker } from "../train/look.ts";
import { decodeSafetensors } from "../train/safetensors.ts";
import { nodeSnapshot, readHeader } from "../train/snapshot.ts";
import { Trainer } from "../train/trainer.ts";

/** Float64 on the processor, rounded to f32 where a device rounds: the same numbers on every machine. */
export const interpreted = (): Backend => interpreterBackend({ ops: methodOps });

export interface Matrix {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Weights of a run as they stood. */
export interface State {
  /** Steps completed. */
  readonly step: number;
  readonly arch: Readonly<Record<string, unknown>>;
  /** Throws where the network has no such parameter. */
  weights(path: string): Matrix;
  /** 0 dormant, else 1 + updates received, bit 31: frozen; null: the run kept no ages. */
  ages(path: string): Matrix | null;
  /** Σ of the gradients of the scoring window that was open; null: none was. */
  score(path: string): Matrix | null;
  readonly paths: readonly string[];
}

export type Done = Extract<RunEvent, { readonly type: "structure/done" }>;

/** A structural event with the weights on both sides of it. */
export interface Change {
  readonly done: Done;
  readonly before: State;
  readonly after: State;
}

export interface Asked {
  /** Steps at which the weights are wanted; 0 is the start. */
  readonly at?: readonly number[];
  /** What a person does, after so many steps. */
  readonly hand?: readonly { readonly step: number; readonly action: Choice }[];
  /** Steps at which the network is looked at, and the layer past which its bridging gradient is. */
  readonly look?: readonly { readonly step: number; readonly bridge?: string }[];
  /** A growth operator is watched while it is trained. */
  readonly fit?: boolean;
}

export interface Observed {
  readonly config: RunConfig;
  readonly events: readonly RunEvent[];
  readonly changes: readonly Change[];
  readonly states: ReadonlyMap<number, State>;
  readonly views: ReadonlyMap<number, RunView>;
  readonly fits: readonly Omit<FitView, "run">[];
  /** Config plus what was done by hand. */
  readonly recipe: readonly RecipeEntry[];
}

/** The run to its end. */
export async function observe(
  given: { readonly config: RunConfig; readonly backend: Backend; readonly files: ReadFile },
  asked: Asked,
): Promise<Observed> {
  const { config, backend } = given;
  const data = await loadData(config.data, config.context, given.files);
  const events: RunEvent[] = [];
  const fits: Omit<FitView, "run">[] = [];
  const trainer = await Trainer.create({
    ...{ config, data, backend, run: "observed" },
    // No clock: what is paced by time takes its shortest way, and no figure depends on a machine.
    clock: () => 0,
    emit: (event) => events.push(event),
    fitWatch: {
      wanted: () => asked.fit === true,
      due: () => true,
      tell: (look) => fits.push(look()),
    },
  });
  const changes: Change[] = [];
  const states = new Map<number, State>();
  const views = new Map<number, RunView>();
  const looker = new Looker();
  const see = async (start: ArrayBuffer) => {
    const { step, core } = trainer;
    if (asked.at?.includes(step) && !states.has(step)) states.set(step, stateOf(await trainer.snapshot()));
    const look = asked.look?.find((one) => one.step === step);
    if (look !== undefined && !views.has(step)) {
      await trainer.settled();
      const sight = { text: "", picture: 0 };
      views.set(step, await looker.look(core, "observed", sight, null, { bridge: look.bridge ?? null }));
    }
    for (const done of events.slice(heard)) {
      if (done.type !== "structure/done") continue;
      // A run keeps no copy of its start, which its seed can make again.
      const before = done.parent === START ? start : await nodeSnapshot(core, done.parent);
      const after = await nodeSnapshot(core, done.node);
      if (before === null || after === null) throw new Error(`The states around ${done.method} are gone.`);
      changes.push({ done, before: stateOf(before), after: stateOf(after) });
    }
    heard = events.length;
  };
  let heard = 0;
  try {
    const start = await trainer.snapshot();
    await see(start);
    while (trainer.phase === "ready") {
      for (const { step, action } of asked.hand ?? []) if (step === trainer.step) trainer.act(action);
      await trainer.advance(1);
      await trainer.settled();
      await see(start);
    }
    const { recipe } = trainer;
    return { config, events, changes, states, views, fits, recipe };
  } finally {
    trainer.dispose();
  }
}

function stateOf(bytes: ArrayBuffer): State {
  const { position } = readHeader(bytes);
  const { tensors } = decodeSafetensors(bytes);
  const find = (name: string): Matrix | null => {
    const { shape, data } = tensors.get(name) ?? {};
    // A run has no 64-bit arrays.
    return shape === undefined || data === undefined || data instanceof BigInt64Array
      ? null
      : { shape, data };
  };
  return {
    step: position.spent.steps,
    arch: position.arch,
    paths: [...tensors.keys()].filter((name) => !name.includes("/")),
    weights(path) {
      const found = find(path);
      if (found === null) throw new Error(`There is no parameter ${path}.`);
      return found;
    },
    ages: (path) => find(`age/${path}`),
    score: (path) => find(`score/${path}`),
  };
}
