/**
 * What a growth costs in the product's own worker: from the command to the first step of the larger model, in the wall's
 * seconds and in steps, and what was made on the way.
 */
import { GPT, LSTM, type TrainingJob } from "../../src/cli/bench/jobs.ts";
import type { Growth } from "../../src/cli/bench/page-api.ts";
import type { Choice } from "../../src/run/config.ts";
import type { Ours } from "./engines/ours.ts";
import { type Prepared, prepare } from "./prepared.ts";

const STEPS = 5;

interface Case {
  readonly what: string;
  readonly job: TrainingJob;
  readonly action: Choice;
}

type Ready = Case & { readonly prepared: Pick<Prepared, "config" | "text"> };

let ready: readonly Ready[] = [];

const CASES: readonly Case[] = [
  {
    what: "LSTM, a block of 64 cells joins 128",
    job: LSTM,
    action: { id: "fully-connected", cells: 64 },
  },
  {
    what: "GPT, 2 layers become 4",
    job: { ...GPT, layers: 2 },
    action: { id: "stack", map: "stack", slots: "reset" },
  },
];

const seconds = (since: number): number => (performance.now() - since) / 1000;

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

async function stepTimes(ours: Ours): Promise<number> {
  const taken: number[] = [];
  for (let i = 0; i < STEPS; i++) {
    const began = performance.now();
    await ours.step();
    taken.push(seconds(began));
  }
  return middle(taken);
}

/** Text and weights are the bench's own work on the main thread, which the trace must not see. */
export function prepareGrowth(): void {
  ready = CASES.map((each) => ({ ...each, prepared: prepare(each.job) }));
}

async function one(ours: Ours, { what, prepared, action }: Ready): Promise<Growth> {
  await ours.openConfig(prepared);
  await ours.step();
  const stepBefore = await stepTimes(ours);
  const paramsBefore = ours.state!.params;
  await ours.rest();
  await ours.taken();
  const began = performance.now();
  ours.send({ type: "act", run: "bench", action });
  await ours.until(() =>
    ours.events.some(({ type }) => type === "structure/refused" || type === "structure/done"),
  );
  await ours.until(() => ours.state?.phase === "paused");
  const grown = seconds(began);
  await ours.step();
  const firstStep = seconds(began);
  const { counts, errors } = await ours.taken();
  const stepAfter = await stepTimes(ours);
  const done = ours.events.find((event) => event.type === "structure/done");
  if (done === undefined) {
    const refused = ours.events.find((event) => event.type === "structure/refused");
    throw new Error(refused === undefined ? "nothing grew" : refused.message);
  }
  return {
    what,
    method: done.method,
    stepBefore,
    stepAfter,
    grown,
    firstStep,
    counts,
    errors,
    paramsBefore,
    paramsAfter: ours.state!.params,
    lossBefore: done.lossBefore,
    lossAfter: done.lossAfter,
  };
}

export async function grow(ours: Ours): Promise<readonly Growth[]> {
  const done: Growth[] = [];
  for (const each of ready) {
    try {
      done.push(await one(ours, each));
    } finally {
      await ours.close();
    }
  }
  return done;
}
