import { describe, expect, it } from "vitest";
import { growthActions } from "../../store/catalog.ts";
import type { AppState } from "../../store/store.ts";
import { gatheringLine, preparingLine } from "./Preparing.tsx";

const asked = (method: string) => [{ method, predicted: null }];
const running = { growing: null, phase: "running" } as const;

describe("while an action is prepared", () => {
  it("the stage says what is being prepared, and that training goes on", () => {
    const growth = growthActions[0]!.id;
    expect(preparingLine({ ...running, asked: asked(growth) })).toBe(
      "Preparing the larger network; training goes on.",
    );
    expect(preparingLine({ ...running, asked: asked("magnitude") })).toBe(
      "Preparing the change; training goes on.",
    );
  });

  it("it says nothing when nothing waits, when it has begun, and in a run that rests", () => {
    expect(preparingLine({ ...running, asked: [] })).toBe("");
    expect(preparingLine({ ...running, asked: asked("x"), growing: { method: "x", kernels: 3 } })).toBe("");
    expect(preparingLine({ ...running, asked: asked("x"), phase: "paused" })).toBe("");
  });
});

it("an action that waits for gradients counts its batches, and says what brings them", () => {
  const gathering = { method: "connections", opened: 40, closes: 60 };
  const at = (step: number, phase: AppState["phase"]) =>
    gatheringLine({
      state: { gathering } as AppState["state"],
      clock: { step, tokens: 0, flops: 0, seconds: 0 },
      phase,
    });
  expect(at(47, "running")).toBe("Grow connections: gradients of 7 of 20 batches.");
  expect(at(40, "paused")).toBe("Grow connections: gradients of 0 of 20 batches. Play goes on with it.");
  expect(
    gatheringLine({ state: null, clock: { step: 1, tokens: 0, flops: 0, seconds: 0 }, phase: "none" }),
  ).toBe("");
});
