/**
 * What a growth costs in the product's own worker: from its trigger to the first step of the larger model, in the wall's
 * seconds and in steps, and what was made on the way. Once by the recipe, whose events are prepared while training goes on,
 * and once by hand in a running run that knew nothing of it: it is prepared from then on, and training pauses when it is ready.
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
  /** The step after which the recipe grows: enough for all to be ready. Null: by hand. */
  readonly at: number | null;
}

type Ready = Case & { readonly prepared: Pick<Prepared, "config" | "text"> };

let ready: readonly Ready[] = [];

const LSTM_CASE = { what: "LSTM, a block of 64 cells joins 128", job: LSTM } as const;
const GPT_CASE = { what: "GPT, 2 layers become 4", job: { ...GPT, layers: 2 } } as const;
const BLOCK: Choice = { id: "fully-connected", cells: 64 };
const LAYERS: Choice = { id: "stack", map: "stack", slots: "reset" };

const CASES: readonly Case[] = [
  { ...LSTM_CASE, action: BLOCK, at: 24 },
  { ...GPT_CASE, action: LAYERS, at: 12 },
  { ...LSTM_CASE, action: BLOCK, at: null },
  { ...GPT_CASE, action: LAYERS, at: null },
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
  ready = CASES.map((each) => {
    const { config, text } = prepare(each.job);
    const { at, action } = each;
    const recipe = at === null ? [] : [{ trigger: { id: "step", step: at }, action }];
    return { ...each, prepared: { config: { ...config, recipe }, text } };
  });
}

/** In a run that goes on: how long it stands still, and how long until the first larger step is done. */
async function byHand(ours: Ours, action: Choice): Promise<{ grown: number; firstStep: number }> {
  const over = () =>
    ours.events.find(({ type }) => type === "structure/refused" || type === "structure/done");
  ours.send({ type: "resume", run: "bench" });
  ours.send({ type: "act", run: "bench", action });
  await ours.until(() => over() !== undefined);
  const swapped = performance.now();
  const done = over()!;
  await ours.until(() => ours.losses.length > done.step);
  const larger = seconds(swapped);
  ours.send({ type: "pause", run: "bench" });
  await ours.until(() => ours.state?.phase === "paused");
  const grown = done.type === "structure/done" ? done.milliseconds / 1000 : Number.NaN;
  return { grown, firstStep: grown + larger };
}

async function one(ours: Ours, { what, prepared, action, at }: Ready): Promise<Growth> {
  await ours.openConfig(prepared);
  const paramsBefore = ours.state!.params;
  // As a run goes, without a pause between steps: there must be time in which the device is not waited for.
  if (at === null) await ours.step();
  else await ours.steps(at - STEPS - 2);
  const stepBefore = await stepTimes(ours);
  await ours.rest();
  await ours.taken();
  const began = performance.now();
  let grown: number;
  let firstStep: number;
  if (at === null) {
    ({ grown, firstStep } = await byHand(ours, action));
  } else {
    // The boundary after this step is the recipe's: the command is answered when the larger model stands.
    await ours.step();
    grown = seconds(began) - stepBefore;
    await ours.step();
    firstStep = seconds(began) - stepBefore;
  }
  const { counts, errors } = await ours.taken();
  const stepAfter = await stepTimes(ours);
  const done = ours.events.find((event) => event.type === "structure/done");
  if (done === undefined) {
    const refused = ours.events.find((event) => event.type === "structure/refused");
    throw new Error(refused === undefined ? "nothing grew" : refused.message);
  }
  return {
    what: `${what}, ${at === null ? "by hand" : "by the recipe"}`,
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
