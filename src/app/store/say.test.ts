import { describe, expect, it } from "vitest";
import type { WorkerMessage } from "../../run/messages.ts";
import { anatomy, CONFIG, grew, RUN, recorder, STARTED, state } from "./recorded.ts";
import { reduce } from "./reduce.ts";
import { joinedNames, sayEvent, saySum } from "./say.ts";
import { emptySession, type Mark, type Session, startedSession } from "./session.ts";

const play = (messages: readonly WorkerMessage[], from?: Session): Session =>
  messages.reduce(reduce, from ?? startedSession(emptySession(), RUN, CONFIG));

function grownAt(step: number, blocks: number, over: object = {}): Session {
  const r = recorder();
  return play([
    r.events(0, STARTED),
    state({ anatomy: anatomy(blocks) }),
    r.steps(1, step),
    r.events(step, grew("1", "0", over)),
    state({ anatomy: anatomy(blocks + 1), now: "1" }),
  ]);
}

describe("sentences for screen readers", () => {
  it("a growth that keeps the function", () => {
    const s = grownAt(3850, 2);
    expect(sayEvent(s.marks[0] as Mark, s)).toBe(
      "Block 3 joined at step 3,850. Loss 1.642 before and after.",
    );
  });

  it("a growth by copies that changes the loss", () => {
    const r = recorder();
    const layers = (n: number): ReturnType<typeof anatomy> => ({
      ...anatomy(n),
      tiers: anatomy(n).tiers.map((tier, i) => ({ ...tier, id: `l${i}`, name: `Layer ${i + 1}` })),
    });
    const s = play([
      r.events(0, STARTED),
      state({ anatomy: layers(2) }),
      r.events(1500, grew("1", "0", { lossBefore: 1.98, lossAfter: 2.29, copies: { l2: "l0", l3: "l1" } })),
      state({ anatomy: layers(4), now: "1" }),
    ]);
    expect(sayEvent(s.marks[0] as Mark, s)).toBe(
      "Layers 3 and 4 joined at step 1,500, copied from 1 and 2. Loss 1.98, now 2.29.",
    );
  });

  it("a cut", () => {
    const figures = {
      kind: "prune",
      activeBefore: 16_384,
      activeAfter: 14_418,
      lossBefore: 1.64,
      lossAfter: 1.644,
    };
    const s = grownAt(4200, 2, figures);
    expect(sayEvent(s.marks[0] as Mark, s)).toBe(
      "Pruned 1,966 weights at step 4,200, 12 percent. Loss up .004.",
    );
    const small = grownAt(4200, 2, { ...figures, lossAfter: 1.6398 });
    expect(sayEvent(small.marks[0] as Mark, small)).toContain("12 percent. Loss down 2e-4.");
    const even = grownAt(4200, 2, { ...figures, lossBefore: 1, lossAfter: 3 });
    expect(sayEvent(even.marks[0] as Mark, even)).toContain("12 percent. Loss up 2.");
  });

  it("an undo, and the same event again", () => {
    const r = recorder();
    const s = play([
      r.events(0, STARTED),
      state({ anatomy: anatomy(3) }),
      r.steps(1, 3850),
      r.events(3850, grew("1", "0"), { type: "history/moved", from: "1", to: "0", toStep: 3850 }),
      state({ anatomy: anatomy(2) }),
    ]);
    expect(sayEvent(s.marks[s.marks.length - 1] as Mark, s)).toBe("Undone. Back to 2 blocks at step 3,850.");
    const again = [
      r.events(3850, { type: "history/moved", from: "0", to: "1", toStep: 3850 }),
      state({ anatomy: anatomy(3), now: "1" }),
    ].reduce(reduce, s);
    expect(sayEvent(again.marks[again.marks.length - 1] as Mark, again)).toBe(
      "Redone. Forward to 3 blocks at step 3,850.",
    );
  });

  it("many are summed", () => {
    const one = grownAt(1000, 1).marks[0] as Mark;
    const cuts = [1100, 1200, 1300, 1400].map(
      (step): Mark => ({ ...one, kind: "cut", clock: { ...one.clock, step } }),
    );
    expect(saySum([one, ...cuts])).toBe("5 changes since step 1,000: 4 prunes, 1 growth.");
  });

  it("names of a kind are joined, others listed", () => {
    expect(joinedNames(["Block 3"])).toBe("Block 3");
    expect(joinedNames(["Layer 3", "Layer 4", "Layer 5"])).toBe("Layers 3, 4 and 5");
    expect(joinedNames(["Layer 3", "Head"])).toBe("Layer 3 and Head");
  });
});
