/**
 * Structural events and the ways back, as changes of a run's state. Each happens whole or not at all: what is thrown
 * before the swap leaves the run as it was.
 */
import { check, objectType, shapeOf } from "../config/check.ts";
import type { Values } from "../config/schema.ts";
import type { GrowMethod, StructureMethod } from "../methods/types.ts";
import type { Choice, LivePath } from "../run/config.ts";
import { actions } from "../run/registries.ts";
import { cloneArrays, disposeArrays, freshArrays, keptIn, specsOf } from "./arrays.ts";
import { type Core, startPosition, whole } from "./core.ts";
import { type Event, prepare } from "./event.ts";
import { kindOf, NOT, Refusal } from "./event-terms.ts";
import { nextOf } from "./growth-plan.ts";
import { createNetwork } from "./network.ts";
import { sideOf, trainProgram } from "./programs.ts";
import { filled, type Setup } from "./setup.ts";
import { closeWindow, openWindow } from "./window.ts";

/**
 * One structural action at the present boundary; every loss up to it is known. `by`: the trigger's id or "hand"; `index`:
 * the recipe's entry, null for a person's wish, which becomes one when it succeeds. An action that asks for a scoring
 * window opens it now, and is called again when it closes.
 */
export async function actNow(core: Core, action: Choice, by: string, index: number | null): Promise<void> {
  const method = actions.get(action.id)!;
  const values = filled(method.schema, action);
  const window = core.window;
  const closing = window !== null && window.index === index && core.step >= window.closes;
  const before = core.phase;
  core.phase = "growing";
  try {
    const batches = method.kind === "grow" ? 0 : (method.window?.(values as never) ?? 0);
    if (batches > 0 && !closing) await wait(core, method, action, index, batches);
    else await happen(core, method, action, by, index, closing ? core.step - window.opened : 0);
  } catch (error) {
    if (closing) await closeWindow(core);
    const kind = kindOf(method);
    const message =
      error instanceof Refusal
        ? error.message
        : `${NOT[kind]}: the event failed and was taken back (${textOf(error)}). Training goes on.`;
    if (index === null || core.line.refuse(index, message)) {
      core.journal.say(core.step, { type: "structure/refused", kind, method: method.id, by, message });
    }
    if (index !== null) core.line.done(index);
  } finally {
    core.phase = before;
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Opens the window; the action is in the recipe from now on, at this step. */
async function wait(
  core: Core,
  method: GrowMethod | StructureMethod,
  action: Choice,
  index: number | null,
  batches: number,
): Promise<void> {
  const can = possibleOf(core.setup, core.network.arch, method, filled(method.schema, action));
  if (can !== true) throw new Refusal(can);
  await openWindow(core);
  const { step, line } = core;
  if (index !== null) line.done(index);
  const entry = index ?? line.record(step, action);
  core.window = { index: entry, opened: step, closes: step + batches };
}

async function happen(
  core: Core,
  method: GrowMethod | StructureMethod,
  action: Choice,
  by: string,
  index: number | null,
  scored: number,
): Promise<void> {
  const { setup, history, journal, step } = core;
  const values = filled(method.schema, action);
  const began = core.clock();
  const old = core.network;
  const common = { kind: kindOf(method), method: method.id, by };
  const { event, updates, live, progress: onProgress, stage } = core;
  const made = await prepare(setup, old, {
    ...{ method, values, event, step, updates, live, lr: core.rate(updates), scored, onProgress, stage },
    begun: (kernels) => journal.say(step, { type: "structure/begun", ...common, node: history.now, kernels }),
  });
  let kept: Event["network"]["arrays"];
  try {
    core.stage("close");
    kept = cloneArrays(setup, made.network.specs, made.network.arrays);
    try {
      core.stage("record");
    } catch (error) {
      disposeArrays(kept);
      throw error;
    }
  } catch (error) {
    made.network.abandon();
    disposeArrays(made.network.arrays);
    throw error;
  }

  // From here on nothing can fail: the swap, and what is written down of it.
  const { network, plan, ...figures } = made;
  const sizeBefore = setup.model.describe(old.arch);
  const sizeAfter = setup.model.describe(network.arch);
  const standing = core.standing;
  // The old arrays go into the history as they are, unless a node has a copy of them already.
  const parent =
    standing ??
    history.add({
      parent: history.now,
      label: sizeBefore,
      loss: figures.lossBefore,
      position: core.position(),
      arrays: { ...old.arrays, score: null },
    }).id;
  if (plan.slots === "reset") {
    core.updates = 0;
    core.rewarm = plan.rewarm ?? 0;
  }
  if (index === null) core.line.record(step, action);
  else core.line.done(index);
  core.line.reset(step);
  core.live = { ...core.live, ...plan.live };
  core.event++;
  core.window = null;
  core.checkpoints.clear();
  old.arrays.score?.dispose();
  core.replace(network, standing !== null);
  const node = history.add({
    parent,
    label: `${method.label}: ${sizeAfter}`,
    loss: figures.lossAfter,
    position: core.position(),
    arrays: kept,
  }).id;
  core.stand(node);
  journal.say(step, {
    type: "structure/done",
    ...common,
    node,
    parent,
    arch: network.arch,
    sizeBefore,
    sizeAfter,
    copies: plan.copies ?? {},
    milliseconds: (core.clock() - began) * 1000,
    ...figures,
    paramsBefore: old.params,
    paramsAfter: network.params,
    activeBefore: old.active,
    activeAfter: network.active,
    activeFlops: network.flops.active,
    counts: changedCounts(old.counts, network.counts),
    extra: plan.figures ?? {},
    notes: plan.notes ?? [],
    event,
  });
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

/** A live setting takes a new value from the next step on. */
export async function editNow(core: Core, path: LivePath, value: number): Promise<void> {
  const { setup, network, step } = core;
  const before = core.live[path] ?? 0;
  core.live = { ...core.live, [path]: value };
  core.standing = null;
  core.ring.push(Promise.resolve(), () => core.journal.say(step, { type: "edit", path, value, before }));
  const [part, field] = path.split(".") as ["optim" | "model", string];
  if (part !== "model") return;
  // A model may leave out what a 0 makes needless, so its program can change with the value.
  const arch: Values = { ...network.arch, [field]: value };
  const program = trainProgram(setup, { arch, specs: network.specs }, keptIn(network.arrays));
  if (program.key === network.train.program.key) core.network = { ...network, arch };
  else {
    const { specs, arrays, counts, lender } = network;
    const options = { onProgress: core.progress, counts, lender };
    core.replace(await createNetwork(setup, arch, specs, arrays, options), false);
  }
}

/** Undo, redo, branch: the whole run as it was at a node. Throws one sentence when that is gone. */
export async function gotoNode(core: Core, id: string): Promise<void> {
  const { setup, history } = core;
  const place = history.get(id);
  if (place === undefined) throw new Error("This run has no such state.");
  if (!history.restorable(place)) {
    throw new Error(`The state of step ${whole(place.step)} is no longer kept: only the newest ones are.`);
  }
  const position = place.position ?? startPosition(setup);
  const specs = specsOf(setup, position.arch);
  // Copied before the state left behind is kept: keeping it may drop the oldest copy, which may be this one.
  const arrays = place.arrays === null ? freshArrays(setup, specs) : cloneArrays(setup, specs, place.arrays);
  const from = leave(core);
  const options = { onProgress: core.progress };
  const network = await createNetwork(setup, position.arch, specs, arrays, options).catch((error) => {
    disposeArrays(arrays);
    throw error;
  });
  core.replace(network, true);
  core.adopt(position);
  core.checkpoints.clear();
  core.ring.open();
  core.phase = "ready";
  core.stand(id);
  if (core.line.leaveOut(core.step)) core.standing = null;
  const { window } = core;
  if (window !== null && window.closes <= core.step) {
    core.line.takeBack(window.index, window.opened);
    core.window = null;
    core.standing = null;
  }
  core.journal.say(core.step, { type: "history/moved", from, to: id, toStep: core.step });
}

/** Keeps the state that is being left, so that it can be come back to. Returns its node. */
function leave(core: Core): string {
  const { setup, history, network, step } = core;
  if (core.standing !== null || core.phase === "diverged" || step === 0) return history.now;
  const arrays = cloneArrays(setup, network.specs, network.arrays);
  const label = `left at step ${whole(step)}`;
  return history.add({ parent: history.now, label, loss: null, position: core.position(), arrays }).id;
}

/** The sentence of a run whose loss is no number, after making its last good state a node. */
export function lastGoodNode(core: Core, step: number): number {
  const { history, checkpoints } = core;
  const place = history.lastGood(step);
  if (checkpoints.newest(step) <= place.step) return place.step;
  const { position, arrays } = checkpoints.claim(step)!;
  const label = `good at step ${whole(position.spent.steps)}`;
  return history.add({ parent: history.now, label, loss: null, position, arrays }).step;
}

/** An action as asked for, with its defaults. Throws one sentence when there is none such. */
export function checkedAction(action: Choice): Choice {
  const method = actions.get(action.id);
  if (method === undefined) throw new Error(`There is no action "${action.id}".`);
  const { id, ...values } = action;
  const checked = check(objectType(shapeOf(method.schema)), values, id);
  if (!checked.ok) throw new Error(`${NOT[kindOf(method)]}: ${checked.message}.`);
  return { id, ...(checked.value as Values) };
}

/** Actions that can be done now, with the sentence why not. */
export function possible(setup: Setup, arch: Values): Record<string, true | string> {
  return Object.fromEntries(
    [...actions.values()].map((method) => [
      method.id,
      possibleOf(setup, arch, method, filled(method.schema, { id: method.id })),
    ]),
  );
}

function possibleOf(
  setup: Setup,
  arch: Values,
  method: GrowMethod | StructureMethod,
  values: Values,
): true | string {
  const applies = method.applies(setup.model);
  if (applies !== true) return applies;
  if (method.kind === "grow") {
    const next = nextOf(setup.model, arch, method, values);
    return typeof next === "string" ? next.replace(/^Not grown: the n/, "The n") : true;
  }
  const side = sideOf({ arch, specs: specsOf(setup, arch) }, setup.shape);
  return method.can?.(setup.model, side, values as never) ?? true;
}
