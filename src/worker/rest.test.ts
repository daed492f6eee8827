/** An action asked for in a running run waits for its pipelines and no longer; the run records the step at which it happened. */
import { expect, it } from "vitest";
import { drive, eventsOf, interpreter, losses, tinyConfig } from "../testing/runs.ts";
import { atRest } from "./rest.ts";

const action = { id: "cascade", cells: 4 } as const;

/** The device compiles until it is let go. */
function slow() {
  let go = () => {};
  const compiled = new Promise<void>((resolve) => {
    go = resolve;
  });
  return { backend: Object.assign(interpreter(), { warm: () => compiled }), go };
}

it("trains on while an action is prepared, and then carries it out", async () => {
  const { backend, go } = slow();
  const { trainer, events } = await drive(tinyConfig({}), backend);
  await trainer.advance(2);
  trainer.act(action, true);
  await trainer.advance(3);
  expect(eventsOf(events, "structure/done")).toEqual([]);
  expect(trainer.step).toBe(5);
  go();
  // The preparation takes turns of its own between the steps.
  while (eventsOf(events, "structure/done").length === 0 && trainer.step < 30) await trainer.advance(1);
  const [done] = eventsOf(events, "structure/done");
  expect(done!.step).toBeGreaterThanOrEqual(5);
  await trainer.advance(4);
  await trainer.settled();
  // A link does at that step what the person did.
  const recipe = trainer.recipe;
  expect(recipe).toMatchObject([{ trigger: { id: "step", step: done!.step }, action }]);
  const again = await drive(tinyConfig({ recipe }), interpreter());
  await again.trainer.advance(trainer.step);
  await again.trainer.settled();
  expect(losses(again.events)).toEqual(losses(events));
});

it("prepares between one answer and the next, and never waits until the device has nothing to do", async () => {
  const backend = Object.assign(interpreter(), { idle: () => new Promise<void>(() => {}) });
  const { trainer, events } = await drive(tinyConfig({}), backend);
  await trainer.advance(2);
  trainer.act(action, true);
  while (eventsOf(events, "structure/done").length === 0 && trainer.step < 60) await trainer.advance(1);
  // A part waits for one answer: change, check, training step, evaluation, probe, and the queue before it grows.
  expect(trainer.step).toBeLessThan(30);
});

it("does at once what still waits when the run comes to rest", async () => {
  const { backend } = slow();
  const { trainer, events } = await drive(tinyConfig({}), backend);
  trainer.act(action, true);
  await trainer.advance(3);
  expect(eventsOf(events, "structure/done")).toEqual([]);
  await atRest(trainer);
  expect(eventsOf(events, "structure/done")).toMatchObject([{ step: 3 }]);
  expect(trainer.step).toBe(3);
});

it("takes an action back that is still being prepared", async () => {
  const { backend, go } = slow();
  const { trainer, events } = await drive(tinyConfig({}), backend);
  trainer.act(action, true);
  await trainer.advance(2);
  await trainer.takeBack(null);
  go();
  await trainer.advance(4);
  await atRest(trainer);
  expect(eventsOf(events, "structure/done")).toEqual([]);
});
