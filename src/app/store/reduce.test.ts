import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WorkerMessage } from "../../run/messages.ts";
import { anatomy, CONFIG, grew, node, RUN, recorder, STARTED, state } from "./recorded.ts";
import { reduce } from "./reduce.ts";
import { column, emptySeries } from "./series.ts";
import { emptySession, type Session, startedSession } from "./session.ts";
import { undoTarget } from "./undo.ts";

function play(messages: readonly WorkerMessage[], from?: Session): Session {
  return messages.reduce(reduce, from ?? startedSession(emptySession(), RUN, CONFIG));
}

const stepsOf = (session: Session): number[] => [...column(session.train, "step")];
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe("reduce", () => {
  it("keeps the device of `ready` and the reason of `no-device`", () => {
    const ready = play([{ type: "ready", device: "SwiftShader", software: true, features: ["f"] }]);
    expect(ready.device).toEqual({ name: "SwiftShader", software: true, features: ["f"] });
    const none = play([{ type: "no-device", reason: "no adapter" }], ready);
    expect(none.noDevice).toBe("no adapter");
    expect(none.device).toBeNull();
  });

  it("gathers steps and evaluations with all their clocks", () => {
    const r = recorder();
    const s = play([
      r.events(0, STARTED, { type: "eval", loss: 4.38, tokens: 0, flops: 0 }),
      r.steps(1, 5),
      r.steps(6, 300),
      r.events(300, { type: "eval", loss: 2, tokens: 300 * 2048, flops: 3e8 }),
    ]);
    expect(stepsOf(s)).toEqual(range(1, 300));
    expect(column(s.train, "tokens")[299]).toBe(300 * 2048);
    expect(column(s.train, "flops")[299]).toBe(3e8);
    expect(column(s.train, "seconds")[299]).toBe(3);
    expect([...column(s.evals, "loss")]).toEqual([4.38, 2]);
    expect(s.clock).toEqual({ step: 300, tokens: 300 * 2048, flops: 3e8, seconds: 3 });
    // 100 steps a second of training, by the events' own clock.
    expect(s.rate?.steps).toBeCloseTo(100, 6);
    expect(s.rate?.tokens).toBeCloseTo(204_800, 3);
    expect(s.vocab).toBe(80);
    expect(s.sizes.map((size) => size.params)).toEqual([33_000]);
  });

  it("ignores the messages of another run", () => {
    const other = recorder("run-0");
    const s = play([other.steps(1, 10), state({ run: "run-0", phase: "ended" })]);
    expect(s.train.length).toBe(0);
    expect(s.phase).toBe("loading");
  });

  it("marks a growth, raises the staircase and names the newborn tiers once the state tells", () => {
    const r = recorder();
    const s = play([
      r.events(0, STARTED),
      state({}),
      r.steps(1, 10),
      r.events(10, {
        type: "structure/begun",
        kind: "grow",
        method: "cascade",
        by: "hand",
        node: "1",
        kernels: 6,
      }),
    ]);
    expect(s.growing).toEqual({ method: "cascade", kernels: 6 });
    const grown = play([r.events(10, grew("1", "0"))], s);
    expect(grown.growing).toBeNull();
    expect(grown.marks.map((m) => [m.kind, m.node, m.clock.step])).toEqual([["growth", "1", 10]]);
    expect(grown.marks[0]?.born).toBeNull();
    expect(grown.sizes.map((size) => size.params)).toEqual([33_000, 79_000]);
    const told = play([state({ anatomy: anatomy(2), now: "1" })], grown);
    expect(told.marks[0]?.born).toEqual([{ id: "layers.0.block.1", name: "Block 2" }]);
    expect(told.parents).toEqual({ "1": "0" });
  });

  const undone = (): { s: Session; r: ReturnType<typeof recorder> } => {
    const r = recorder();
    const s = play([
      r.events(0, STARTED),
      state({}),
      r.steps(1, 10),
      r.events(10, grew("1", "0")),
      r.steps(11, 20),
      r.events(20, { type: "history/moved", from: "1", to: "0", toStep: 10 }),
    ]);
    return { s, r };
  };

  it("undo: what lay beyond stays ahead, the line is as before the growth", () => {
    const { s } = undone();
    expect(stepsOf(s)).toEqual(range(1, 10));
    expect(s.clock.step).toBe(10);
    expect(s.sizes.map((size) => size.params)).toEqual([33_000]);
    expect(s.marks.map((m) => m.kind)).toEqual(["undo"]);
    expect(s.redo).toEqual(["1"]);
    expect(s.branches).toHaveLength(1);
    const branch = s.branches[0];
    expect(branch?.ahead).toBe(true);
    expect(branch && [...column(branch.train, "step")]).toEqual(range(11, 20));
    expect(branch?.marks.map((m) => m.node)).toEqual(["1"]);
    expect(branch?.sizes.map((size) => size.params)).toEqual([79_000]);
    expect([branch?.label, branch?.joinStep, branch?.endStep]).toEqual(["cascade", 10, 20]);
  });

  it("undo, then a step: the part beyond is a branch and nothing can be redone", () => {
    const { s, r } = undone();
    const on = play([r.steps(11, 12)], s);
    expect(stepsOf(on)).toEqual(range(1, 12));
    expect(on.branches.map((b) => b.ahead)).toEqual([false]);
    expect(on.redo).toEqual([]);
  });

  it("undo, then redo: the same curve, mark and size come back", () => {
    const { s, r } = undone();
    const back = play([r.events(10, { type: "history/moved", from: "0", to: "1", toStep: 20 })], s);
    expect(stepsOf(back)).toEqual(range(1, 20));
    expect(back.branches).toEqual([]);
    expect(back.redo).toEqual([]);
    expect(back.sizes.map((size) => size.params)).toEqual([33_000, 79_000]);
    expect(back.marks.map((m) => m.kind)).toEqual(["undo", "growth", "redo"]);
    expect(back.clock.step).toBe(20);
  });

  it("a state left in passing becomes a node: redo brings back its very step", () => {
    const r = recorder();
    const s = play([
      r.events(0, STARTED),
      state({}),
      r.steps(1, 10),
      r.events(10, grew("n2", "n1")),
      r.steps(11, 20),
      // "n3" is made by the move itself: no earlier message names it.
      r.events(20, { type: "history/moved", from: "n3", to: "n1", toStep: 10 }),
    ]);
    expect(s.redo).toEqual(["n3"]);
    expect(undoTarget(s)).toBeNull();
    const back = play([r.events(10, { type: "history/moved", from: "n1", to: "n3", toStep: 20 })], s);
    expect(stepsOf(back)).toEqual(range(1, 20));
    expect(back.branches).toEqual([]);
    expect(undoTarget(back)).toBe("n1");
  });

  it("going into a branch swaps it with the present line", () => {
    const { s, r } = undone();
    const other = play(
      [r.steps(11, 15), r.events(15, grew("2", "0", { method: "fully-connected" })), r.steps(16, 18)],
      s,
    );
    const into = play([r.events(18, { type: "history/moved", from: "2", to: "1", toStep: 10 })], other);
    expect(stepsOf(into)).toEqual(range(1, 10));
    expect(into.sizes.map((size) => size.params)).toEqual([33_000, 79_000]);
    const lines = into.branches.map((b) => [b.node, [...column(b.train, "step")]]);
    expect(lines).toContainEqual(["1", range(11, 20)]);
    expect(lines).toContainEqual(["2", range(11, 18)]);
  });

  it("a branch of what is then undone hangs on it, and comes back with it", () => {
    const { s, r } = undone();
    const other = play([r.steps(11, 15)], s);
    const start = play([r.events(15, { type: "history/moved", from: "0", to: "root", toStep: 0 })], {
      ...other,
      parents: { ...other.parents, "0": "root" },
    });
    const [first, whole] = start.branches;
    expect([first?.node, whole?.node]).toEqual(["1", "0"]);
    expect(first?.parent).toBe(whole?.id);
    expect(whole?.parent).toBeNull();
    const back = play([r.events(0, { type: "history/moved", from: "root", to: "0", toStep: 15 })], start);
    expect(back.branches.map((b) => [b.node, b.parent])).toEqual([["1", null]]);
    expect(stepsOf(back)).toEqual(range(1, 15));
  });

  it("an earlier snapshot stays what it was", () => {
    const { s, r } = undone();
    const before = stepsOf(s);
    const first = play([r.steps(11, 14, () => 1)], s);
    const second = play([r.steps(11, 14, () => 2)], s);
    expect(stepsOf(s)).toEqual(before);
    expect([...column(first.train, "loss")].slice(-4)).toEqual([1, 1, 1, 1]);
    expect([...column(second.train, "loss")].slice(-4)).toEqual([2, 2, 2, 2]);
  });

  it("steps repeated after a lost device replace the first ones", () => {
    const r = recorder();
    const s = play([
      r.events(0, STARTED),
      r.steps(1, 20),
      { type: "device-lost", run: RUN, message: "The GPU was taken away.", restored: true },
    ]);
    expect(s.lost?.restored).toBe(true);
    const on = play([r.steps(15, 25, () => 9)], s);
    expect(stepsOf(on)).toEqual(range(1, 25));
    expect(column(on.train, "loss")[14]).toBe(9);
    expect(on.lost).toBeNull();
  });

  it("records edits, refusals, samples, gauges, notices and the end", () => {
    const r = recorder();
    const s = play([
      r.events(0, STARTED),
      r.steps(1, 4),
      r.events(
        4,
        { type: "edit", path: "optim.lr", value: 0.001, before: 0.002 },
        {
          type: "structure/refused",
          kind: "grow",
          method: "cascade",
          by: "hand",
          message: "Not grown: no room.",
        },
        { type: "sample", prompt: "the", text: "whale", temperature: 0 },
        { type: "gauge", trigger: "plateau", label: "gain", value: 0.047, limit: 0.025 },
        { type: "notice", text: "Hello." },
        { type: "run/ended", reason: "diverged", message: "The loss stopped being a number at step 4." },
      ),
    ]);
    expect(s.live).toEqual({ "optim.lr": 0.001 });
    expect(s.refusal).toMatchObject({ about: "growth", message: "Not grown: no room." });
    expect(s.samples).toEqual([{ step: 4, prompt: "the", text: "whale", temperature: 0 }]);
    expect(s.gauge).toEqual({
      trigger: "plateau",
      label: "gain",
      limit: 0.025,
      points: [{ step: 4, value: 0.047 }],
    });
    expect(s.said.map((note) => note.text)).toEqual(["Hello."]);
    expect(s.ended?.reason).toBe("diverged");
    expect(s.marks.map((m) => m.kind)).toEqual(["edit", "refused", "diverged"]);
    expect(s.marks[0]?.label).toBe("learning rate .002 → .001");
    const refused = play([{ type: "refused", run: RUN, command: "goto", message: "That state is gone." }], {
      ...s,
      moving: "gone",
    });
    expect(refused.moving).toBeNull();
    expect(refused.refusal).toMatchObject({ about: "goto", message: "That state is gone." });
  });

  it("progress goes when it is done, and when the run stands", () => {
    const half = play([{ type: "progress", what: "kernels", label: "kernels", done: 14, total: 23 }]);
    expect(half.progress?.done).toBe(14);
    expect(
      play([{ type: "progress", what: "kernels", label: "kernels", done: 23, total: 23 }], half).progress,
    ).toBeNull();
    expect(play([state({ phase: "compiling" })], half).progress?.done).toBe(14);
    expect(play([state({ phase: "paused" })], half).progress).toBeNull();
  });

  it("however the steps are cut into messages, the session is the same", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 }), (sizes) => {
        const total = sizes.reduce((a, b) => a + b, 0);
        const one = recorder();
        const many = recorder();
        let from = 1;
        const messages = sizes.map((size) => {
          const message = many.steps(from, from + size - 1);
          from += size;
          return message;
        });
        const whole = play([one.steps(1, total)]);
        const parts = play(messages);
        for (const name of ["step", "tokens", "flops", "seconds", "loss"] as const) {
          expect([...column(parts.train, name)]).toEqual([...column(whole.train, name)]);
        }
        expect(parts.clock).toEqual(whole.clock);
      }),
      { numRuns: 50 },
    );
  });

  it("a state with unknown nodes does not hang", () => {
    const s = play([state({ nodes: [node("a", "b", 0), node("b", "a", 0)] })]);
    const r = recorder();
    const moved = play([r.events(0, { type: "history/moved", from: "a", to: "b", toStep: 0 })], {
      ...s,
      moving: "b",
    });
    expect(moved.moving).toBeNull();
    expect(moved.train.length).toBe(emptySeries().length);
  });
});
