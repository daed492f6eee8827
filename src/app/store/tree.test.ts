import { describe, expect, it } from "vitest";
import { anatomyOf } from "../../run/drawn.ts";
import type { WorkerMessage } from "../../run/messages.ts";
import { CONFIG, grew, node, RUN, recorder, STARTED, state } from "./recorded.ts";
import { reduce } from "./reduce.ts";
import { append, emptySeries } from "./series.ts";
import { emptySession, type Session, startedSession } from "./session.ts";
import { archAt, lossesBetween, markWith, SPARK, type TreeLine, treeOf } from "./tree.ts";

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

describe("the two networks of a growth", () => {
  const gpt = {
    ...CONFIG,
    model: { ...CONFIG.model, id: "gpt", layers: 1, width: 8, heads: 2, maxLayers: 12 },
  };
  const feeds = { layers: [[1], [1]], groups: null };
  const arch = { layers: 2 };

  it("are drawn from the values at its parent and its own, also where it has been undone", () => {
    const r = recorder();
    const moved = { type: "history/moved", from: "n4", to: "n1", toStep: 3 } as const;
    const s = play([
      r.events(0, { ...STARTED, config: gpt } as typeof STARTED),
      state({ nodes: [node("start", null, 0)], now: "start" }),
      r.steps(1, 3),
      r.events(3, grew("n2", "n1", { arch, feeds })),
      r.steps(4, 5),
      r.events(5, grew("n4", "n3", { arch: { layers: 4 } })),
      state({
        nodes: [node("n1", "start", 3), node("n2", "n1", 3), node("n3", "n2", 5), node("n4", "n3", 5)],
      }),
      r.events(5, moved),
    ]);
    expect(s.marks.map(({ kind }) => kind)).toEqual(["undo"]);
    expect(archAt(s, "n1")).toBe(gpt.model);
    expect(archAt(s, "n3")).toEqual(arch);
    const tiers = (of: string) => anatomyOf(gpt, archAt(s, of)).tiers.map(({ name }) => name);
    expect([tiers("n1"), tiers("n3")]).toEqual([["Layer 1"], ["Layer 1", "Layer 2"]]);
  });

  it("keep what was last seen of the first one, until the next growth that says what it fed", () => {
    const r = recorder();
    const seen = (step: number) =>
      ({ type: "view", view: { run: RUN, step, tiles: {}, lens: null } }) as WorkerMessage;
    const s = play([
      r.events(0, STARTED),
      state({}),
      seen(2),
      r.events(3, grew("n2", "n1", { feeds })),
      seen(4),
      r.events(5, grew("n4", "n3")),
    ]);
    expect(s.source).toMatchObject({ mark: s.marks[0]!.id, view: { step: 2 } });
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

  it("waits on while a newer request is refused at once, and is marked apart when it is given up", () => {
    const r = recorder();
    const asked = ["mango", "stack"].map((method) => ({ method, predicted: null }));
    const before = { ...play([r.events(0, STARTED), state({}), r.steps(1, 3)]), asked };
    const message = "Not grown: another growth is under way.";
    const one = reduce(before, { type: "refused", run: RUN, command: "act", method: "stack", message });
    expect(one.asked).toEqual([asked[0]]);
    const refused = { kind: "grow", method: "mango", by: "hand", message: "Not grown: given up." } as const;
    const given = reduce(one, r.events(3, { type: "structure/refused", ...refused, givenUp: true }));
    expect(given.asked).toEqual([]);
    expect(given.marks.map(({ kind }) => kind)).toEqual(["given-up"]);
  });
});
