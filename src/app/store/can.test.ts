import { expect, test } from "vitest";
import { beforeAsking, canNow } from "./can.ts";
import type { AppState } from "./store.ts";

const said = "The next block makes 72 cells, the config allows 32. Training goes on.";
const state = {
  arch: { id: "lstm" },
  can: { cascade: said, stack: "LSTM has no layers to stack.", magnitude: true },
} as unknown as NonNullable<AppState["state"]>;

test("what is refused with the usual values may be possible with others", () => {
  expect(canNow({ state }, { id: "cascade" })).toBe(said);
  expect(canNow({ state }, { id: "cascade", cells: 64 })).toBe(said);
  expect(canNow({ state }, { id: "cascade", cells: 8 })).toBe(true);
});

test("a method of another model is none with any values, and without a run nothing is known", () => {
  expect(canNow({ state }, { id: "stack", map: "interpolate" })).toBe("LSTM has no layers to stack.");
  expect(canNow({ state }, { id: "magnitude", share: 0.9 })).toBe(true);
  expect(canNow({ state: null }, { id: "cascade" })).toBeUndefined();
});

test("a run that is done is to be continued before anything is asked of it", () => {
  expect(beforeAsking({ phase: "paused" })).toBeNull();
  expect(beforeAsking({ phase: "running" })).toBe("Pause");
  expect(beforeAsking({ phase: "ended" })).toBe("The run is done: continue it, then pause");
});
