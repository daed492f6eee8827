/** Undo, pressed again before the run has gone back, is one undo. */
import { afterEach, expect, it, vi } from "vitest";
import { undo } from "./actions.ts";
import { send } from "./client.ts";
import type { Mark } from "./session.ts";
import { getRun, setRun } from "./store.ts";

vi.mock("./client.ts", () => ({ send: vi.fn() }));

const start = getRun();
afterEach(() => {
  setRun(start, true);
  vi.mocked(send).mockClear();
});

const mark = (node: string, parent: string) => ({ id: node, node, done: { parent } }) as unknown as Mark;

it("goes back once while the run has not answered, and again when it has", async () => {
  setRun({ marks: [mark("n1", "start"), mark("n2", "n1")] });
  undo();
  undo();
  await vi.waitFor(() => expect(send).toHaveBeenCalled());
  expect(vi.mocked(send).mock.calls).toEqual([[{ type: "goto", node: "n1" }]]);
  // The run is there: its marks are those of that state.
  setRun({ moving: null, marks: [mark("n1", "start")] });
  undo();
  await vi.waitFor(() => expect(send).toHaveBeenCalledTimes(2));
  expect(vi.mocked(send).mock.calls[1]).toEqual([{ type: "goto", node: "start" }]);
});
