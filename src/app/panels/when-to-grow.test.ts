/** When a plateau is judged next: as the trigger itself decides. */
import { expect, it } from "vitest";
import { plateau } from "../../methods/trigger/plateau.ts";
import { sayEntry } from "../controls/say-entry.ts";
import { atLimit, judgedAt, ofGrowth, whenGrown } from "./WhenToGrow.tsx";

const values = { beta: 0.5, window: 4, every: 3, cooldown: 10, patience: 9, threshold: 0.02 };
const trigger = { id: "plateau", ...values };

it("is the step at which the trigger's gain moves", () => {
  let state = plateau.start(values);
  const judged: number[] = [];
  const told = new Set<number | null>();
  let last = 0;
  for (let step = 1; step <= 60; step++) {
    told.add(judgedAt(trigger, step - 1, last));
    const next = plateau.observe(state, { step, loss: 5 / step, fraction: 0 }, values).state;
    if (next.gain !== state.gain) judged.push(step);
    state = next;
    if (step === 30) {
      state = plateau.reset(state, step);
      last = step;
    }
  }
  expect(judged.slice(0, 3)).toEqual([12, 15, 18]);
  expect([...told].filter((step) => step !== 33 && step !== 36 && step !== 39 && step! <= 60)).toEqual(
    judged,
  );
  expect(judgedAt({ id: "every", steps: 3 }, 0, 0)).toBe(null);
});

it("is said in words that go with the heading, and with the method before them", () => {
  expect(whenGrown({ id: "at", fraction: 0.2 }, 400)).toBe("at step 80, 20 % of the budget");
  expect(whenGrown({ id: "at", fraction: 0.2 }, 0)).toBe("at 20 % of the budget");
  expect(whenGrown({ id: "manual" }, 400)).toBe("by hand");
  expect(whenGrown(trigger, 400)).toBe("when the loss stops falling, checked every 3 steps");
  expect(sayEntry({ trigger, action: { id: "cascade" } })).toBe("Cascade when the loss stops falling");
  expect(sayEntry({ trigger: { id: "until" }, action: { id: "magnitude" } })).toBe(
    "Magnitude pruning while it recovers",
  );
});

it("a rule that grows towards a goal is not said to wait for a fall", () => {
  expect(atLimit("plateau")).toBe("Grows when it falls under");
  expect(atLimit("until-good")).toBe("Grows while it is short of");
});

it("shows what was said to a growth, and not what was said to a cut", () => {
  const said = (message: string, about: "act" | "growth" | "goto" = "act") => ({ id: "x", about, message });
  expect(ofGrowth(said("Not grown: there is no room."))).toBe(true);
  expect(ofGrowth(said("This run has ended. Continue it first."))).toBe(true);
  expect(ofGrowth(said("Not compacted: no unit is cut off; prune first."))).toBe(false);
  expect(ofGrowth(said("Not pruned: nothing is old enough.", "growth"))).toBe(false);
  expect(ofGrowth(said("Not grown: there is no room.", "goto"))).toBe(false);
});
