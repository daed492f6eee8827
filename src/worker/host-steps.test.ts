/** What a page asks of its run: steps one by one, more budget, an end; each of the run that it means and no other. */
import { expect, it } from "vitest";
import { long, type Page, run, started } from "../testing/host-page.ts";

/** The step at which the run stands when it has done what is in the line. */
async function standing(page: Page): Promise<number> {
  page.send({ type: "save", run, request: 1 });
  await page.next("saved");
  const { state } = page.of("state").at(-1)!;
  return state.step;
}

it("counts add up, by whole steps, and what is no count is none", async () => {
  const page = await started();
  const step = (count: number) => ({ type: "step", run, count }) as const;
  page.send(step(-3), step(2), step(1.75), step(Number.NaN));
  await page.state(({ phase, step: at }) => phase === "paused" && at === 3);
  expect(await standing(page)).toBe(3);
  // Also after what was none.
  page.send(step(Number.NaN), step(1));
  await page.state(({ phase, step: at }) => phase === "paused" && at === 4);
});

it("of another run nothing is done here", async () => {
  const page = await started();
  const other = "r2";
  page.send({ type: "step", run: other, count: 5 }, { type: "resume", run: other });
  page.send({ type: "act", run: other, action: { id: "cascade", cells: 4 } });
  expect(await standing(page)).toBe(0);
  expect(page.of("state").at(-1)!.state).toMatchObject({ phase: "paused", recipe: [] });
});

it("stopped, a run has ended: no step is taken any more, until it is given more", async () => {
  const page = await started();
  page.send({ type: "step", run, count: 2 });
  await page.state(({ phase, step }) => phase === "paused" && step === 2);
  page.send({ type: "stop", run });
  await page.state(({ phase }) => phase === "ended");
  const { length } = page.of("state");
  page.send({ type: "step", run, count: 3 }, { type: "resume", run });
  expect(await standing(page)).toBe(2);
  const phases = page.of("state").map(({ state }) => state.phase);
  expect(new Set(phases.slice(length))).toEqual(new Set(["ended"]));
});

it("budget that a run was given by hand is not lost with the device", async () => {
  const page = await started();
  page.send({ type: "step", run, count: 2 });
  await page.state(({ phase, step }) => phase === "paused" && step === 2);
  page.send({ type: "extend", run, steps: 10 }, { type: "step", run, count: 1 });
  const { state } = await page.state(({ phase, step }) => phase === "paused" && step === 3);
  // Counted from what was spent.
  expect(state.budgetSteps).toBe(12);
  // Its copy is taken right after.
  await standing(page);
  page.lose[0]!();
  await page.next("device-lost", ({ restored }) => restored);
  expect(page.of("state").at(-1)!.state).toMatchObject({ step: 3, budgetSteps: 12 });
});

it("a run that takes the place of a running one stands, and is seen at once", async () => {
  const page = await started(long);
  page.send({ type: "resume", run });
  await page.state(({ step }) => step > 0);
  page.send({ type: "start", run: "r2", config: long });
  const { state } = await page.state((its) => its.run === "r2");
  expect(state).toMatchObject({ phase: "paused", step: 0 });
  page.send({ type: "step", run: "r2", count: 1 });
  await page.state(({ phase, step }) => phase === "paused" && step === 1);
  const views = page.of("view").map(({ view }) => [view.run, view.step]);
  expect(views).toContainEqual(["r2", 0]);
});
