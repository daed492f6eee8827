/** The line of the recipe by itself: when its entries act, and what stays of them when a run goes back. */
import { describe, expect, it } from "vitest";
import { LAG, Line } from "./line.ts";

describe("the line of the recipe", () => {
  const grow = { id: "cascade", cells: 4 };
  const plateau = {
    trigger: { id: "plateau", beta: 0, window: 1, every: 1, cooldown: 0, patience: 1, threshold: 0.1 },
    action: grow,
  };
  /** Constant losses: fires as soon as two windows are there. */
  const fed = (line: Line, upTo: number) => {
    for (let step = 1; step <= upTo; step++) {
      line.arrive(step, step / 100);
      line.observeLoss(step, 2, step / 100);
    }
  };

  it("acts LAG steps after the judged loss, and forgets judgements that an event made stale", () => {
    const line = Line.start([plateau]);
    fed(line, 2);
    expect(line.next(2)).toBeNull();
    expect(line.hasDue(2 + LAG - 1)).toBe(false);
    expect(line.next(2 + LAG)?.index).toBe(0);
    line.reset(5);
    expect(line.hasDue(2 + LAG)).toBe(false);
  });

  it("leaves out the last automatic action for each skip", () => {
    const every = { trigger: { id: "every", steps: 10, times: 5 }, action: grow };
    const skip = { trigger: { id: "step", step: 10 }, action: { id: "skip" } };
    const line = Line.start([every, { ...every, action: { id: "fully-connected" } }, skip]);
    line.arrive(10, 0.1);
    expect(line.next(10)?.index).toBe(0);
    line.done(0);
    expect(line.next(10)).toBeNull();
  });

  it("that is gone back on drops entries for that very step and skips the others", () => {
    const every = { trigger: { id: "every", steps: 10, times: 5 }, action: grow };
    const exact = { trigger: { id: "step", step: 10 }, action: { id: "edit", path: "optim.lr", value: 0.1 } };
    const line = Line.start([exact, every]);
    line.arrive(10, 0.1);
    expect(line.leaveOut(10)).toBe(true);
    expect(line.recipe).toEqual([every, { trigger: { id: "step", step: 10 }, action: { id: "skip" } }]);
    expect(line.next(10)).toBeNull();
    expect(line.leaveOut(10)).toBe(false);
  });

  it("keeps what a note refers to when an entry before it leaves the recipe", () => {
    const every = { trigger: { id: "every", steps: 10, times: 5 }, action: grow };
    const exact = { trigger: { id: "step", step: 10 }, action: { id: "edit", path: "optim.lr", value: 0.1 } };
    const line = Line.start([every, exact, plateau]);
    line.rest(4, 2);
    line.rest(4, 0);
    line.remove(1);
    const resting = (of: number) => ({ trigger: { id: "step", step: 4 }, action: { id: "rest", of } });
    expect(line.recipe).toEqual([every, plateau, resting(1), resting(0)]);
  });

  it("keeps one entry for a setting that is dragged at one step", () => {
    const line = Line.start([]);
    for (const value of [0.1, 0.2, 0.3]) line.record(4, { id: "edit", path: "optim.lr", value });
    line.record(4, { id: "edit", path: "optim.clip", value: 2 });
    expect(line.recipe.map(({ action }) => action.value)).toEqual([0.3, 2]);
  });
});
