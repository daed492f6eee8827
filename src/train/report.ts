/** Where a run stands, as the page is told: the anatomy to draw, the history to go back in, what could be done now. */
import { type Stage, stageOf } from "../methods/gates/phase.ts";
import type { RunState } from "../run/messages.ts";
import { actions } from "../run/registries.ts";
import { arenasOf } from "./arrays.ts";
import type { Core } from "./core.ts";
import { kindOf } from "./event-terms.ts";
import { openQuestion } from "./goals.ts";
import type { Network } from "./network.ts";
import { possible } from "./possible.ts";

/**
 * Bytes of device memory that the run's plans come to: the buffers of every program it has made, the arrays, the texts,
 * and the copies kept for going back. What is held beyond that is staging for read-backs and tables of sizes.
 */
function planned({ setup, network, checkpoints, history }: Readonly<Core>): number {
  const { train, validation } = setup;
  const arenas = [
    ...[network.arrays, ...checkpoints.arrays, ...history.arrays].flatMap(arenasOf),
    ...[network.grads, network.window, network.written],
    ...[train, validation].flatMap((part) => [...part.values()]),
  ];
  const own = [...network.executables]
    .flatMap(({ program }) => program.buffers)
    .filter(({ name }) => name === "");
  return (
    arenas.reduce((sum, { elements }) => sum + 4 * elements, 0) +
    own.reduce((sum, { bytes }) => sum + bytes, 0)
  );
}

/** What has been done on this line, for the phases of growing and pruning: its entries say what they did last. */
function stage({ setup, network, line, phase }: Readonly<Core>): Stage | null {
  const acted = line.entries.filter(({ before }) => before !== undefined);
  const kinds = acted.map(({ entry }) => kindOf(actions.get(entry.action.id)!));
  const prunes = line.entries.filter(({ entry: { action } }) => action.id === "magnitude");
  const automatic = prunes.filter(({ entry: { trigger } }) => trigger.id !== "step");
  return stageOf(setup.model, network.arch, {
    grown: kinds.includes("grow") || kinds.includes("insert"),
    pruned: acted.some(({ entry }) => entry.action.id === "magnitude"),
    resting:
      phase === "ended" || (automatic.length > 0 && automatic.every(({ resting }) => resting === true)),
  });
}

function gathering({ window, line, phase }: Readonly<Core>): NonNullable<RunState["gathering"]> | null {
  if (window === null || phase !== "ready") return null;
  const { index, opened, closes } = window;
  return { method: line.entry(index).action.id, opened, closes };
}

type OfSize = Pick<RunState, "arch" | "size" | "anatomy" | "can">;

const known = new WeakMap<Network, OfSize>();

/** What a network's size decides, worked out once: for every action whether it could be done takes longer than a step. */
function ofSize({ setup, network }: Readonly<Core>): OfSize {
  const { model, shape } = setup;
  const { arch } = network;
  const before = known.get(network);
  if (before !== undefined) return before;
  const worked: OfSize = {
    arch: { id: model.id, ...arch },
    size: model.describe(arch),
    anatomy: model.anatomy(arch, shape),
    can: possible(setup, arch),
  };
  known.set(network, worked);
  return worked;
}

/** `phase`: what the host is doing with a run that is ready; "held": with one whose operator is being trained. */
export function report(core: Readonly<Core>, run: string, phase: "paused" | "running" | "held"): RunState {
  const { setup, network, history, ledger, line } = core;
  return {
    run,
    phase: core.phase === "ready" || phase === "held" ? phase : core.phase,
    step: core.step,
    budgetSteps: ledger.steps,
    now: history.now,
    nodes: history.nodes,
    given: history.given,
    recipe: line.recipe,
    ...ofSize(core),
    params: network.params,
    active: network.active,
    flops: network.flops,
    plannedBytes: planned(core),
    heldBytes: setup.backend.bytes,
    stage: stage(core),
    gathering: gathering(core),
    question: core.phase === "ready" ? openQuestion(line.entries) : null,
    dropping: core.drop?.rule
      ? { action: core.drop.rule, since: core.drop.since, held: core.drop.held?.fraction ?? null }
      : null,
  };
}
