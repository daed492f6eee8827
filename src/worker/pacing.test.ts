/** How often the page is told something, by a clock that the tests turn: whatever a run does, not more than it can take in. */
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../run/events.ts";
import type { RunState, RunView, WorkerMessage } from "../run/messages.ts";
import { FitPost } from "./fit-watch.ts";
import { Looks } from "./looks.ts";
import { Outbox } from "./outbox.ts";

function desk() {
  const posted: WorkerMessage[] = [];
  const page = {
    now: 100,
    clock: () => page.now,
    post: (message: WorkerMessage) => void posted.push(message),
  };
  const said = () => posted.splice(0).map(({ type }) => type);
  return { page, posted, said };
}

const event = (seq: number) => ({ type: "notice", seq, text: "" }) as unknown as RunEvent;

describe("the outbox", () => {
  it("gathers events for a tenth of a second, a state for half, and tells all when training is over", () => {
    const { page, posted, said } = desk();
    const out = new Outbox(page, () => ({ step: 1 }) as unknown as RunState);
    out.add([event(1)]);
    out.state();
    // What led to a state comes before it.
    expect(said()).toEqual(["events", "state"]);
    for (let i = 0; i < 9; i++) {
      page.now += 0.0625;
      out.add([event(2 + i)]);
      out.afterStretch(false);
    }
    // At .125, .25, .375 and .5, where a state is due as well.
    expect(posted.map((m) => (m.type === "events" ? m.events.length : m.type))).toEqual([
      2,
      2,
      2,
      2,
      "state",
    ]);
    said();
    out.afterStretch(true);
    expect(said()).toEqual(["events", "state"]);
  });

  it("tells what happened before what is seen of it", () => {
    const { said, page } = desk();
    const out = new Outbox(page, () => null);
    out.add([event(1)]);
    out.post({ type: "view", view: {} as RunView });
    expect(said()).toEqual(["events", "view"]);
  });

  it("has no state to tell without a run", () => {
    const { page, said } = desk();
    const out = new Outbox(page, () => null);
    out.add([event(1)]);
    out.state();
    expect(said()).toEqual([]);
  });

  it("tells how far something is ten times a second, its beginning and its end in any case", () => {
    const { page, posted } = desk();
    const out = new Outbox(page, () => null);
    for (let done = 0; done <= 7; done++) {
      out.progress("kernels", "", done, 7);
      page.now += 0.03125;
    }
    // The last one comes too soon after the fourth, and is told.
    expect(posted.map((m) => (m.type === "progress" ? m.done : m.type))).toEqual([0, 4, 7]);
    posted.length = 0;
    out.progress("kernels", "", 0, 3);
    out.progress("kernels", "", 1, 3);
    expect(posted).toMatchObject([{ done: 0 }]);
  });
});

describe("looks", () => {
  const look = (cost: number) => {
    const { page, said } = desk();
    const looks = new Looks(page);
    const trainer = { step: 0, core: {} };
    const sights: unknown[] = [];
    const looker = {
      look: async (...[, , asked]: unknown[]) => {
        page.now += cost;
        sights.push(asked);
        return {} as RunView;
      },
    };
    const seen = { run: "r", trainer, looker } as unknown as Parameters<Looks["now"]>[0];
    const due = async (steps: number, seconds: number): Promise<boolean> => {
      trainer.step += steps;
      page.now += seconds;
      await looks.ifDue(seen, false);
      return said().length > 0;
    };
    return { looks, seen, due, said, sights };
  };

  it("are as far apart as asked for, five a second at most", async () => {
    const { due } = look(0);
    expect(await due(10, 0)).toBe(true);
    expect(await due(9, 1)).toBe(false);
    expect(await due(1, 0)).toBe(true);
    expect(await due(50, 0.125)).toBe(false);
    expect(await due(0, 0.125)).toBe(true);
    // A run that went back is as far from what was seen.
    expect(await due(-9, 1)).toBe(false);
    expect(await due(-1, 0)).toBe(true);
  });

  it("come at once of another run, and show what was asked for last, and nothing asked for before it", async () => {
    const { looks, due, sights } = look(0);
    expect(await due(10, 0)).toBe(true);
    looks.begin();
    expect(await due(0, 0)).toBe(true);
    const last = { every: 5, text: "a", part: null };
    const none = { picture: 0, lens: null, graph: false, bridge: null };
    looks.ask({ ...last, picture: 3, lens: { layer: 1 }, graph: true, bridge: "b" });
    looks.ask(last);
    expect(await due(5, 1)).toBe(true);
    expect(sights.at(-1)).toEqual({ ...last, ...none });
  });

  it("take a fifth of the time at most, and come anyway when training is over", async () => {
    const { looks, seen, due, said } = look(2);
    expect(await due(10, 0)).toBe(true);
    expect(await due(100, 9)).toBe(false);
    await looks.ifDue(seen, true);
    expect(said()).toEqual(["view"]);
    expect(await due(100, 10)).toBe(true);
  });

  it("are none where nothing is asked for", async () => {
    const { looks, seen, said } = look(0);
    looks.ask({ every: 0, text: "", part: null });
    await looks.ifDue(seen, true);
    expect(said()).toEqual([]);
  });
});

it("an operator in training is looked at when a look is due, for a fifth of the time at most", () => {
  const { page, said } = desk();
  const post = new FitPost(page, {} as ConstructorParameters<typeof FitPost>[1]);
  const watch = post.of("r");
  expect(watch.wanted()).toBe(false);
  post.heard({ type: "watch", run: "r", on: true });
  expect([watch.wanted(), watch.due(), watch.due()]).toEqual([true, true, false]);
  page.now += 0.25;
  expect(watch.due()).toBe(true);
  watch.tell(() => {
    page.now += 1;
    return {} as never;
  });
  expect(said()).toEqual(["fit"]);
  page.now += 3;
  expect(watch.due()).toBe(false);
  page.now += 1;
  expect(watch.due()).toBe(true);
});
