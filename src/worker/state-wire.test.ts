import { expect, it } from "vitest";
import type { RunState, WorkerMessage } from "../run/messages.ts";
import { drive, interpreter, tinyConfig } from "../testing/runs.ts";
import { report } from "../train/report.ts";
import { thinStates, wholeStates } from "./state-wire.ts";

it("a network's drawing crosses once, and every state comes out whole", async () => {
  const { trainer } = await drive(tinyConfig({}), interpreter());
  const [thin, whole] = [thinStates(), wholeStates()];
  const wires: Record<string, unknown>[] = [];
  const cross = (run: string): readonly [RunState, RunState] => {
    const state = report(trainer.core, run, "running");
    const wire = structuredClone(thin({ type: "state", state })) as WorkerMessage & { type: "state" };
    wires.push({ ...wire.state });
    const out = whole(wire);
    if (out.type !== "state") throw new Error("a state became something else");
    expect(out.state).toEqual(state);
    return [state, out.state];
  };
  const [, first] = cross("r1");
  await trainer.advance(1);
  const [, second] = cross("r1");
  expect(second.step).toBe(1);
  expect(second.anatomy).toBe(first.anatomy);
  expect(Object.keys(wires[1]!)).not.toContain("anatomy");
  expect(Object.keys(wires[1]!)).not.toContain("can");
  // Another network, then another run, cross whole.
  trainer.act({ id: "cascade", cells: 4 });
  await trainer.advance(1);
  await trainer.settled();
  const [, grown] = cross("r1");
  expect(grown.params).toBeGreaterThan(first.params);
  expect(grown.anatomy).not.toEqual(first.anatomy);
  expect(cross("r1")[1].anatomy).toBe(grown.anatomy);
  cross("r2");
  expect(wires.map((wire) => "anatomy" in wire)).toEqual([true, false, true, false, true]);
});
