import { expect, it } from "vitest";
import type { Mark } from "../store/session.ts";
import { grouped } from "./marks.ts";

const mark = (id: string, step: number) => ({ id, clock: { step } }) as Mark;
const ids = (marks: readonly Mark[]) =>
  grouped(marks, ({ clock }) => clock.step).map((group) => group.map(({ id }) => id).join(""));

it("folds events that would hide each other, and a crowded hundred pixels as a whole", () => {
  expect(ids([mark("a", 10), mark("b", 10), mark("c", 30), mark("d", 12)])).toEqual(["abd", "c"]);
  expect(ids([mark("a", 10), mark("b", 14), mark("c", 18)])).toEqual(["a", "b", "c"]);
  const many = Array.from({ length: 13 }, (_, i) => mark(String.fromCharCode(97 + i), i * 7));
  expect(ids(many)).toEqual(["abcdefghijklm"]);
  expect(ids(many.slice(1))).toHaveLength(12);
});
