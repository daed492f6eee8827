/**
 * One structural event as a transaction (grow-prune §1.3): the new network is made beside the old one, both see the same
 * probe batch, and only then does the caller swap. Whatever fails on the way, at whichever stage, the old network has not
 * been touched, nothing is left on the device, and training goes on.
 */
import type { Value, Values } from "../config/schema.ts";
import { arenaLayout } from "../engine/layout.ts";
import { NoRoom } from "../engine/no-room.ts";
import type { Arena, Program } from "../engine/types.ts";
import type {
  GrowMethod,
  Side,
  StructureAt,
  StructureKind,
  StructureMethod,
  StructurePlan,
} from "../methods/types.ts";
import { isStructured, uniformAges } from "./ages.ts";
import { type Changed, changeProgram, finiteProgram, lookProgram } from "./event-programs.ts";
import { growthPlan, nextOf } from "./growth-plan.ts";
import { largestDelta } from "./metrics.ts";
import {
  type Arrays,
  allocate,
  createNetwork,
  disposeArrays,
  type Network,
  type NetworkPrograms,
  networkPrograms,
  type Progress,
  specsOf,
} from "./network.ts";
import { once } from "./once.ts";
import { type Probe, preservingLimit, probe } from "./probe.ts";
import { sideOf } from "./programs.ts";
import { checkEdit, type Live, type Setup } from "./setup.ts";

/** The ten stages of grow-prune §1.3, in order. "snapshot": from here on the old arrays are what is gone back to. */
export const STAGES = [
  "check",
  "probe",
  "select",
  "snapshot",
  "allocate",
  "change",
  "probe again",
  "judge",
  "close",
  "record",
] as const;
export type Stage = (typeof STAGES)[number];

/** An event that cannot be: one sentence for the reader. */
export class Refusal extends Error {}

/** How a sentence of refusal begins. */
export const NOT: Readonly<Record<StructureKind, string>> = {
  grow: "Not grown",
  prune: "Not pruned",
  swap: "Not swapped",
  insert: "Not inserted",
  compact: "Not compacted",
  freeze: "Not frozen",
  remove: "Not removed",
};

const MOST_ATTEMPTS = 32;

export interface EventRequest {
  readonly method: GrowMethod | StructureMethod;
  readonly values: Values;
  /** Number of the event: with the run's seed the key of its draws. */
  readonly event: number;
  readonly step: number;
  /** Updates since the slots were last reset. */
  readonly updates: number;
  readonly live: Live;
  readonly lr: number;
  /** Batches summed in the score. */
  readonly scored: number;
  readonly onProgress: Progress;
  /** Called when the new programs are known: how many kernels they need that the old ones did not. */
  begun(kernels: number): void;
  /** Called as each stage begins: a test throws from it. */
  stage(name: Stage): void;
}

export interface Event {
  readonly plan: StructurePlan;
  readonly network: Network;
  readonly lossBefore: number;
  readonly lossAfter: number;
  readonly maxLogitDelta: number;
  readonly maxLogit: number;
}

export const kindOf = (method: GrowMethod | StructureMethod): StructureKind =>
  method.kind === "grow" ? "grow" : method.does;

/** Up to the judgement: everything but the swap. Throws when it cannot be; then nothing has changed. */
export async function prepare(setup: Setup, old: Network, request: EventRequest): Promise<Event> {
  const from = sideOf(old, setup.shape);
  // Ages of a network that keeps none are made when a program first asks for them.
  let ages: Arena | null = null;
  const named: Named = (program) => {
    const asked = program.buffers.some(({ name }) => name === "from.age");
    if (asked) ages ??= old.arrays.age ?? makeAges(setup, from, request.updates);
    return namedArrays("from", setup, { ...old.arrays, age: ages });
  };
  try {
    return await attempts(setup, old, request, from, named);
  } finally {
    if (ages !== null && ages !== old.arrays.age) (ages as Arena).dispose();
  }
}

type Named = (program: Program) => Readonly<Record<string, Arena | null>>;

