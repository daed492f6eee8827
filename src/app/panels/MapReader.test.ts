import { expect, it } from "vitest";
import { entryAfter } from "./MapReader.tsx";

it("leads by keys through a map, and never out of it", () => {
  const go = (key: string, far = false, from: readonly [number, number] = [1, 1]) =>
    entryAfter(key, far, from, 3, 20);
  expect([go("ArrowUp"), go("ArrowDown"), go("ArrowLeft"), go("ArrowRight")]).toEqual([
    [0, 1],
    [2, 1],
    [1, 0],
    [1, 2],
  ]);
  expect([go("Home"), go("End"), go("ArrowRight", true), go("ArrowDown", true)]).toEqual([
    [1, 0],
    [1, 19],
    [1, 11],
    [2, 1],
  ]);
  expect(go("Tab")).toBeNull();
});
