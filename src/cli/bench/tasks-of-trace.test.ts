import { expect, it } from "vitest";
import { longestMainTask } from "./tasks-of-trace.ts";

const thread = (pid: number, tid: number, name: string) => ({
  ph: "M",
  name: "thread_name",
  pid,
  tid,
  args: { name },
});
const task = (pid: number, tid: number, tdur: number) => ({
  ph: "X",
  name: "ThreadControllerImpl::RunTask",
  pid,
  tid,
  tdur,
});

it("finds the longest task of the main thread beside the worker, in milliseconds", () => {
  const events = [
    thread(1, 1, "CrRendererMain"),
    thread(2, 1, "CrRendererMain"),
    thread(2, 7, "DedicatedWorker thread"),
    task(1, 1, 900_000),
    task(2, 7, 800_000),
    task(2, 1, 3000),
    task(2, 1, 12_500),
  ];
  expect(longestMainTask(events)).toBe(12.5);
  expect(longestMainTask(events.filter(({ tid }) => tid !== 7))).toBeNull();
});
