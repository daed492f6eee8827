/** The run in the hands of the rounds: what is waited for, and whose doing ends them. The worker is made up. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Choice } from "../../run/config.ts";
import { type PageCommand, type Preview, requestPreview, send } from "./client.ts";
import { retrain, startRounds, stopRounds, useRounds } from "./in-rounds.ts";
import type { Mark } from "./session.ts";
import { type AppState, getRun, setRun } from "./store.ts";

vi.mock("./client.ts", () => ({ send: vi.fn(), requestPreview: vi.fn() }));

const start = getRun();
const action = { id: "magnitude", mode: "fraction", share: 0.5 };
const rounds = { action, retrain: 20, most: 2, allowed: 10 };

const at = (step: number) => ({ state: { step, nodes: [] } }) as unknown as Partial<AppState>;
const until = (holds: () => void): Promise<void> => vi.waitFor(holds, { interval: 1 });
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** What the worker does with each command, in turns of its own; and what it was sent. */
const did: string[] = [];
let weights = 800;
let losses: (number | string | null)[] = [];
let answers: { readonly [T in PageCommand["type"]]?: (command: Extract<PageCommand, { type: T }>) => void } =
  {};

const pruned = (method = action.id): Mark =>
  ({
    id: `m${weights}`,
    done: { method, activeBefore: weights, activeAfter: (weights /= 2), parent: `n${2 * weights}` },
  }) as unknown as Mark;

const usual = {
  act() {
    setRun({ phase: "growing" });
    setRun(({ marks }) => ({ marks: [...marks, pruned()] }));
    setRun({ phase: "paused" });
  },
  step({ count }: { readonly count: number }) {
    const from = getRun().state!.step;
    setRun({ phase: "running" });
    for (let k = 10; k < count; k += 10) setRun(at(from + k));
    setRun({ ...at(from + count), phase: "paused" });
  },
  goto: () => setRun({ moving: null }),
};

beforeEach(() => {
  [did.length, weights, losses, answers] = [0, 800, [], usual];
  setRun({ run: "r", phase: "paused", marks: [], refusal: null, ...at(100) });
  vi.mocked(requestPreview).mockImplementation(async () => {
    did.push("ask");
    const loss = losses.shift() ?? null;
    if (loss === null) return null;
    const told =
      typeof loss === "string" ? { outcome: null, message: loss } : { outcome: { lossBefore: loss } };
    return told as unknown as Preview;
  });
  vi.mocked(send).mockImplementation((command) => {
    const { type } = command;
    did.push(type === "step" ? `step ${command.count}` : type === "goto" ? `goto ${command.node}` : type);
    void turn().then(() => answers[type]?.(command as never));
  });
});
afterEach(() => setRun(start, true));

it("cuts, trains and judges, each when the run has done the one before, and says what came of it", async () => {
  losses = [0.5, 0.52, 0.54];
  const told: string[] = [];
  const off = useRounds.subscribe(({ says }) => told.push(says));
  const done = startRounds(rounds);
  expect(useRounds.getState()).toMatchObject({ on: true, says: "", of: "magnitude " });
  await done;
  off();
  expect(did).toEqual(["ask", "act", "step 20", "ask", "act", "step 20", "ask"]);
  expect(getRun().state!.step).toBe(140);
  expect(told).toContain("Round 2 of 2: 200 weights in use, training 20 steps.");
  const says = "2 rounds: 800 weights in use, now 200; loss on the probe batch .500, now .540.";
  expect(useRounds.getState()).toMatchObject({ on: false, says, of: "magnitude " });
});

it("goes back to the state before the cut, and is done when the run is there", async () => {
  losses = [0.5, 0.6];
  answers = { ...usual, goto: () => {} };
  const done = startRounds(rounds);
  await until(() => expect(did.at(-1)).toBe("goto n800"));
  await turn();
  expect(useRounds.getState().on).toBe(true);
  setRun({ moving: null, phase: "running" });
  await turn();
  expect(useRounds.getState().on).toBe(true);
  setRun({ phase: "paused" });
  await done;
  expect(useRounds.getState().says).toMatch(/^Round 1 came back to .600 only/);
});

it("waits until the run stands before it asks, and after the cut before it trains", async () => {
  losses = [0.5];
  setRun({ phase: "running" });
  answers = { act: () => setRun(({ marks }) => ({ phase: "growing", marks: [...marks, pruned()] })) };
  const done = startRounds(rounds);
  await turn();
  expect(did).toEqual([]);
  setRun({ phase: "paused" });
  await until(() => expect(did).toEqual(["ask", "act"]));
  await turn();
  await turn();
  expect(did).toEqual(["ask", "act"]);
  setRun({ phase: "paused" });
  await until(() => expect(did.at(-1)).toBe("step 20"));
  stopRounds();
  await done;
});

