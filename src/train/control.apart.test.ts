/**
 * Looking ahead and going back: a preview leaves no trace, and a rule that looks at evaluations takes its last event back
 * when it was one too many, also from a link.
 */
import { beforeAll, describe, expect, it } from "vitest";
import type { StructureMethod, TriggerMethod } from "../methods/types.ts";
import { actions, triggers } from "../run/registries.ts";
import { type Driven, drive, eventsOf, interpreter, losses, timeless, tinyConfig } from "../testing/runs.ts";

const until: TriggerMethod = {
  kind: "trigger",
  id: "test-until",
  label: "",
  summary: "",
  schema: { limit: { kind: "float", label: "Loss", default: 3, min: 0, max: 9 } },
  paper: null,
  needs: "eval",
  applies: () => true,
  start: () => ({ seen: 0 }),
  /** Acts at the first three evaluations, and goes back at the fourth. */
  observe: (state, { loss }) => {
    const seen = (state.seen as number) + (Number.isFinite(loss) ? 1 : 0);
    return { state: { seen }, fire: seen < 4 ? true : seen === 4 ? "back" : false };
  },
  reset: (state) => state,
};

beforeAll(() => {
  (triggers as Map<string, TriggerMethod>).set(until.id, until);
});

const config = (change: object = {}) =>
  tinyConfig({
    budget: { unit: "steps", amount: 60 },
    eval: { every: 10, batches: 1 },
    recipe: [{ trigger: { id: until.id }, action: { id: "cascade", cells: 4 } }],
    ...change,
  });

async function finish({ trainer }: Driven): Promise<void> {
  while (trainer.phase === "ready") await trainer.advance(1000);
}

describe("a rule that looks at evaluations", () => {
  it("acts eight steps after each, goes back to before its last event, and then rests", async () => {
    const driven = await drive(config(), interpreter());
    const { trainer, events } = driven;
    await finish(driven);
    const done = eventsOf(events, "structure/done");
    expect(done.map(({ step }) => step)).toEqual([8, 18, 28]);
    const [moved] = eventsOf(events, "history/moved");
    expect(moved).toMatchObject({ to: done[2]!.parent, toStep: 28 });
    expect(eventsOf(events, "eval").filter(({ step }) => step === 30)).toHaveLength(2);
    expect(trainer.core.network.arch.blocks).toEqual([6, 4, 4]);
    expect(trainer.step).toBe(60);
    expect(trainer.recipe.at(-1)).toEqual({
      trigger: { id: "step", step: 28 },
      action: { id: "rest", of: 0 },
    });

    // However late its figures come, the same; and the link goes straight to where the run went back to.
    let n = 0;
    const late = await drive(
      config(),
      interpreter(() => new Promise((go) => setTimeout(go, (n++ * 7919) % 5))),
    );
    await finish(late);
    expect(late.events.map(timeless)).toEqual(events.map(timeless));
    const replay = await drive(config({ recipe: trainer.recipe }), interpreter());
    await finish(replay);
    expect(losses(replay.events)).toEqual(losses(events));
    expect(eventsOf(replay.events, "history/moved")).toEqual([]);
    expect(replay.trainer.recipe).toEqual(trainer.recipe);
  });

  it("says so where the state is no longer kept, and goes on", async () => {
    const driven = await drive(config(), interpreter());
    await driven.trainer.advance(30);
    const saved = await drive(config(), interpreter(), await driven.trainer.snapshot());
    await finish(saved);
    expect(eventsOf(saved.events, "structure/refused").map(({ message }) => message)).toEqual([
      "Not taken back: the state before the last event of Cascade is no longer kept. Training goes on.",
    ]);
    expect(saved.trainer.step).toBe(60);
  });
});

describe("a preview", () => {
  it("gives the figures that the event then has, and leaves no trace", async () => {
    const plain = await drive(config({ recipe: [] }), interpreter());
    await finish(plain);
    const backend = interpreter();
    const driven = await drive(config({ recipe: [] }), backend);
    const { trainer, events } = driven;
    await trainer.advance(12);
    await trainer.settled();
    const [held, said] = [backend.bytes, events.length];
    const action = { id: "fully-connected", cells: 5 };
    const seen = await trainer.preview(action);
    await expect(trainer.preview({ id: "remove-block" })).rejects.toThrow("the network has one block only");
    await expect(trainer.preview({ id: "cascade", cells: 1 })).rejects.toThrow("cascade.cells is 1");
    expect([backend.bytes, events.length]).toEqual([held, said]);
    await finish(driven);
    expect(losses(events)).toEqual(losses(plain.events));
    await trainer.goto("start");
    await trainer.advance(12);
    trainer.act(action);
    await trainer.advance(0);
    expect(eventsOf(events, "structure/done")[0]).toMatchObject(seen);
    expect(seen).toMatchObject({ sizeAfter: "11 cells in 2 blocks", activeAfter: expect.any(Number) });
  });

  it("is none where gradients must be gathered first", async () => {
    const windowed = { ...actions.get("freeze")!, id: "test-window", window: () => 4 } as StructureMethod;
    (actions as Map<string, StructureMethod>).set(windowed.id, windowed);
    const { trainer } = await drive(config({ recipe: [] }), interpreter());
    await expect(trainer.preview({ id: windowed.id })).rejects.toThrow(
      "No preview: Freeze needs the gradients of 4 steps first.",
    );
    (actions as Map<string, StructureMethod>).delete(windowed.id);
  });
});
