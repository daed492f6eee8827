/** Branches that outlive the page, and what is taken back before it has happened. */
import { describe, expect, it } from "vitest";
import { long, Page, run, type Sent, started } from "../testing/host-page.ts";
import { losses } from "../testing/runs.ts";

type State = Sent<"state">["state"];

const paused =
  (step: number) =>
  ({ phase, step: at }: State): boolean =>
    phase === "paused" && at === step;

describe("a node of the history", () => {
  it("is saved as bytes, and a run that was opened again goes on from it to the same losses", async () => {
    const page = await started();
    page.send({ type: "step", run, count: 4 });
    await page.state(paused(4));
    page.send({ type: "act", run, action: { id: "cascade", cells: 4 } });
    const { state: grown } = await page.state(({ arch }) => String(arch.blocks) === "6,4");
    page.send({ type: "save", run, request: 1, node: grown.now });
    const { bytes: node } = await page.next("saved", ({ request }) => request === 1);
    page.send({ type: "step", run, count: 3 });
    await page.state(paused(7));
    page.send({ type: "goto", run, node: "start" });
    await page.state(({ now, step }) => now === "start" && step === 0);
    page.send({ type: "save", run, request: 2 });
    const { bytes } = await page.next("saved", ({ request }) => request === 2);

    const other = new Page();
    other.send({ type: "open", run, bytes });
    const { state: opened } = await other.state(paused(0));
    expect(opened.nodes.find(({ id }) => id === grown.now)?.restorable).toBe(false);
    // Without its bytes it is gone, with another node's it is refused.
    other.send({ type: "goto", run, node: grown.now });
    expect((await other.next("refused")).message).toMatch(/no longer kept/);
    const parent = grown.nodes.find(({ id }) => id === grown.now)!.parent!;
    other.send({ type: "goto", run, node: parent, bytes: node.slice(0) });
    expect((await other.next("refused", ({ message }) => /another run/.test(message))).command).toBe("goto");

    other.send({ type: "goto", run, node: grown.now, bytes: node.slice(0) });
    const { state: back } = await other.state(({ now }) => now === grown.now);
    expect(back).toMatchObject({ step: 4, size: grown.size, recipe: grown.recipe });
    expect(back.nodes.find(({ id }) => id === grown.now)?.restorable).toBe(true);
    page.send({ type: "goto", run, node: grown.now });
    await page.state(({ now, step }) => now === grown.now && step === 4);
    for (const one of [page, other]) one.send({ type: "step", run, count: 5 });
    await Promise.all([page, other].map((one) => one.state(paused(9))));
    const end = (one: Page) => [...losses(one.events)].filter(([step]) => step > 4);
    expect(end(other)).toHaveLength(5);
    expect(end(other)).toEqual(end(page));
  });

  it("that is no longer kept has no bytes", async () => {
    const page = await started();
    page.send({ type: "save", run, request: 3, node: "n99" });
    expect((await page.next("saved")).bytes.byteLength).toBe(0);
  });
});

describe("what was asked for last", () => {
  const asked = { type: "act", run, action: { id: "cascade", cells: 4 } } as const;

  it("is dropped while it waits, and said so", async () => {
    const page = await started(long);
    // All three are in the line before the next step boundary.
    page.send(
      { type: "resume", run },
      asked,
      { type: "take-back", run, node: "start" },
      { type: "pause", run },
    );
    const { state } = await page.state(({ phase, now }) => phase === "paused" && now === "start");
    expect(state).toMatchObject({ size: "6 cells in 1 block", recipe: [] });
    const notice = page.events.find(({ type }) => type === "notice");
    expect(notice).toMatchObject({ text: "Taken back before it happened: Cascade." });
    expect(page.events.some(({ type }) => type === "structure/begun")).toBe(false);
  });

  it("is undone where it has happened meanwhile; what happened before it stays", async () => {
    const page = await started();
    page.send(asked);
    const { state: once } = await page.state(({ arch }) => String(arch.blocks) === "6,4");
    // A paused run acts at once: by the time it is taken back it has happened.
    page.send(asked, { type: "take-back", run, node: once.now });
    await page.next("events", ({ events }) => events.some(({ type }) => type === "history/moved"));
    // A run that stands where it stood has nothing to undo: what was asked for was refused.
    page.send({ type: "take-back", run, node: once.now }, { type: "save", run, request: 5 });
    await page.next("saved");
    const { state } = page.of("state").at(-1)!;
    expect(state).toMatchObject({ now: once.now, size: once.size });
    expect(page.events.filter(({ type }) => type === "structure/done")).toHaveLength(2);
    expect(page.events.filter(({ type }) => type === "history/moved")).toHaveLength(1);
  });
});
