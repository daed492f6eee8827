/** Where a run stands, as the page is told: the anatomy to draw, the history to go back in, what could be done now. */
import type { RunState } from "../run/messages.ts";
import { arenasOf } from "./arrays.ts";
import type { Core } from "./core.ts";
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
    flops: network.flops,
    plannedBytes: planned(core),
    heldBytes: setup.backend.bytes,
    can: possible(setup, network.arch),
  };
}
