/**
 * Structural events and the ways back, as changes of a run's state. Each happens whole or not at all: what is thrown
 * before the swap leaves the run as it was.
 */
import type { GrowMethod, StructureMethod } from "../methods/types.ts";
import type { Choice } from "../run/config.ts";
import { actions } from "../run/registries.ts";
import { cloneArrays, disposeArrays } from "./arrays.ts";
import type { Core } from "./core.ts";
import { UNWATCHED } from "./drop.ts";
import { type Event, outcome, prepare } from "./event.ts";
import { GivenUp, kindOf, Refusal, scheduledOf, sentenceOf } from "./event-terms.ts";
import { possibleOf, windowOf } from "./possible.ts";
import { filled } from "./setup.ts";
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
    const batches = windowOf(method, values);
    if (batches > 0 && !closing) await wait(core, method, action, index, batches);
    else await happen(core, method, action, by, index, closing ? core.step - window.opened : 0);
  } catch (error) {
    if (closing) await closeWindow(core);
    const kind = kindOf(method);
    const message = sentenceOf(kind, error);
    if (error instanceof GivenUp) {
      // As after an undo: what would be done here by itself is left out, and the recipe says so.
      if (index !== null) core.line.leaveOut(core.step);
      const refused = { kind, method: method.id, by, message, givenUp: true as const };
      core.journal.say(core.step, { type: "structure/refused", ...refused });
      return;
    }
    if (index === null || core.line.refuse(index, message)) {
      core.journal.say(core.step, { type: "structure/refused", kind, method: method.id, by, message });
    }
    if (index === null) return;
    core.line.done(index);
    // Asked for by hand, it is in the recipe since its window opened; what was refused at once is not.
    if (closing && core.line.entry(index).trigger.id === "step") core.line.remove(index);
  } finally {
    core.phase = before;
  }
}

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
  const { event, updates, live, drop, progress: onProgress, stage } = core;
  core.commit = false;
  const made = await prepare(setup, old, {
    ...{ method, values, event, step, updates, live, lr: core.rate(updates), scored, onProgress, stage },
    ...{ drop, fraction: core.ledger.fraction, scheduled: scheduledOf(core.line) },
    programs: (sized, kept) => core.ahead.programs(setup, sized, kept),
    stop: () => core.commit,
    watch: core.fitWatch,
    commitAfter: index === null ? null : core.line.commitAfter(index),
    begun: (kernels) => journal.say(step, { type: "structure/begun", ...common, node: history.now, kernels }),
  });
  let kept: Event["network"]["arrays"];
  try {
    core.stage("close");
    kept = await cloneArrays(setup, made.network.specs, made.network.arrays);
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
  const { network, plan, drop: dropping, ...figures } = made;
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
  const entry = index ?? core.line.record(step, action);
  if (plan.charge) core.ledger.charge(plan.charge);
  core.line.done(entry);
  core.line.acted(entry, parent);
  if (plan.committed !== undefined) core.line.commit(step, entry, plan.committed);
  core.line.reset(step);
  core.live = { ...core.live, ...plan.live };
  core.drop = dropping;
  if (plan.drop !== undefined) core.watch = UNWATCHED;
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
    ...(plan.feeds === undefined ? {} : { feeds: plan.feeds }),
    milliseconds: (core.clock() - began) * 1000,
    ...figures,
    ...outcome(old, network, plan),
    event,
  });
}
