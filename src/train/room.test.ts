/** A device without room for arrays: whatever asked for them is refused with a sentence, and nothing is left or lost. */
import { describe, expect, it } from "vitest";
import { NoRoom } from "../engine/no-room.ts";
import type { Backend } from "../engine/types.ts";
import { drive, eventsOf, interpreter, losses, tinyConfig } from "../testing/runs.ts";

/** An interpreter that says, at the n-th time from `fail(n)` on, that the last arenas are not there. */
function tight() {
  const inner = interpreter();
  let left = Number.POSITIVE_INFINITY;
  const backend: Backend = {
    ...inner,
    get bytes() {
      return inner.bytes;
    },
    async room() {
      if (--left === 0)
        throw new NoRoom("This GPU has no room for that: params needs 9.0 MiB, and less is free.");
    },
  };
  return {
    backend,
    fail: (n: number) => {
      left = n;
    },
    /** The fault has happened. */
    happened: () => left <= 0,
  };
}

const grow = { id: "cascade", cells: 4 };

describe("without room", () => {
  it("a growth is refused wherever it is noticed, and training is as without it", async () => {
    const plain = await drive(tinyConfig(), interpreter());
    while (plain.trainer.phase === "ready") await plain.trainer.advance(1000);
    const { backend, fail, happened } = tight();
    const { trainer, events } = await drive(tinyConfig(), backend);
    await trainer.advance(10);
    await trainer.settled();
    const held = backend.bytes;
    let refused = 0;
    for (let n = 1; ; n++) {
      fail(n);
      trainer.act(grow);
      await trainer.advance(0);
      if (!happened()) break;
      refused++;
      expect(backend.bytes, `at the ${n}th`).toBe(held);
      expect(eventsOf(events, "structure/refused").at(-1)!.message).toBe(
        "Not grown: this GPU has no room for that: params needs 9.0 MiB, and less is free. Training goes on.",
      );
    }
    // The ages of the old network, its new arrays, the new network, the copy for the history.
    expect(refused).toBe(4);
    expect(eventsOf(events, "structure/done")).toHaveLength(1);
    fail(Number.POSITIVE_INFINITY);
    await trainer.goto(eventsOf(events, "structure/done")[0]!.parent);
    while (trainer.phase === "ready") await trainer.advance(1000);
    expect(losses(events)).toEqual(losses(plain.events));
    trainer.dispose();
    expect(backend.bytes).toBe(0);
  });

  it("an undo is refused and the run stays where it is; a checkpoint is left out; a run is not opened", async () => {
    const { backend, fail } = tight();
    const { trainer, events } = await drive(tinyConfig({ budget: { unit: "steps", amount: 110 } }), backend);
    await trainer.advance(5);
    trainer.act(grow);
    await trainer.advance(3);
    await trainer.settled();
    const held = backend.bytes;
    for (const n of [1, 2, 3]) {
      fail(n);
      await expect(trainer.goto("start"), `at the ${n}th`).rejects.toThrow("no room");
      expect(trainer.step).toBe(8);
      // What was left is kept from the second try on: it is a node by then.
      expect(backend.bytes).toBeGreaterThanOrEqual(held);
    }
    const now = backend.bytes;
    await trainer.advance(91);
    fail(1);
    await trainer.advance(5);
    await trainer.settled();
    expect(backend.bytes).toBe(now);
    expect(eventsOf(events, "step").at(-1)!.step).toBe(104);
    trainer.dispose();
    expect(backend.bytes).toBe(0);
    for (const n of [1, 2, 3]) {
      fail(n);
      await expect(drive(tinyConfig(), backend)).rejects.toThrow("no room");
      expect(backend.bytes).toBe(0);
    }
  });
});
