import { describe, expect, it } from "vitest";
import type { WorkerMessage } from "../../run/messages.ts";
import { CONFIG, grew, node, RUN, recorder, STARTED, state } from "./recorded.ts";
import { reduce } from "./reduce.ts";
import { append, emptySeries } from "./series.ts";
import { emptySession, type Session, startedSession } from "./session.ts";
import { lossesBetween, markWith, SPARK, type TreeLine, treeOf } from "./tree.ts";

const play = (messages: readonly WorkerMessage[]): Session =>
  messages.reduce(reduce, startedSession(emptySession(), RUN, CONFIG));

/** "start(10) n2(5) [n3]": nodes with how many losses come after them, branches in brackets. */
function drawn({ nodes, before, branches }: TreeLine): string {
  const inner = (lines: readonly TreeLine[]) => lines.map((line) => ` [${drawn(line)}]`).join("");
  return [
    ...(before.length > 0 ? [`(${before.length})`] : []),
    ...nodes.map((each) => `${each.node}(${each.after.length})${inner(each.branches)}`),
    ...branches.map((line) => inner([line]).trim()),
  ].join(" ");
}

describe("the tree of what was done", () => {
  it("has the losses after each event, and what was undone under the node it leaves from", () => {
    const r = recorder();
    const grown = [
      r.events(0, STARTED),
      state({ nodes: [node("start", null, 0)], now: "start" }),
      r.steps(1, 10),
      r.events(10, grew("n2", "n1")),
      r.steps(11, 15),
    ];
    expect(drawn(treeOf(play(grown)))).toBe("start(10) n2(5)");

    const undone = [...grown, r.events(15, { type: "history/moved", from: "n3", to: "n1", toStep: 10 })];
    expect(drawn(treeOf(play(undone)))).toBe("start(10) [n2(5)]");
    expect(treeOf(play(undone)).nodes[0]!.branches[0]!.branch!.ahead).toBe(true);

    const on = [...undone, r.steps(11, 13), r.events(13, grew("n4", "n5")), r.steps(14, 20)];
    expect(drawn(treeOf(play(on)))).toBe("start(13) [n2(5)] n4(7)");
    // Back to the start: the line that is left takes its own branch along.
    const back = [...on, r.events(20, { type: "history/moved", from: "n6", to: "start", toStep: 0 })];
    const session = play([...back, r.steps(1, 4)]);
    expect(drawn(treeOf(session))).toBe("start(4) [(13) n4(7) [n2(5)]]");
    // An event on another branch still has its record.
    const mark = session.branches.flatMap(({ marks }) => marks).find((each) => each.node === "n4")!;
    expect(markWith(session, mark.id)).toBe(mark);
    expect(markWith(session, "nobody")).toBeNull();
  });

  it("draws any number of losses small, each of them counted once", () => {
    const row = (step: number) => ({ step, tokens: 0, flops: 0, seconds: 0, loss: step });
    const series = append(
      emptySeries(),
      Array.from({ length: 1000 }, (_, i) => row(i + 1)),
    );
    expect(lossesBetween(series, 0, 5)).toEqual([1, 2, 3, 4, 5]);
    expect(lossesBetween(series, 997, Number.POSITIVE_INFINITY)).toEqual([998, 999, 1000]);
    const many = lossesBetween(series, 100, 1000);
    expect(many).toHaveLength(SPARK);
    expect(many[0]).toBeGreaterThan(100);
    expect(many.at(-1)).toBeLessThanOrEqual(1000);
    expect(many.every((value, i) => i === 0 || value > many[i - 1]!)).toBe(true);
    expect(lossesBetween(series, 1000, 2000)).toEqual([]);
  });
});

describe("what was asked for by hand", () => {
  const outcome = { lossBefore: 2, lossAfter: 2.01 } as unknown as NonNullable<
    Session["asked"][number]["predicted"]
  >;

  it("gives its prediction to the event that answers it, and to no other", () => {
    const r = recorder();
    const asked = [
      { method: "cascade", predicted: outcome },
      { method: "magnitude", predicted: null },
    ];
    const before = { ...play([r.events(0, STARTED), state({}), r.steps(1, 3)]), asked };
    const byRule = reduce(before, r.events(3, grew("n2", "n1", { by: "plateau" })));
    expect(byRule.marks[0]!.predicted).toBeNull();
    expect(byRule.asked).toHaveLength(2);
    const done = reduce(byRule, r.events(3, grew("n4", "n3")));
    expect(done.marks[1]!.predicted).toBe(outcome);
    expect(done.asked).toEqual([asked[1]]);
    const refused = reduce(
      done,
      r.events(3, {
        type: "structure/refused",
        kind: "prune",
        method: "magnitude",
        by: "hand",
        message: "Not pruned: nothing is old enough.",
      }),
    );
    expect(refused.asked).toEqual([]);
  });
});
