/**
 * Structural events and the ways back, as changes of a run's state. Each happens whole or not at all: what is thrown
 * before the swap leaves the run as it was.
 */
import type { Values } from "../config/schema.ts";
import type { Choice, LivePath } from "../run/config.ts";
import { grows } from "../run/registries.ts";
import { type Core, startPosition, whole } from "./core.ts";
import { type Grown, grow, Refusal } from "./growth.ts";
import { cloneArrays, createNetwork, disposeArrays, freshArrays, specsOf } from "./network.ts";
import { trainProgram } from "./programs.ts";
import { filled, type Setup } from "./setup.ts";

/**
 * One growth at the present boundary; every loss up to it is known. `by`: the trigger's id or "hand"; `index`: the
 * recipe's entry, null for a person's wish, which becomes one when it succeeds.
 */
export async function growNow(core: Core, action: Choice, by: string, index: number | null): Promise<void> {
  const { setup, history, journal, line, step } = core;
  const method = grows.get(action.id)!;
  const values = filled(method.schema, action);
  core.phase = "growing";
  const began = core.clock();
  const old = core.network;
  const kind = "grow" as const;
  const common = { kind, method: method.id, by };
  let grown: Grown;
  try {
    const { event, updates, progress: onProgress } = core;
    const begun = (kernels: number) =>
      journal.say(step, { type: "structure/begun", ...common, node: history.now, kernels });
    grown = await grow(setup, old, { method, values, event, updates, onProgress, begun });
  } catch (error) {
    core.phase = "ready";
    if (!(error instanceof Refusal)) throw error;
    const { message } = error;
    if (index === null || line.refuse(index, message)) {
      journal.say(step, { type: "structure/refused", ...common, message });
    }
    if (index !== null) line.done(index);
    return;
  }

  const { network, reset, copies, ...figures } = grown;
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
      arrays: old.arrays,
    }).id;
  if (reset) {
    core.updates = 0;
    core.rewarm = method.rewarm?.(values as never) ?? 0;
  }
  if (index === null) line.record(step, action);
  else line.done(index);
  line.reset(step);
  const event = core.event++;
  core.checkpoints.clear();
  await core.replace(network, standing !== null);
  const node = history.add({
    parent,
    label: `${method.label}: ${sizeAfter}`,
    loss: figures.lossAfter,
    position: core.position(),
    arrays: cloneArrays(setup, network.specs, network.arrays),
  }).id;
  core.stand(node);
  core.phase = "ready";
  journal.say(step, {
    type: "structure/done",
    ...common,
    node,
    parent,
    arch: network.arch,
    sizeBefore,
    sizeAfter,
    copies,
    milliseconds: (core.clock() - began) * 1000,
    ...figures,
    paramsBefore: old.params,
    paramsAfter: network.params,
    activeBefore: old.active,
    activeAfter: network.active,
    activeFlops: network.flops.active,
    counts: {},
    extra: {},
    notes: [],
    event,
  });
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
  const program = trainProgram(setup, { arch, specs: network.specs }, network.arrays.age !== null);
  if (program.key === network.train.program.key) core.network = { ...network, arch };
  else {
    await core.replace(await createNetwork(setup, arch, network.specs, network.arrays, core.progress), false);
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
  const network = await createNetwork(setup, position.arch, specs, arrays, core.progress).catch((error) => {
    disposeArrays(arrays);
    throw error;
  });
  await core.replace(network, true);
  core.adopt(position);
  core.checkpoints.clear();
  core.ring.open();
  core.phase = "ready";
  core.stand(id);
  if (core.line.leaveOut(core.step)) core.standing = null;
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

/** Grow methods that can act now, with the sentence why not. */
export function possible(setup: Setup, arch: Values): Record<string, true | string> {
  const can: Record<string, true | string> = {};
  for (const method of grows.values()) {
    const applies = method.applies(setup.model);
    if (applies !== true) {
      can[method.id] = applies;
      continue;
    }
    const next = method.next(setup.model, arch, filled(method.schema, { id: method.id }) as never);
    can[method.id] =
      next === null ? "The network has reached its full size." : typeof next === "string" ? next : true;
  }
  return can;
}