it("takes no other event, and no earlier one, for its cut, nor an earlier refusal for an answer", async () => {
  losses = [0.5];
  const refusal = (id: string, message: string) => ({ refusal: { id, about: "act" as const, message } });
  setRun({ ...refusal("old", "An old one."), marks: [pruned()] });
  const act = (): void => {
    setRun(({ marks }) => ({ marks: [...marks, pruned("cascade")] }));
    setRun(({ marks }) => ({ marks: marks.slice(0, 1) }));
  };
  answers = { act };
  const done = startRounds(rounds);
  await until(() => expect(did.at(-1)).toBe("act"));
  await turn();
  await turn();
  expect(useRounds.getState().on).toBe(true);
  setRun(refusal("new", "It would disconnect fc1."));
  await done;
  expect(useRounds.getState().says).toBe("It would disconnect fc1.");
});

it("says why not where the first question is refused, and cuts nothing", async () => {
  losses = ["Nothing is old enough."];
  await startRounds(rounds);
  expect([did, useRounds.getState().says]).toEqual([["ask"], "Nothing is old enough."]);
});

it.each([
  ["Stop", () => stopRounds()],
  ["a pause", () => setRun({ phase: "paused" })],
  ["the end of the budget", () => setRun({ phase: "ended" })],
  ["a loss that is no number", () => setRun({ phase: "diverged" })],
  ["another run", () => setRun({ run: "another", phase: "paused", ...at(500) })],
])("%s ends them in the midst of training, and nothing more is cut", async (_what, end) => {
  losses = [0.5, 0.5, 0.5];
  answers = { ...usual, step: () => setRun({ ...at(110), phase: "running" }) };
  const done = startRounds(rounds);
  await until(() => expect(getRun().state!.step).toBe(110));
  expect(useRounds.getState().on).toBe(true);
  end();
  await done;
  expect(useRounds.getState()).toMatchObject({
    on: false,
    says: "Stopped while round 1 was training, with 400 weights in use.",
  });
  expect(did.filter((each) => each !== "pause")).toEqual(["ask", "act", "step 20"]);
});

it("that are stopped while the network is asked do nothing more, nor when others have begun meanwhile", async () => {
  const waiting: ((answer: Preview | null) => void)[] = [];
  vi.mocked(requestPreview).mockImplementation(() => new Promise((resolve) => waiting.push(resolve)));
  const answer = { outcome: { lossBefore: 0.5 }, message: "" } as unknown as Preview;
  const first = startRounds(rounds);
  await turn();
  stopRounds();
  const others = startRounds({ ...rounds, action: { ...action, id: "iterative" } });
  await turn();
  waiting[0]!(answer);
  await first;
  await turn();
  expect(did).toEqual(["pause"]);
  expect(useRounds.getState()).toMatchObject({ on: true, says: "", of: "iterative " });
  stopRounds();
  waiting[1]!(answer);
  await others;
  expect(did).toEqual(["pause", "pause"]);
  expect(useRounds.getState()).toMatchObject({ on: false, says: "Stopped before the first round." });
});

it("hears of steps that were over before it was told of the first, and of none at all", async () => {
  losses = [0.5, 0.4];
  answers = { step: ({ count }) => setRun(at(100 + count)) };
  await retrain(3, action);
  expect(useRounds.getState().says).toMatch(/^Trained 3 steps/);
  answers = {
    step() {
      setRun({ phase: "running" });
      setRun({ phase: "paused" });
    },
  };
  await retrain(3, action);
  expect(useRounds.getState().says).toBe("Stopped before all steps were trained.");
});

it("retrains by so many steps and says both losses, or that it was stopped", async () => {
  losses = [0.5, 0.4];
  await retrain(30, { ...action, target: "fc1" } as Choice);
  expect(did).toEqual(["ask", "step 30", "ask"]);
  expect(useRounds.getState()).toMatchObject({
    ...{ on: false, of: "magnitude fc1" },
    says: "Trained 30 steps: loss on the probe batch .500, now .400.",
  });
  // What cannot be cut tells no loss, and is trained all the same.
  losses = ["Nothing is old enough.", 0.4];
  await retrain(1, action);
  expect(useRounds.getState().says).toBe("Trained 1 step.");
  answers = {};
  const done = retrain(30, action);
  await turn();
  await turn();
  stopRounds();
  await done;
  expect(useRounds.getState().says).toBe("Stopped before all steps were trained.");
  expect(did.at(-1)).toBe("pause");
});
