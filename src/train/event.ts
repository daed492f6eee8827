/**
 * One structural event as a transaction (grow-prune §1.3): the new network is made beside the old one, both see the same
 * probe batch, and only then does the caller swap. Whatever fails on the way, at whichever stage, the old network has not
 * been touched, nothing is left on the device, and training goes on.
 */
import type { Value, Values } from "../config/schema.ts";
import { arenaLayout } from "../engine/layout.ts";
import type { Arena, Program } from "../engine/types.ts";
import type { Side, StructurePlan } from "../methods/types.ts";
import { isStructured, uniformAges } from "./ages.ts";
import { type Arrays, allocate, disposeArrays, specsOf } from "./arrays.ts";
import { type DropState, dropAfter, gatesOf } from "./drop.ts";
import { type Changed, changeProgram, finiteProgram } from "./event-programs.ts";
import { select } from "./event-select.ts";
import { type EventRequest, kindOf, NOT, Refusal, type Site } from "./event-terms.ts";
import { largestDelta } from "./metrics.ts";
import { createNetwork, type Network, type NetworkPrograms } from "./network.ts";
import { once } from "./once.ts";
import { type Probe, preservingLimit, probe } from "./probe.ts";
import { sideOf } from "./programs.ts";
import { checkEdit, type Setup } from "./setup.ts";

const MOST_ATTEMPTS = 32;

export interface Event {
  readonly plan: StructurePlan;
  readonly network: Network;
  /** Layer dropping afterwards. */
  readonly drop: DropState | null;
  readonly lossBefore: number;
  readonly lossAfter: number;
  readonly maxLogitDelta: number;
  readonly maxLogit: number;
}

/** Up to the judgement: everything but the swap. Throws when it cannot be; then nothing has changed. */
export async function prepare(setup: Setup, old: Network, request: EventRequest): Promise<Event> {
  const from = sideOf(old, setup.shape);
  // Ages of a network that keeps none are made when a program first asks for them.
  let ages: Arena | null = null;
  const fitted = new Map<string, Arena>();
  const named: Site["named"] = async (program) => {
    const asked = program.buffers.some(({ name }) => name === "from.age");
    if (asked) ages ??= old.arrays.age ?? (await makeAges(setup, from, request));
    return { ...namedArrays("from", setup, { ...old.arrays, age: ages }), ...Object.fromEntries(fitted) };
  };
  try {
    return await attempts({ setup, old, request, from, named, fitted, not: NOT[kindOf(request.method)] });
  } finally {
    for (const arena of fitted.values()) arena.dispose();
    if (ages !== null && ages !== old.arrays.age) (ages as Arena).dispose();
  }
}

async function attempts(site: Site): Promise<Event> {
  const { setup, old, request, not } = site;
  request.stage("check");
  await checkFinite(site);
  request.stage("probe");
  const before = await probe(setup.backend, old);
  request.stage("select");
  const selected = await select(site, before.loss);
  if (typeof selected === "string") throw new Refusal(selected);
  request.stage("snapshot");
  let planned: StructurePlan = selected;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const made = await attemptOf(site, planned, before, attempt);
    if ("network" in made) return made;
    planned = made.next;
  }
  throw new Refusal(`${not}: ${MOST_ATTEMPTS} ways were tried and none would do. Training goes on.`);
}

/** One plan carried out beside the old network. Either it is kept, or the next one is to be tried. */
async function attemptOf(
  site: Site,
  planned: StructurePlan,
  before: Probe,
  attempt: number,
): Promise<Event | { readonly next: StructurePlan }> {
  const { setup, old, request, not } = site;
  const { backend } = setup;
  request.stage("allocate");
  const { to, changed, programs, drop } = traced(site, planned);
  if (attempt === 0) request.begun(newKernels([...Object.values(programs), changed.program], old));
  const arrays = await allocate(setup, to.specs, { ages: changed.ages, score: false });
  let network: Network | null = null;
  try {
    request.stage("change");
    const { program } = changed;
    await once(backend, program, { ...(await site.named(program)), ...namedArrays("to", setup, arrays) });
    request.stage("probe again");
    const { onProgress } = request;
    network = await createNetwork(setup, to.arch, to.specs, arrays, {
      onProgress,
      programs,
      gates: gatesOf(drop),
      lender: old.lender,
    });
    const after = await probe(backend, network);
    request.stage("judge");
    const { delta, largest } = largestDelta(before.logits, after.logits);
    const seen = { lossBefore: before.loss, lossAfter: after.loss, maxLogitDelta: delta };
    const verdict = judge(planned, { ...seen, attempt, maxLogit: largest }, not);
    if (verdict === true) return { plan: planned, network, drop, ...seen, maxLogit: largest };
    network.abandon();
    disposeArrays(arrays);
    return { next: verdict };
  } catch (error) {
    network?.abandon();
    disposeArrays(arrays);
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

function traced({ setup, old, request, from, not }: Site, planned: StructurePlan) {
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
  const drop = dropAfter(model, arch, planned, request);
  const kept = { ages: changed.ages, score: false, gates: gatesOf(drop) };
  const programs: NetworkPrograms = request.programs(to, kept);
  return { to, changed, programs, drop };
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

async function checkFinite({ setup, old, not }: Site): Promise<void> {
  const scored = old.arrays.score !== null;
  const program = finiteProgram(old.specs, scored);
  const { bad } = await once(setup.backend, program, namedArrays("from", setup, old.arrays), ["bad"]);
  const [weights, scores] = new Uint32Array(bad!);
  if (weights! > 0) throw new Refusal(`${not}: a weight is not a finite number.`);
  if (scores !== undefined && scores > 0) throw new Refusal(`${not}: a gradient was not a finite number.`);
}

async function makeAges(
  { backend }: Setup,
  { specs }: Side,
  { updates, drop }: EventRequest,
): Promise<Arena> {
  const ages = backend.arena("age", arenaLayout(specs).length);
  await backend.room().catch((error: unknown) => {
    ages.dispose();
    throw error;
  });
  ages.write(0, uniformAges(specs, updates, drop?.updates));
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

/** The figures that come from the two networks alone. */
export function outcome(old: Network, network: Network, plan: StructurePlan) {
  return {
    paramsBefore: old.params,
    paramsAfter: network.params,
    activeBefore: old.active,
    activeAfter: network.active,
    activeFlops: network.flops.active,
    executedFlops: network.flops.executed,
    flopsBefore: old.flops,
    counts: changedCounts(old.counts, network.counts),
    extra: plan.figures ?? {},
    notes: plan.notes ?? [],
  };
}

/** [before, after] of each parameter whose count changed; 0 where it was not, or is no more. */
function changedCounts(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Readonly<Record<string, readonly [number, number]>> {
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  return Object.fromEntries(
    paths.flatMap((path) => {
      const pair = [before.get(path) ?? 0, after.get(path) ?? 0] as const;
      return pair[0] === pair[1] ? [] : [[path, pair] as const];
    }),
  );
}