async function attempts(
  setup: Setup,
  old: Network,
  request: EventRequest,
  from: Side,
  named: Named,
): Promise<Event> {
  const { backend } = setup;
  const not = NOT[kindOf(request.method)];
  request.stage("check");
  await checkFinite(setup, old, not);
  request.stage("probe");
  const before = await probe(backend, old);
  request.stage("select");
  const selected = await select(setup, old, request, from, named, before.loss);
  if (typeof selected === "string") throw new Refusal(selected);
  request.stage("snapshot");
  let planned: StructurePlan = selected;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const made = await attemptOf(setup, old, request, from, named, planned, before, attempt);
    if ("network" in made) return made;
    planned = made.next;
  }
  throw new Refusal(`${not}: ${MOST_ATTEMPTS} ways were tried and none would do. Training goes on.`);
}

async function select(
  setup: Setup,
  old: Network,
  request: EventRequest,
  from: Side,
  named: Named,
  lossBefore: number,
): Promise<StructurePlan | string> {
  const { model, config, backend } = setup;
  const { method, values, event, step, updates, live, lr, scored } = request;
  const key = [config.seed, event] as const;
  const at: StructureAt = {
    model,
    from,
    key,
    step,
    updates,
    live,
    lr,
    scored,
    lossBefore,
    active: old.counts,
    async look(build) {
      const { program, dtypes } = lookProgram(setup, from, old.arrays.score !== null, build);
      const data = { tokens: setup.validation.tokens, starts: setup.validation.starts };
      const bits = await once(backend, program, { ...named(program), ...data }, Object.keys(dtypes));
      return Object.fromEntries(
        Object.entries(bits).map(([name, words]) => [
          name,
          dtypes[name] === "u32" ? new Uint32Array(words) : new Float32Array(words),
        ]),
      ) as never;
    },
  };
  if (method.kind === "grow") {
    const next = nextOf(model, from.arch, method, values);
    if (typeof next === "string") return next;
    const settled = (await method.settle?.(at, values as never)) ?? values;
    return growthPlan(model, from, method, settled as Values, key, old.arrays.age !== null);
  }
  const applies = method.applies(model);
  if (applies !== true) return `${NOT[method.does]}: ${method.label} is ${applies}.`;
  const can = method.can?.(model, from, values as never) ?? true;
  return can === true ? method.plan(at, values as never) : can;
}

/** One plan carried out beside the old network. Either it is kept, or the next one is to be tried. */
async function attemptOf(
  setup: Setup,
  old: Network,
  request: EventRequest,
  from: Side,
  named: Named,
  planned: StructurePlan,
  before: Probe,
  attempt: number,
): Promise<Event | { readonly next: StructurePlan }> {
  const { backend } = setup;
  const not = NOT[kindOf(request.method)];
  request.stage("allocate");
  const { to, changed, programs } = traced(setup, old, planned, from, not);
  if (attempt === 0) request.begun(newKernels([...Object.values(programs), changed.program], old));
  const arrays = allocate(setup, to.specs, { ages: changed.ages, score: false });
  let network: Network | null = null;
  try {
    request.stage("change");
    const { program } = changed;
    await once(backend, program, { ...named(program), ...namedArrays("to", setup, arrays) });
    request.stage("probe again");
    const { onProgress } = request;
    network = await createNetwork(setup, to.arch, to.specs, arrays, {
      onProgress,
      programs,
      lender: old.lender,
    });
    const after = await probe(backend, network);
    request.stage("judge");
    const { delta, largest } = largestDelta(before.logits, after.logits);
    const seen = { lossBefore: before.loss, lossAfter: after.loss, maxLogitDelta: delta };
    const verdict = judge(planned, { ...seen, attempt, maxLogit: largest }, not);
    if (verdict === true) return { plan: planned, network, ...seen, maxLogit: largest };
    network.abandon();
    disposeArrays(arrays);
    return { next: verdict };
  } catch (error) {
    network?.abandon();
    disposeArrays(arrays);
    if (error instanceof NoRoom) throw new Refusal(`${not}: ${lowered(error.message)} Training goes on.`);
    throw error;
  }
}

