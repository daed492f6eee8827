/** A browser without room: one sentence, and nothing of the person's is lost. The database is one that refuses to write. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { defaultConfig } from "../../run/default-config.ts";
import { requestSnapshot } from "./client.ts";
import { forgetHere, keepCurrent, keepNodes } from "./saves.ts";
import { getRun, setRun } from "./store.ts";

const kept = vi.hoisted(() => ({
  runs: [] as { run: string; name: string; at: number }[],
  /** Runs that fit. */
  room: 1,
}));

vi.mock("./client.ts", () => ({ send: vi.fn(), requestSnapshot: vi.fn() }));
vi.mock("idb", () => {
  const full = () => new DOMException("no room", "QuotaExceededError");
  const fits = () => kept.runs.length < kept.room;
  const db = {
    getAll: async () => kept.runs,
    put: async () => {
      throw full();
    },
    transaction: () => {
      let error: unknown = null;
      const store = (name: string) => ({
        // As browsers do: the write is taken, and the transaction then fails as a whole.
        put: async (value: { run: string; name: string; at: number }) => {
          if (!fits()) error = full();
          else if (name === "runs") kept.runs.push(value);
        },
        delete: async (key: string) => {
          if (name === "runs") kept.runs = kept.runs.filter(({ run }) => run !== key);
        },
      });
      return {
        objectStore: store,
        get done() {
          return Promise.resolve().then(() => {
            if (error !== null) throw error;
          });
        },
      };
    },
  };
  return { openDB: async () => db };
});

const start = getRun();
const bytes = new ArrayBuffer(64);

beforeEach(() => {
  vi.stubGlobal("IDBKeyRange", { bound: () => "nodes" });
  vi.stubGlobal("sessionStorage", { setItem: () => {}, removeItem: () => {}, getItem: () => null });
  vi.stubGlobal("location", { hash: "" });
  vi.mocked(requestSnapshot).mockResolvedValue(bytes);
  kept.runs = [{ run: "old", name: "An old run", at: Date.UTC(2026, 4, 3, 12) }];
  kept.room = 1;
  const clock = { ...start.clock, step: 40 };
  setRun({ run: "mine", baseName: "Mine", phase: "paused", config: defaultConfig(), clock });
});

afterEach(() => {
  forgetHere();
  vi.unstubAllGlobals();
  setRun(start, true);
});

const notice = (id: string) => getRun().notices.find((each) => each.id === id);

it("says in one sentence what can be done, and takes nothing by itself", async () => {
  const before = getRun();
  await keepCurrent(true);
  expect(notice("storage")!.text).toBe(
    "This browser has no room left to keep this run, which stays whole while the page is open: save it to a file, or the oldest kept run, An old run from 3 May, can go.",
  );
  expect(notice("storage")!.actions.map(({ label }) => label)).toEqual(["Remove it", "Save to a file"]);
  expect(kept.runs.map(({ run }) => run)).toEqual(["old"]);
  // All but the notice is as it was.
  const { notices: _, closed: __, ...now } = getRun();
  expect(before).toMatchObject(now);
});

it("keeps the run when the person makes room, and says so again when that was not enough", async () => {
  await keepCurrent();
  notice("storage")!.actions[0]!.run();
  await vi.waitFor(() => expect(kept.runs.map(({ run }) => run)).toEqual(["mine"]));
  await vi.waitFor(() => expect(notice("storage")).toBeUndefined());

  kept.runs = [{ run: "old", name: "An old run", at: 0 }];
  kept.room = 0;
  setRun((s) => ({ clock: { ...s.clock, step: 41 } }));
  await keepCurrent();
  notice("storage")!.actions[0]!.run();
  await vi.waitFor(() => expect(kept.runs).toEqual([]));
  await vi.waitFor(() => expect(notice("storage")!.text).toMatch(/open: save it to a file\.$/));
});

it("is not told again by itself once closed, but when the run is about to be replaced", async () => {
  setRun((s) => ({ run: "third", clock: { ...s.clock, step: 42 } }));
  await keepCurrent(true);
  setRun({ notices: [], closed: new Set(["storage"]) });
  const asked = vi.mocked(requestSnapshot).mock.calls.length;
  await keepCurrent(true);
  // The same state is not asked for again either.
  expect(vi.mocked(requestSnapshot).mock.calls).toHaveLength(asked);
  setRun((s) => ({ clock: { ...s.clock, step: 43 } }));
  await keepCurrent(true);
  expect(notice("storage")).toBeUndefined();
  await keepCurrent();
  expect(notice("storage")).toBeDefined();
});

it("tells of the tree's states, which the device still has", async () => {
  const node = (id: string, parent: string | null) => ({ id, parent, restorable: true });
  setRun({ state: { now: "n1", nodes: [node("start", null), node("n1", "start")] } as never });
  await keepNodes();
  expect(notice("storage-nodes")!.text).toMatch(/^This browser has no room left for the states in the tree:/);
  expect(getRun().keptNodes.size).toBe(0);
  expect(getRun().state!.nodes).toHaveLength(2);
});
