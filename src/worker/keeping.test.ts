import { describe, expect, it } from "vitest";
import { Keeping } from "./keeping.ts";

function run(cost: number) {
  let now = 0;
  const over: (ArrayBuffer | null)[] = [];
  const keeping = new Keeping(() => now);
  keeping.begin();
  const copied = {
    settled: async () => {
      now += 5; // steps that were on their way
    },
    snapshot: async (again: ArrayBuffer | null) => {
      now += cost;
      over.push(again);
      return new ArrayBuffer(1);
    },
  };
  const dueAfter = async () => {
    await keeping.copy(copied);
    const since = now;
    while (!keeping.due) now += 1;
    return now - since;
  };
  return { keeping, dueAfter, copied, over };
}

describe("copies against the loss of the device", () => {
  it("come every half minute while they cost next to nothing", async () => {
    expect(await run(0.01).dueAfter()).toBe(30);
  });

  it("take a hundredth of the time where they cost more, and are never older than a minute", async () => {
    expect(await run(0.5).dueAfter()).toBe(50);
    expect(await run(20).dueAfter()).toBe(60);
  });

  it("are written over the one before last, and never over the last", async () => {
    const { keeping, copied, over } = run(0.01);
    const made: ArrayBuffer[] = [];
    for (let i = 0; i < 4; i++) made.push(await keeping.copy(copied));
    // By identity: the bytes of all are equal.
    expect(over.map((again) => (again === null ? null : made.indexOf(again)))).toEqual([null, null, 0, 1]);
    keeping.begin();
    await keeping.copy(copied);
    expect(over[4]).toBe(null);
  });

  it("are due at once after what repeated steps would not bring back", async () => {
    const { keeping, dueAfter } = run(0.5);
    keeping.changed = true;
    expect(keeping.due).toBe(true);
    expect(await dueAfter()).toBe(50);
  });
});
