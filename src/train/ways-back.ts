/** The ways a run's state changes without a structural event: a live setting, undo, redo, branch, the last good state. */
import type { Values } from "../config/schema.ts";
import type { Choice, LivePath } from "../run/config.ts";
import { actions } from "../run/registries.ts";
import { arraysOf, cloneArrays, disposeArrays, freshArrays, keptIn, specsOf } from "./arrays.ts";
import { type Core, startPosition, whole } from "./core.ts";
import { gatesOf } from "./drop.ts";
import { kindOf } from "./event-terms.ts";
import type { History } from "./history.ts";
import { createNetwork, type Network } from "./network.ts";
import { trainProgram } from "./programs.ts";
import type { Setup } from "./setup.ts";
import { readFlat, readHeader, type SnapshotHeader } from "./snapshot.ts";
import { closeWindow } from "./window.ts";

/** The run goes back to where it stood before the newest event of this entry, which acts no more. */
export async function backNow(core: Core, index: number): Promise<void> {
  const { history, line } = core;
  const { trigger, action } = line.entry(index);
  const method = actions.get(action.id)!;
  const place = history.get(line.before(index) ?? "");
  if (place !== undefined && history.restorable(place)) return gotoNode(core, place.id, index);
  const message = `Not taken back: the state before the last event of ${method.label} is no longer kept. Training goes on.`;
  line.rest(core.step, index);
  const by = trigger.id;
  core.journal.say(core.step, {
    type: "structure/refused",
    kind: kindOf(method),
    method: method.id,
    by,
    message,
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
  const program = trainProgram(
    setup,
    { arch, specs: network.specs },
    {
      ...keptIn(network.arrays),
      gates: network.gates,
    },
  );
  if (program.key === network.train.program.key) core.network = { ...network, arch };
  else {
    const { specs, arrays, counts, gates, lender } = network;
    const options = { onProgress: core.progress, counts, gates, lender };
    core.replace(await createNetwork(setup, arch, specs, arrays, options), false);
  }
}

/** Gives a node back the state that was saved of it. Throws one sentence when the bytes are of another run or state. */
export async function refillNode({ setup, history }: Core, id: string, bytes: ArrayBuffer): Promise<void> {
  const place = history.get(id);
  if (place === undefined || history.restorable(place)) return;
  const { config, position, history: saved } = readHeader(bytes);
  const same = JSON.stringify(config) === JSON.stringify(setup.config);
  if (!same || saved.now !== id || position.spent.steps !== place.step) {
    throw new Error(`What was kept of step ${whole(place.step)} is of another run.`);
  }
  const specs = specsOf(setup, position.arch);
  history.refill(id, position, await arraysOf(setup, specs, readFlat(bytes, specs, setup.optim.slots)));
}

/** The start of a run that began with weights it was given. */
export async function givenStart(
  setup: Setup,
  bytes: ArrayBuffer,
  start: SnapshotHeader["start"],
  history: History,
): Promise<void> {
  if (start === undefined) return;
  const specs = specsOf(setup, start.position.arch);
  const arrays = await arraysOf(setup, specs, readFlat(bytes, specs, setup.optim.slots, true));
  history.begin(start.given, start.position, arrays);
}

/**
 * Undo, redo, branch: the whole run as it was at a node. Throws one sentence when that is gone. `resting`: an entry of the
 * recipe that acts no more from there on.
 */
export async function gotoNode(core: Core, id: string, resting: number | null = null): Promise<void> {
  const { setup, history } = core;
  const place = history.get(id);
  if (place === undefined) throw new Error("This run has no such state.");
  if (!history.restorable(place)) {
    throw new Error(`The state of step ${whole(place.step)} is no longer kept: only the newest ones are.`);
  }
  const position = place.position ?? startPosition(setup);
  const specs = specsOf(setup, position.arch);
  // Copied before the state left behind is kept: keeping it may drop the oldest copy, which may be this one.
  const arrays = await (place.arrays === null
    ? freshArrays(setup, specs)
    : cloneArrays(setup, specs, place.arrays));
  let from: string;
  let network: Network;
  try {
    from = await leave(core);
    const gates = gatesOf(position.drop ?? null);
    network = await createNetwork(setup, position.arch, specs, arrays, { onProgress: core.progress, gates });
  } catch (error) {
    disposeArrays(arrays);
    throw error;
  }
  core.replace(network, true);
  core.adopt(position);
  core.checkpoints.clear();
  core.ring.open();
  core.phase = "ready";
  core.stand(id);
  if (resting !== null) {
    core.line.rest(core.step, resting);
    core.standing = null;
  } else if (core.line.leaveOut(core.step)) core.standing = null;
  const { window } = core;
  if (window !== null && window.closes <= core.step) {
    if (window.index !== resting) core.line.takeBack(window.index, window.opened);
    core.window = null;
    core.standing = null;
  }
  core.journal.say(core.step, { type: "history/moved", from, to: id, toStep: core.step });
}

/** "Taken back before it happened: Cascade." */
export const takenBack = ({ id }: Choice): string =>
  `Taken back before it happened: ${actions.get(id)?.label ?? id}.`;

/** An action whose window is open is dropped with it; else an event since the run stood at `node` is undone. */
export async function takeBackNow(core: Core, node: string | null): Promise<void> {
  const { window, line, history } = core;
  const entry = window === null ? null : line.entry(window.index);
  if (window !== null && entry?.trigger.id === "step") {
    await closeWindow(core);
    line.takeBack(window.index, window.opened);
    core.journal.say(core.step, { type: "notice", text: takenBack(entry.action) });
    return;
  }
  const parent = history.get(history.now)?.parent ?? null;
  if (history.now !== node && parent !== null) await gotoNode(core, parent);
}

/** Keeps the state that is being left, so that it can be come back to. Returns its node. */
async function leave(core: Core): Promise<string> {
  const { setup, history, network, step } = core;
  if (core.standing !== null || core.phase === "diverged" || step === 0) return history.now;
  const arrays = await cloneArrays(setup, network.specs, network.arrays);
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
