import { describe, expect, it } from "vitest";
import type { RunEvent } from "../run/events.ts";
import type { RunCommand, WorkerMessage } from "../run/messages.ts";
import { config, long, Page, run, type Sent, started } from "../testing/host-page.ts";
import { losses, tinyConfig } from "../testing/runs.ts";
import { type Client, createClient, type Wire } from "./client.ts";

describe("the host", () => {
  it("opens a run paused, with its first view, then plays it to the end of its budget", async () => {
    const page = await started();
    expect(page.of("ready")[0]).toMatchObject({ device: "interpreter", software: true });
    await page.next("view");
    expect(page.of("view")[0]!.view).toMatchObject({ run, step: 0 });
    page.send({ type: "resume", run });
    const { state } = await page.state(({ phase }) => phase === "ended");
    expect(state).toMatchObject({ step: 60, budgetSteps: 60, now: "start" });
    expect(losses(page.events).size).toBe(60);
    expect(page.events.map(({ seq }) => seq)).toEqual(page.events.map((_, i) => i));
  });

  it("comes to rest where a person is asked, at that boundary, and goes on from the answer", async () => {
    const trigger = { id: "until", from: 10, rest: 10 };
    const recipe = [
      { trigger: { id: "until-good", loss: 0.01, rest: 60 }, action: { id: "cascade", cells: 4 } },
      { trigger, action: { id: "magnitude", mode: "fraction", share: 0.2, grace: 0 } },
    ];
    const page = await started(tinyConfig({ ...config, eval: { every: 10, batches: 1 }, recipe }));
    page.send({ type: "resume", run });
    const { state } = await page.state(({ phase, step }) => phase === "paused" && step > 0);
    expect(state).toMatchObject({ step: 18, question: { of: 1, grows: true } });
    page.send({ type: "answer", run, of: 1, said: "prune" }, { type: "resume", run });
    const end = await page.state(({ phase }) => phase === "ended");
    expect(end.state.question).toBe(null);
    expect(page.events.filter(({ type }) => type === "structure/done").length).toBeGreaterThan(0);
  });

  it("takes exactly as many steps as were asked for", async () => {
    const page = await started();
    page.send({ type: "step", run, count: 3 });
    await page.state(({ phase, step }) => phase === "paused" && step === 3);
    page.send({ type: "step", run, count: 1 });
    await page.state(({ phase, step }) => phase === "paused" && step === 4);
    expect(losses(page.events).size).toBe(4);
  });

  it("grows, undoes and edits while paused, and the recipe follows", async () => {
    const page = await started();
    page.send({ type: "step", run, count: 5 });
    await page.state(({ phase, step }) => phase === "paused" && step === 5);
    page.send({ type: "act", run, action: { id: "cascade", cells: 4 } });
    const grown = await page.state(({ phase, arch }) => phase === "paused" && String(arch.blocks) === "6,4");
    expect(grown.state.recipe).toHaveLength(1);
    expect(grown.state.anatomy.tiers).toHaveLength(2);
    expect(page.of("state").some(({ state }) => state.phase === "growing")).toBe(true);
    const parent = grown.state.nodes.find(({ id }) => id === grown.state.now)!.parent!;
    page.send({ type: "goto", run, node: parent });
    const undone = await page.state(({ now }) => now === parent);
    expect(undone.state).toMatchObject({ recipe: [], size: "6 cells in 1 block" });
    page.send({ type: "edit", run, path: "optim.lr", value: 0.001 });
    const edited = await page.state(({ recipe }) => recipe.length === 1);
    expect(edited.state.recipe[0]!.action).toEqual({ id: "edit", path: "optim.lr", value: 0.001 });
  });

  it("refuses with a sentence what cannot be, and training is as it was", async () => {
    const page = await started();
    const said = async (command: RunCommand) => {
      page.send(command);
      return (await page.next("refused")).message;
    };
    expect(await said({ type: "edit", run, path: "optim.lr", value: 40 })).toBe(
      "optim.lr is 40, allowed are 1e-6 to 1.",
    );
    expect(await said({ type: "edit", run, path: "batch", value: 4 })).toMatch(/^batch cannot change/);
    expect(await said({ type: "act", run, action: { id: "nothing" } })).toBe('There is no action "nothing".');
    expect(await said({ type: "goto", run, node: "n99" })).toBe("This run has no such state.");
    const wrong = { ...config, batch: -1 };
    expect(await said({ type: "start", run: "r2", config: wrong })).toMatch(/^This run cannot start: batch/);
    expect(await said({ type: "open", run: "r2", bytes: new ArrayBuffer(3) })).toMatch(
      /^This is not a saved run/,
    );
    page.send({ type: "step", run, count: 2 });
    const { state } = await page.state(({ phase, step }) => phase === "paused" && step === 2);
    expect(state).toMatchObject({ run, recipe: [], nodes: [{ id: "start" }] });
  });

  it("writes on request, and shows the part that is opened", async () => {
    const page = await started();
    page.send({ type: "sample", run, prompt: "the ", temperature: 0.7, length: 12 });
    await page.next("events", ({ events }) => events.some(({ type }) => type === "sample"));
    const sample = page.events.find(({ type }) => type === "sample")!;
    expect(sample).toMatchObject({ prompt: "the ", temperature: 0.7 });
    expect([...(sample as { text: string }).text]).toHaveLength(12);
    const part = page.of("view")[0]!.view;
    const id = Object.keys(part.tiles)[0]!;
    page.send({ type: "look", run, every: 5, text: "a whale", part: id });
    const { view } = await page.next("view", ({ view: { opened } }) => opened !== null);
    expect(view.opened!.part).toBe(id);
    expect(view.text.join("")).toBe("a whale");
  });

  it("looks at nothing when asked to, from the start on, until asked otherwise", async () => {
    const page = new Page();
    page.send({ type: "look", run, every: 0, text: "", part: null });
    page.send({ type: "start", run, config });
    await page.state(({ phase }) => phase === "paused");
    page.send({ type: "step", run, count: 12 });
    await page.state(({ phase, step }) => phase === "paused" && step === 12);
    page.send({ type: "pause", run });
    page.send({ type: "look", run: "another", every: 1, text: "", part: null });
    page.send({ type: "save", run, request: 1 });
    await page.next("saved");
    expect(page.of("view")).toEqual([]);
    page.send({ type: "look", run, every: 5, text: "", part: null });
    await page.next("view");
    expect(page.of("view")).toHaveLength(1);
  });

  it("saves a run that another page goes on with", async () => {
    const page = await started();
    page.send({ type: "step", run, count: 25 });
    await page.state(({ phase, step }) => phase === "paused" && step === 25);
    page.send({ type: "save", run, request: 4 });
    const { bytes, request } = await page.next("saved");
    expect(request).toBe(4);
    const other = new Page();
    other.send({ type: "open", run: "r9", bytes });
    await other.state(({ phase, step }) => phase === "paused" && step === 25);
    expect(losses(other.events).size).toBe(25);
    expect(other.events[0]).toMatchObject({ type: "run/started", resumed: true, run: "r9" });
    other.send({ type: "resume", run: "r9" });
    page.send({ type: "resume", run });
    await Promise.all([page, other].map((one) => one.state(({ phase }) => phase === "ended")));
    expect(losses(other.events)).toEqual(losses(page.events));
  });

  it("says when there is no GPU", async () => {
    const page = new Page(0);
    const { reason } = await page.next("no-device");
    expect(reason).toBe("This browser does not offer its GPU to pages.");
  });

  it("comes back from a lost device with the same losses", async () => {
    const plain = await started(long);
    plain.send({ type: "resume", run });
    await plain.state(({ phase }) => phase === "ended");
    const page = await started(long);
    page.send({ type: "resume", run });
    await page.next("events");
    page.lose[0]!();
    await page.next("device-lost", ({ restored }) => restored);
    await page.state(({ phase }) => phase === "ended");
    expect(losses(page.events)).toEqual(losses(plain.events));
    expect(page.opened).toBe(2);
    const said = page.of("device-lost").map(({ message }) => message);
    expect(said[0]).toBe("The GPU was taken away. Restarting from step 0.");
    expect(said[1]).toMatch(/^Running again\. \d+ steps were repeated\.$/);
    expect(new Set(page.events.map(({ seq }) => seq)).size).toBe(page.events.length);
  });

  it("brings a paused run back to where it stood, with what was done by hand", async () => {
    const recipe = [{ trigger: { id: "manual" }, action: { id: "cascade", cells: 4 } }];
    const plain = await started(tinyConfig({ budget: { unit: "steps", amount: 60 }, recipe }));
    const page = await started(tinyConfig({ budget: { unit: "steps", amount: 60 }, recipe }));
    for (const one of [plain, page]) {
      one.send({ type: "step", run, count: 5 });
      await one.state(({ phase, step }) => phase === "paused" && step === 5);
      one.send({ type: "act", run, action: recipe[0]!.action });
      await one.state(({ recipe }) => recipe.length > 1);
      one.send({ type: "step", run, count: 4 });
      await one.state(({ phase, step }) => phase === "paused" && step === 9);
    }
    page.lose[0]!();
    const { message } = await page.next("device-lost", ({ restored }) => restored);
    expect(message).toBe("The GPU is back. 4 steps were repeated.");
    const { state } = page.of("state").at(-1)!;
    expect(state).toMatchObject({ step: 9, phase: "paused" });
    for (const one of [plain, page]) {
      one.send({ type: "resume", run });
      await one.state(({ phase }) => phase === "ended");
    }
    expect(losses(page.events)).toEqual(losses(plain.events));
    expect(page.of("state").at(-1)!.state.recipe).toEqual(plain.of("state").at(-1)!.state.recipe);
  });

  it("says so when the device does not come back", async () => {
    const page = await started(long, 1);
    page.send({ type: "resume", run });
    await page.next("events");
    page.lose[0]!();
    await page.next("device-lost", ({ message }) => message.startsWith("The GPU did not come back."));
    expect(page.of("device-lost")).toHaveLength(2);
  });
});

describe("the client", () => {
  it("hands events on at most ten times a second, and before whatever explains them", async () => {
    let hear: (event: { readonly data: WorkerMessage }) => void = () => {};
    const wire: Wire = {
      postMessage() {},
      terminate() {},
      addEventListener: (_type, listener) => {
        hear = listener;
      },
    };
    const got: WorkerMessage[] = [];
    const client: Client = createClient(wire, (message) => got.push(message));
    const event = (seq: number) => ({ type: "notice", text: "", seq }) as never as RunEvent;
    for (let i = 0; i < 50; i++) hear({ data: { type: "events", events: [event(i)] } });
    expect(got).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(got).toHaveLength(1);
    expect((got[0] as Sent<"events">).events.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 50 }, (_, i) => i),
    );
    hear({ data: { type: "events", events: [event(50)] } });
    hear({ data: { type: "no-device", reason: "" } });
    expect(got.map(({ type }) => type)).toEqual(["events", "events", "no-device"]);
    client.close();
  });
});
