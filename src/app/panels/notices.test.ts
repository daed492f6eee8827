import { describe, expect, it } from "vitest";
import { csvOf } from "../charts/save-chart.ts";
import { CONFIG, RUN, recorder, STARTED } from "../store/recorded.ts";
import { reduce } from "../store/reduce.ts";
import { emptySession, startedSession } from "../store/session.ts";
import { type AppState, getRun } from "../store/store.ts";
import { noticesOf } from "./Notices.tsx";

const software = { id: "software", tone: "warn", text: "No GPU found.", actions: [] } as const;

function stateAfter(...messages: Parameters<typeof reduce>[1][]): AppState {
  const session = messages.reduce(reduce, startedSession(emptySession(), RUN, CONFIG));
  return { ...getRun(), ...session, draft: CONFIG, notices: [software] };
}

const texts = (state: AppState): string[] => noticesOf(state).map((notice) => notice.text);

describe("notices", () => {
  it("the end of the budget is told with its figures, before what device this is", () => {
    const r = recorder();
    const state = stateAfter(
      r.events(0, STARTED),
      r.steps(1, 2900),
      r.events(
        2900,
        { type: "eval", loss: 1.518, tokens: 1, flops: 1 },
        { type: "run/ended", reason: "budget", message: "" },
      ),
    );
    expect(texts(state)).toEqual([
      "Done: 2,900 steps in 29 s. Validation loss 1.52. Continue for 6,000 more?",
      "No GPU found.",
    ]);
    expect(noticesOf(state)[0]?.actions.map((action) => action.label)).toEqual(["Continue"]);
  });

  it("a diverged run says what the trainer says and offers both ways back", () => {
    const r = recorder();
    const message = "The loss stopped being a number at step 3.";
    const started = stateAfter(r.events(0, STARTED), r.steps(1, 3));
    const base = stateAfter();
    const session = reduce(started, r.events(3, { type: "run/ended", reason: "diverged", message }));
    // Ways back need a history; without a state of the run there is none.
    expect(noticesOf({ ...base, ...session })[0]).toMatchObject({ text: message, tone: "bad", actions: [] });
    const state = { nodes: [], now: "0" } as unknown as AppState["state"];
    const labels = noticesOf({ ...base, ...session, state })[0]?.actions.map((action) => action.label);
    expect(labels).toEqual(["Go back", "Go back with half the rate"]);
  });

  it("pruning that waits for a goal is asked about, with what can be done, until it is answered", () => {
    const question = { of: 1, text: "The goal is not reached: prune all the same?", grows: true };
    const run = { nodes: [], now: "0", question } as unknown as AppState["state"];
    const [asked] = noticesOf({ ...stateAfter(), state: run });
    expect(asked).toMatchObject({ text: question.text, tone: "warn" });
    expect(asked?.actions.map((action) => action.label)).toEqual(["Prune anyway", "Keep growing", "Stop"]);
    const still = { ...run, question: { ...question, grows: false } } as AppState["state"];
    expect(noticesOf({ ...stateAfter(), state: still })[0]?.actions[1]?.label).toBe("Train on");
    expect(texts({ ...stateAfter(), state: { ...run, question: null } as AppState["state"] })).toEqual([
      "No GPU found.",
    ]);
  });

  it("a lost device comes first, a closed notice not at all", () => {
    const state = stateAfter({
      type: "device-lost",
      run: RUN,
      message: "The GPU was taken away.",
      restored: true,
    });
    expect(texts(state)[0]).toBe("The GPU was taken away.");
    const closed = { ...state, closed: new Set(noticesOf(state).map((notice) => notice.id)) };
    expect(noticesOf(closed)).toEqual([]);
  });

  it("a refused command is a notice, a refused growth stands at its button", () => {
    const refused = stateAfter({
      type: "refused",
      run: RUN,
      command: "goto",
      message: "That state is gone.",
    });
    expect(texts(refused)[0]).toBe("That state is gone.");
    const r = recorder();
    const growth = stateAfter(
      r.events(0, STARTED, {
        type: "structure/refused",
        kind: "grow",
        method: "cascade",
        by: "hand",
        message: "Not grown.",
      }),
    );
    expect(texts(growth)).toEqual(["No GPU found."]);
  });
});

describe("CSV", () => {
  it("has every recorded step with all clocks, not the thinned curve", () => {
    const r = recorder();
    const lines = csvOf(stateAfter(r.events(0, STARTED), r.steps(1, 5000)))
      .trim()
      .split("\n");
    expect(lines).toHaveLength(5001);
    expect(lines[0]).toBe("line,part,step,characters,flops,seconds,loss");
    expect(lines[5000]).toMatch(/^main,train,5000,10240000,5000000000,50,0\.0622/);
  });
});
