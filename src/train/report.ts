/** Where a run stands, as the page is told: the anatomy to draw, the history to go back in, what could be done now. */
import type { Program } from "../engine/types.ts";
import type { RunState } from "../run/messages.ts";
import type { Core } from "./core.ts";
import { possible } from "./possible.ts";

/** Bytes that the plan of a program needs, arenas included. */
function planned(program: Program): number {
  return program.buffers.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** `phase`: what the host is doing with a run that is ready. */
export function report(core: Readonly<Core>, run: string, phase: "paused" | "running"): RunState {
  const { setup, network, history, ledger, line } = core;
  const { model, shape } = setup;
  return {
    run,
    phase: core.phase === "ready" ? phase : core.phase,
    step: core.step,
    budgetSteps: ledger.steps,
    now: history.now,
    nodes: history.nodes,
    recipe: line.recipe,
    arch: { id: model.id, ...network.arch },
    size: model.describe(network.arch),
    anatomy: model.anatomy(network.arch, shape),
    params: network.params,
    active: network.active,
    plannedBytes: planned(network.train.program),
    heldBytes: setup.backend.bytes,
    can: possible(setup, network.arch),
  };
}
