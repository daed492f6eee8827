/**
 * A steady step of the real trainer costs the device what the house promises: no object is made, one submit, 256 bytes
 * go up. Counted at the device itself, after a growth too, with a trigger that looks at every loss.
 */
import { expect, it } from "vitest";
import type { RunEvent } from "../run/events.ts";
import { countDevice } from "../testing/device-counts.ts";
import { openTestBackend } from "../testing/node-gpu.ts";
import { eventsOf, tinyConfig, tinyData, tinyGpt } from "../testing/runs.ts";
import { Trainer } from "./trainer.ts";

const step = (at: number, action: object) => ({ trigger: { id: "step", step: at }, action });
/** Looks at every loss, and first judges after the end. */
const watching = {
  trigger: { id: "plateau", beta: 0.5, window: 5, every: 1000, cooldown: 0, threshold: 0.005 },
  action: { id: "cascade", cells: 4 },
};

it.each([
  ["LSTM", { recipe: [watching, step(10, { id: "cascade", cells: 4 })] }],
  ["GPT", { ...tinyGpt, optim: { id: "lion" }, recipe: [step(10, { id: "identity", slots: "carry" })] }],
])("%s: nothing is made, a submit a step, 256 bytes", async (_name, change) => {
  const backend = await openTestBackend();
  const config = tinyConfig({
    ...change,
    budget: { unit: "steps", amount: 95 },
    eval: { every: 1000, batches: 1 },
  });
  const events: RunEvent[] = [];
  // By this clock every submit takes seconds, so that none of them has two steps.
  let seconds = 0;
  const trainer = await Trainer.create({
    config,
    data: tinyData(config.context),
    backend,
    run: "steady",
    clock: () => seconds++,
    emit: (event) => events.push(event),
  });
  const counts = countDevice(backend.device);
  // Through the growth at step 10, and on until everything that is kept has been made.
  await trainer.advance(30);
  expect(counts.made, "the counter sees the growth").toBeGreaterThan(0);
  expect(eventsOf(events, "structure/done")).toHaveLength(1);
  Object.assign(counts, { made: 0, submits: 0, uploaded: 0 });
  await trainer.advance(50);
  expect(counts).toEqual({ made: 0, submits: 50, uploaded: 50 * 256 });
  await trainer.settled();
  trainer.dispose();
  expect(backend.errors()).toEqual([]);
});
