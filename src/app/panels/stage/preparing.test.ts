import { describe, expect, it } from "vitest";
import { growthActions } from "../../store/catalog.ts";
import { preparingLine } from "./Preparing.tsx";

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
