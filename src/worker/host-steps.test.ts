/** Steps asked for one by one, whatever a page sends: no more than were asked for, by whom the run is meant for. */
import { expect, it } from "vitest";
import { type Page, run, started } from "../testing/host-page.ts";

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
