/** What is heard while an operator is trained: Pause, a snapshot, Undo, another run. Nothing of the run is lost by any. */
import { describe, expect, it } from "vitest";
import { type Page, run, started } from "../testing/host-page.ts";
import { drive, eventsOf, interpreter, losses, tinyConfig } from "../testing/runs.ts";
import { readHeader } from "../train/snapshot.ts";
import { LEARNING } from "./fit-watch.ts";

const action = { id: "mango", depth: "none", steps: 400 };
const plain = tinyConfig({
  model: { id: "gpt", layers: 1, width: 8, heads: 2 },
  batch: 2,
  context: 8,
  budget: { unit: "steps", amount: 6 },
});

/** The operator is being trained, some steps of it. */
const learns = (page: Page) =>
  page.next("progress", ({ what, label, done }) => what === "grow" && label === "operator" && done > 0);

describe("while an operator is trained", () => {
  it("is paused, saved as it stands, and goes on", async () => {
    const page = await started(plain);
    page.send({ type: "step", run, count: 2 });
    await page.state(({ phase, step }) => phase === "paused" && step === 2);
    page.send({ type: "act", run, action });
    await learns(page);
    page.send({ type: "pause", run });
    await page.state(({ phase }) => phase === "held");
    const sent = page.of("progress").length;
    page.send({ type: "save", run, request: 7 });
    const { bytes } = await page.next("saved");
    expect(readHeader(bytes).position.spent.steps).toBe(2);
    await new Promise((go) => setTimeout(go, 150));
    expect(page.of("progress")).toHaveLength(sent);
    page.send({ type: "resume", run });
    await page.state(({ phase }) => phase === "growing");
    await learns(page);
    page.send({ type: "commit", run });
    // It had been paused before the growth, and is again.
    const { state } = await page.state(({ phase }) => phase === "paused");
    expect(state).toMatchObject({ step: 2, arch: { width: 16 } });
  });

  it("is given up by Undo: the recipe leaves it out, and its link does the same to the bit", async () => {
    const recipe = [{ trigger: { id: "at", fraction: 0.5 }, action }];
    const page = await started({ ...plain, recipe });
    page.send({ type: "resume", run });
    await learns(page);
    page.send({ type: "take-back", run, node: "start" });
    const { state } = await page.state(({ phase }) => phase === "ended");
    expect(state).toMatchObject({ step: 6, arch: { width: 8 } });
    const [refused] = eventsOf(page.events, "structure/refused");
    expect(refused!.givenUp).toBe(true);
    expect(refused!.message).toMatch(/^Not grown: given up after \d+ of 400 steps of its operator\./);
    expect(state.recipe.map((each) => each.action.id)).toEqual(["mango", "skip"]);
    const again = await drive({ ...plain, recipe: state.recipe }, interpreter());
    while (again.trainer.phase === "ready") await again.trainer.advance(10);
    expect(losses(again.events)).toEqual(losses(page.events));
  });

  it("is given up by Undo while paused: the run rests where it stood", async () => {
    const recipe = [{ trigger: { id: "at", fraction: 0.5 }, action }];
    const page = await started({ ...plain, recipe });
    page.send({ type: "resume", run });
    await learns(page);
    page.send({ type: "pause", run });
    await page.state(({ phase }) => phase === "held");
    page.send({ type: "take-back", run, node: "start" });
    const { state } = await page.state(({ phase }) => phase === "paused");
    expect(state).toMatchObject({ step: 3, arch: { width: 8 } });
  });

  it("refuses a second growth, and goes on with the first", async () => {
    const page = await started(plain);
    page.send({ type: "act", run, action });
    await learns(page);
    page.send({ type: "act", run, action: { id: "stack" } });
    const refused = await page.next("refused");
    expect(refused).toMatchObject({ command: "act", method: "stack", message: LEARNING });
    page.send({ type: "commit", run });
    const { state } = await page.state(({ phase, arch }) => phase === "paused" && arch.width === 16);
    expect(state).toMatchObject({ arch: { layers: 1, width: 16 } });
    expect(eventsOf(page.events, "structure/done").map(({ method }) => method)).toEqual(["mango"]);
  });

  it("makes way at once for another run", async () => {
    const page = await started({ ...plain, recipe: [{ trigger: { id: "step", step: 0 }, action }] });
    page.send({ type: "resume", run });
    await learns(page);
    page.send({ type: "pause", run });
    await page.state(({ phase }) => phase === "held");
    page.send({ type: "start", run: "r2", config: plain });
    await page.next("state", ({ state }) => state.run === "r2" && state.phase === "paused");
    expect(eventsOf(page.events, "structure/done")).toEqual([]);
  });
});
