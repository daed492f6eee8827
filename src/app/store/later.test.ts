/** What a place of the page that follows the store sees, and when. */
import { expect, test } from "vitest";
import { createStore } from "zustand";
import { follower, inTasks, isCalm } from "./later.ts";
import { type AppState, getRun } from "./store.ts";

/** A page with a store of its own and tasks that run when told. */
function page() {
  const tasks: (() => void)[] = [];
  const whole = createStore<AppState>()(getRun);
  const inTask = inTasks((run) => tasks.push(run));
  return { tasks, whole, place: () => follower(whole, inTask) };
}

test("what the worker says comes a task later, once for all that was said before it", () => {
  const { tasks, whole, place } = page();
  const { store, follow } = place();
  follow();
  whole.setState({ phase: "running" });
  whole.setState({ budgetSteps: 7 });
  expect(store.getState()).toMatchObject({ phase: "none", budgetSteps: 0 });
  expect(tasks).toHaveLength(1);
  tasks.shift()?.();
  expect(store.getState()).toBe(whole.getState());
  expect(tasks).toHaveLength(0);
  whole.setState({ phase: "paused" });
  tasks.shift()?.();
  expect(store.getState().phase).toBe("paused");
});

test("what a person changes is there at once, with all that was on its way", () => {
  const { tasks, whole, place } = page();
  const { store, follow } = place();
  follow();
  whole.setState({ phase: "running" });
  whole.setState({ sampling: { prompt: "Call me", temperature: 0.7, length: 120 } });
  expect(store.getState()).toBe(whole.getState());
  tasks.shift()?.();
  expect(store.getState()).toBe(whole.getState());
});

test("each place has a task of its own, in the order in which they follow", () => {
  const { tasks, whole, place } = page();
  const places = [place(), place()];
  for (const { follow } of places) follow();
  whole.setState({ pinned: "block/2" });
  const seen = () => places.map(({ store }) => store.getState().pinned);
  tasks.shift()?.();
  expect(seen()).toEqual(["block/2", null]);
  tasks.shift()?.();
  expect(seen()).toEqual(["block/2", "block/2"]);
});

test("a place that comes late, or comes back, has what it missed; one that left is not told", () => {
  const { tasks, whole, place } = page();
  const { store, follow } = place();
  whole.setState({ phase: "running" });
  const leave = follow();
  expect(store.getState().phase).toBe("running");
  leave();
  whole.setState({ phase: "paused" });
  expect(tasks).toHaveLength(0);
  follow();
  expect(store.getState().phase).toBe("paused");
});

test("nothing that an input shows is calm", () => {
  const now = getRun();
  const inputs: Partial<AppState>[] = [
    { draft: { ...now.draft } },
    { base: { ...now.base } },
    { cursor: 3 },
    { smoothing: 0.5 },
    { logY: !now.logY },
    { sampling: { ...now.sampling } },
    { lensLayer: 1 },
    { tryAsked: { ...now.tryAsked } as AppState["tryAsked"] },
    { railFolded: true },
  ];
  for (const change of inputs) expect(isCalm({ ...now, ...change }, now), Object.keys(change)[0]).toBe(false);
  expect(isCalm({ ...now, phase: "running", pinned: "text" }, now)).toBe(true);
});
