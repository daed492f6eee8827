/** What a dispatch finds is copied just before it runs, in the next run that does it. */
import { expect, it, vi } from "vitest";
import { Capture } from "./capture.ts";
import type { Step } from "./steps.ts";
import type { CommandStream } from "./stream.ts";

it("copies before the dispatch, once, and says so after the submit", () => {
  const submits: (() => void)[] = [];
  const capture = new Capture({
    afterNextSubmit: (action: () => void) => submits.push(action),
  } as unknown as CommandStream);
  const groups = ["g0", "g1"] as unknown as GPUBindGroup[];
  const step = (group: number): Step =>
    ({ kind: "dispatch", group: groups[group], x: 1, y: 1, z: 1, segments: [] }) as unknown as Step;
  const pool = "pool" as unknown as GPUBuffer;
  const to = "aside" as unknown as GPUBuffer;
  const run = { place: (tensor: number) => ({ buffer: pool, offset: 256 * tensor, bytes: 40 }) };
  const done = vi.fn();

  const list = [step(0), step(1)];
  expect(capture.into(list, run, groups)).toBe(list);
  capture.ask({ command: 1, copies: [[3, to]], done });
  // A run that leaves the segment of that command out.
  expect(capture.into([step(0)], run, groups)).toEqual([step(0)]);
  const copy = { kind: "copy", from: pool, fromOffset: 768, to, toOffset: 0, bytes: 40 };
  expect(capture.into(list, run, groups)).toEqual([step(0), copy, step(1)]);
  expect(done).not.toHaveBeenCalled();
  for (const action of submits) action();
  expect(done).toHaveBeenCalledOnce();
  expect(capture.into(list, run, groups)).toBe(list);
});