function judge(
  planned: StructurePlan,
  seen: Parameters<NonNullable<StructurePlan["judge"]>>[0] & { readonly maxLogit: number },
  not: string,
): true | StructurePlan {
  const { lossAfter, maxLogitDelta, maxLogit } = seen;
  const limit = preservingLimit(maxLogit);
  if (planned.preserving && Number.isFinite(lossAfter) && !(maxLogitDelta <= limit)) {
    const [by, allowed] = [maxLogitDelta, limit].map((n) => n.toExponential(1));
    throw new Refusal(`${not}: the output would change by ${by}, allowed is ${allowed}. Training goes on.`);
  }
  const verdict = planned.judge?.(seen) ?? true;
  if (typeof verdict === "string") throw new Refusal(verdict);
  if (verdict === true && !Number.isFinite(lossAfter)) {
    const larger = not === NOT.grow ? "larger" : "changed";
    throw new Refusal(`${not}: the loss of the ${larger} network is not a finite number. Training goes on.`);
  }
  return verdict;
}

function traced(setup: Setup, old: Network, planned: StructurePlan, from: Side, not: string) {
  const { backend, model, shape } = setup;
  const arch = archOf(setup, planned, not);
  const wrong = model.check(arch, shape);
  if (wrong !== null) throw new Refusal(wrong.startsWith(not) ? wrong : `${not}: ${wrong}`);
  const specs = specsOf(setup, arch);
  const bytes = arenaLayout(specs).length * 4;
  if (bytes > backend.maxBufferBytes) {
    const megabytes = (n: number) => `${(n / 1e6).toFixed(1)} MB`;
    throw new Refusal(
      `${not}: the next size needs ${megabytes(bytes)}, this GPU allows ${megabytes(backend.maxBufferBytes)}. Training goes on.`,
    );
  }
  const to = sideOf({ arch, specs }, shape);
  const aged = old.arrays.age !== null || isStructured(specs);
  const scored = old.arrays.score !== null;
  const changed: Changed = changeProgram(setup, from, to, planned, { aged, scored });
  const programs: NetworkPrograms = networkPrograms(setup, to, { ages: changed.ages, score: false });
  return { to, changed, programs };
}

/** The values that the plan names, with what it changes of the live settings: a model's program can depend on both. */
function archOf(setup: Setup, { arch, live = {} }: StructurePlan, not: string): Values {
  const changed: Record<string, Value> = {};
  for (const [path, value] of Object.entries(live)) {
    const wrong = checkEdit(setup, path, value);
    if (wrong !== null) throw new Refusal(`${not}: ${wrong}`);
    const [part, field] = path.split(".") as [string, string];
    if (part === "model") changed[field] = value!;
  }
  return { ...arch, ...changed };
}

async function checkFinite(setup: Setup, old: Network, not: string): Promise<void> {
  const scored = old.arrays.score !== null;
  const program = finiteProgram(old.specs, scored);
  const { bad } = await once(setup.backend, program, namedArrays("from", setup, old.arrays), ["bad"]);
  const [weights, scores] = new Uint32Array(bad!);
  if (weights! > 0) throw new Refusal(`${not}: a weight is not a finite number.`);
  if (scores !== undefined && scores > 0) throw new Refusal(`${not}: a gradient was not a finite number.`);
}

function makeAges(setup: Setup, { specs }: Side, updates: number): Arena {
  const ages = setup.backend.arena("age", arenaLayout(specs).length);
  ages.write(0, uniformAges(specs, updates));
  return ages;
}

function namedArrays(end: "from" | "to", setup: Setup, arrays: Arrays): Record<string, Arena | null> {
  const { params, slots, age, score } = arrays;
  return Object.fromEntries([
    [`${end}.params`, params],
    ...setup.optim.slots.map((slot, i) => [`${end}.slots.${slot}`, slots[i]!] as const),
    [`${end}.age`, age],
    [`${end}.score`, score],
  ]);
}

const lowered = (sentence: string): string => sentence.slice(0, 1).toLowerCase() + sentence.slice(1);

/** Kernels (shader, entry, constants) that the old network's programs do not use: a fact of the two programs alone. */
function newKernels(programs: readonly Program[], old: Network): number {
  const names = (program: Program) =>
    program.commands.flatMap((command) =>
      command.kind === "dispatch"
        ? [`${command.shader}:${command.entry}:${JSON.stringify(command.constants)}`]
        : [],
    );
  const known = new Set([old.train, old.evaluate, old.probe].flatMap(({ program }) => names(program)));
  return new Set(programs.flatMap(names).filter((name) => !known.has(name))).size;
}
